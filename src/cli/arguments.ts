import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { BadInput } from './command.ts';

/** `parseArgs` of Node whose complaints are `BadInput` of one line. */
export function parseArguments<T extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    if (error instanceof TypeError) throw new BadInput(firstSentence(error.message), { cause: error });
    throw error;
  }
}

/** The value, if it is one of the allowed words. */
export function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((word) => word === value);
  if (found === undefined) throw new BadInput(`--${name}: expected ${allowed.join(' or ')}`);
  return found;
}

/** A plain decimal number within bounds. */
export function numberWithin(name: string, value: string, low: number, high: number): number {
  const number = /^\d+(\.\d+)?$/.test(value) ? Number(value) : NaN;
  if (!(number >= low && number <= high))
    throw new BadInput(`--${name}: expected a number from ${low} to ${high}`);
  return number;
}

function firstSentence(text: string): string {
  const end = text.indexOf('. ');
  return end < 0 ? text : text.slice(0, end);
}
