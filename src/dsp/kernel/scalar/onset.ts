import * as look from '../first-look.ts';
import * as at from '../layout.ts';
import { log10Of } from './lanes.ts';
import { completeSums, INNOVATION, RAW } from './pair-fits.ts';

const f = Math.fround;
const SAMPLES = at.TWO_HOPS_SAMPLES;

/** Ring slot `lag` hops before `slot`. */
export function earlier(slot: number, lag: number): number {
  return slot < lag ? slot - lag + at.RING_HOPS : slot - lag;
}

/** Are the 4 ms that end `lag` hops before the newest loud enough to matter? */
export function isLoud(x: Float32Array, n: Int32Array, s: number, lag: number): boolean {
  const slot = n[s + at.SLOT / 4]!;
  const energies = s + at.RAW_ENERGY / 4;
  const energy = x[energies + earlier(slot, lag)]! + x[energies + earlier(slot, lag + 1)]!;
  return f(energy) >= look.LEAST_POWER * SAMPLES;
}

/** Could a tone have begun in the last 4 ms, or one that crept in be there? */
export function hasOnset(x: Float32Array, n: Int32Array, s: number): boolean {
  const now = s + n[s + at.SLOT / 4]!;
  const last = s + earlier(n[s + at.SLOT / 4]!, 1);
  completeSums(x, n, s, RAW, 2);
  const rawEnergy = f(x[now + at.RAW_ENERGY / 4]! + x[last + at.RAW_ENERGY / 4]!);
  const share = toneShare(x, n, s, at.RAW_SUMS, rawEnergy);
  const energy = f(x[now + at.INNOVATION_ENERGY / 4]! + x[last + at.INNOVATION_ENERGY / 4]!);
  const peak = Math.max(x[now + at.INNOVATION_PEAK / 4]!, x[last + at.INNOVATION_PEAK / 4]!);
  const surprise = log10Of(f(f(energy / f(x[s + at.EXPECTED / 4]! * SAMPLES)) + f(1e-3)));
  const crest = log10Of(f(f(peak + 1) / f(f(energy / SAMPLES) + 1)));
  const first = f(f(f(look.FIRST_SURPRISE) * surprise) + f(f(look.FIRST_SHARE) * share));
  if (first <= f(look.FIRST_LIMIT)) return false;
  if (share > f(look.STEADY_SHARE)) return true;
  completeSums(x, n, s, INNOVATION, 2);
  const innovationShare = toneShare(x, n, s, at.INNOVATION_SUMS, energy);
  const surpriseAndCrest = f(f(f(look.SECOND_SURPRISE) * surprise) + f(f(look.SECOND_CREST) * crest));
  const shares = f(f(f(look.SECOND_SHARE) * share) + f(f(look.SECOND_INNOVATION_SHARE) * innovationShare));
  return f(surpriseAndCrest + shares) > f(look.SECOND_LIMIT);
}

/** Do the strongest row and the strongest column, both of them, explain the last 8 ms? Looked at every 8 ms. */
export function hasPair(x: Float32Array, n: Int32Array, s: number): boolean {
  if ((n[s + at.HOPS / 4]! & 3) !== 0) return false;
  completeSums(x, n, s, RAW, 2);
  if (!holdsPair(x, n, s, 0)) return false;
  completeSums(x, n, s, RAW, 4);
  return holdsPair(x, n, s, 2);
}

/** The same for the 4 ms that end `lag` hops before the newest. */
function holdsPair(x: Float32Array, n: Int32Array, s: number, lag: number): boolean {
  const slot = earlier(n[s + at.SLOT / 4]!, lag);
  const energies = s + at.RAW_ENERGY / 4;
  const energy = f(x[energies + slot]! + x[energies + earlier(slot, 1)]!);
  const [row, column] = strongest(x, s, at.RAW_SUMS, slot);
  const whole = f(energy * at.KERNEL_HOP_SAMPLES);
  const least = f(whole * f(look.PAIR_LEAST));
  return row > least && column > least && f(row + column) > f(whole * f(look.PAIR_SHARE));
}

/** Share of 4 ms of one signal that its strongest row and its strongest column have, each by itself. */
function toneShare(x: Float32Array, n: Int32Array, s: number, ring: number, energy: number): number {
  const [row, column] = strongest(x, s, ring, n[s + at.SLOT / 4]!);
  const tones = f(row + column);
  return f(f(tones * 2) / f(SAMPLES * f(energy + SAMPLES * look.ROUNDING_NOISE)));
}

/** Highest squared correlation of two hops with a row, and with a column. */
function strongest(x: Float32Array, s: number, ring: number, slot: number): readonly [number, number] {
  const newest = s + ring / 4 + slot * 2 * at.TONES;
  const before = s + ring / 4 + earlier(slot, 1) * 2 * at.TONES;
  const turn = (at.ROTATION + at.SUMS_BYTES) / 4;
  const highest: [number, number] = [0, 0];
  for (let tone = 0; tone < at.TONES; tone += 1) {
    const [c, d] = [x[before + tone]!, x[before + at.TONES + tone]!];
    const [rc, rs] = [x[turn + tone]!, x[turn + at.TONES + tone]!];
    const cosine = f(x[newest + tone]! + f(f(c * rc) + f(d * rs)));
    const sine = f(x[newest + at.TONES + tone]! + f(f(d * rc) - f(c * rs)));
    const group = (tone >> 2) as 0 | 1;
    highest[group] = Math.max(highest[group], f(f(cosine * cosine) + f(sine * sine)));
  }
  return highest;
}
