/** Null if it is not set, undefined if it is wrong. */
export function parseBaseUrl(text: string | undefined): string | null | undefined {
  if (text === undefined) return null;
  const url = URL.parse(text);
  const isRight =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.username + url.password + url.search + url.hash === '' &&
    /^[!-~]+$/.test(text);
  return isRight ? url.href.replace(/\/+$/, '') : undefined;
}
