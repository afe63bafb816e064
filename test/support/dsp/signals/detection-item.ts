import { throughCodec } from '../codecs.ts';
import type { Codec } from '../codecs.ts';
import { toInt16 } from '../key-tones.ts';
import type { Press } from '../key-tones.ts';
import { pressedLine, randomOf, shuffledKeys } from './pressed.ts';
import type { PressedLine } from './pressed.ts';
import type { Requirement, ScoredPress } from './requirement.ts';

/** One signal and what a document demands of a receiver that hears it. */
export interface DetectionItem {
  readonly id: string;
  readonly what: string;
  readonly requirement: Requirement;
  readonly codec?: Codec;
  readonly make: (rateHz: number, seed: number, pressesPerKey?: number) => DetectionSignal;
}

export interface DetectionSignal {
  readonly samples: Int16Array;
  readonly presses: readonly ScoredPress[];
}

export const EVERY_KEY: Requirement = { kind: 'every key once' };
export const NO_REPORT: Requirement = { kind: 'no report' };
export const NO_KEY_TWICE: Requirement = { kind: 'no key twice' };
export const NONE: Requirement = { kind: 'none' };
export const atLeast = (of160: number, isExact = false): Requirement => ({
  kind: 'at least',
  of160,
  isExact,
});

/** Presses per key in every item that is not a sweep. */
const PRESSES_PER_KEY = 10;

interface Recipe {
  readonly press?: Partial<Press>;
  /** For presses that differ. */
  readonly presses?: (
    random: () => number,
    pressesPerKey: number,
  ) => { digit: string; press: Partial<Press>; value?: number }[];
  readonly jitterMs?: number;
  readonly floorDbm0?: number | null;
  readonly after?: (
    signal: Float64Array,
    context: { rateHz: number; random: () => number; presses: readonly ScoredPress[] },
  ) => Float64Array;
  readonly codec?: Codec;
}

/** `id` names the item and seeds its random numbers. */
export function item(id: string, what: string, requirement: Requirement, recipe: Recipe = {}): DetectionItem {
  const make = (rateHz: number, seed: number, pressesPerKey = PRESSES_PER_KEY): DetectionSignal => {
    const random = randomOf(id, seed);
    const keyed =
      recipe.presses?.(random, pressesPerKey) ??
      shuffledKeys(pressesPerKey, random).map((digit) => ({ digit, press: recipe.press ?? {} }));
    const setting: PressedLine = {
      rateHz,
      random,
      digits: keyed.map(({ digit }) => digit),
      press: (i) => keyed[i]!.press,
      ...(recipe.jitterMs === undefined ? {} : { jitterMs: recipe.jitterMs }),
      ...(recipe.floorDbm0 === undefined ? {} : { floorDbm0: recipe.floorDbm0 }),
    };
    const { signal, presses: placed } = pressedLine(setting);
    const presses = placed.map(({ digit, onset, end }, i) => {
      const { value } = keyed[i] as { value?: number };
      return { digit, onset, end, ...(value === undefined ? {} : { value }) };
    });
    const heard = toInt16(recipe.after?.(signal, { rateHz, random, presses }) ?? signal);
    const { codec } = recipe;
    return { samples: codec === undefined ? heard : throughCodec(heard, codec, rateHz), presses };
  };
  return { id, what, requirement, make, ...(recipe.codec === undefined ? {} : { codec: recipe.codec }) };
}

export const tones = (rowDbm0: number, columnDbm0 = rowDbm0): Partial<Press> => ({ rowDbm0, columnDbm0 });
export const off = (rowOffset: number, columnOffset: number): Partial<Press> => ({ rowOffset, columnOffset });
export const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));
export const SHORT = { toneMs: 40 } as const;
