/** A phone number in E.164 as others may see it: the first and the last three characters. */
export function maskedNumber(to: string): string {
  return `${to.slice(0, 3)}${'*'.repeat(Math.max(0, to.length - 6))}${to.slice(-3)}`;
}
