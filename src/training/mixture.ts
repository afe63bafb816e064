/* oxlint-disable typescript/no-non-null-assertion -- typed-array reads, as in src/dsp. */
import { COLUMN_HZ, peakOfDbm0, ROW_HZ } from '../dsp/constants.ts';
import type { Random } from './random.ts';

const RATE = 8000;

/** A key press in a training signal; times in samples, `end` exclusive. */
export interface Press {
  readonly key: number;
  readonly onset: number;
  readonly end: number;
  /** Power of the pair over the power of what was there before, in dB. */
  readonly ratioDb: number;
  /** Larger of the two frequency offsets, in percent. */
  readonly offsetPercent: number;
}

export interface Mixture {
  readonly samples: Float32Array;
  readonly presses: readonly Press[];
}

export interface PressStyle {
  /** Tone over background in dB, drawn uniformly. */
  readonly ratioDb: readonly [number, number];
  readonly lengthMs: readonly [number, number];
  readonly offsetPercent: number;
  readonly pauseMs: readonly [number, number];
}

/** Levels of a pair stay in what a line carries, in dBm0. */
const PAIR_DBM0 = [-40, -1] as const;

/** Twist in dB, column against row: AT&T's +4/-8 widened to what Brazil and Australia demand. */
const TWIST_DB = [-11, 11] as const;
const TWIST_USUAL_DB = [-6, 4] as const;

/** Attack and decay in samples: most generators switch hard, some ramp over up to 5 ms. */
const RAMPS = [0, 0, 0, 0, 8, 16, 40] as const;

/** Lays key presses over a background at a level relative to what they cover. */
export function pressKeys(background: Float32Array, style: PressStyle, random: Random): Mixture {
  const samples = Float32Array.from(background);
  const presses: Press[] = [];
  let at = RATE / 2;
  while (at < samples.length - RATE) {
    const length = Math.round((random.between(...style.lengthMs) * RATE) / 1000);
    const local = powerDbm0(background, at - 240, at + length);
    const pair = clamp(local + random.between(...style.ratioDb), ...PAIR_DBM0);
    const key = random.integer(16);
    const offsets = [0, 1].map(() => random.between(-style.offsetPercent, style.offsetPercent));
    addPress(samples, at, length, key, pair, offsets, random);
    const offsetPercent = Math.max(...offsets.map(Math.abs));
    presses.push({ key, onset: at, end: at + length, ratioDb: pair - local, offsetPercent });
    at += length + Math.round((random.between(...style.pauseMs) * RATE) / 1000);
  }
  for (let i = 0; i < samples.length; i += 1) samples[i] = clamp(Math.round(samples[i]!), -32768, 32767);
  return { samples, presses };
}

function drawTwist(random: Random): number {
  const [low, high] = random.next() < 0.3 ? TWIST_DB : TWIST_USUAL_DB;
  return random.between(low, high);
}

function addPress(
  samples: Float32Array,
  at: number,
  length: number,
  key: number,
  pairDbm0: number,
  offsetsPercent: readonly number[],
  random: Random,
): void {
  const twist = drawTwist(random);
  const row = pairDbm0 - 10 * Math.log10(1 + 10 ** (twist / 10));
  const ramp = random.pick(RAMPS);
  const tones = [
    { hz: ROW_HZ[key >> 2]!, dbm0: row },
    { hz: COLUMN_HZ[key & 3]!, dbm0: row + twist },
  ];
  for (const [i, tone] of tones.entries()) {
    const radians = (2 * Math.PI * tone.hz * (1 + offsetsPercent[i]! / 100)) / RATE;
    const phase = random.between(0, 2 * Math.PI);
    const peak = peakOfDbm0(tone.dbm0);
    for (let n = 0; n < length; n += 1) {
      const edge = Math.min(n, length - 1 - n) + 0.5;
      const gain = edge < ramp ? 0.5 - 0.5 * Math.cos((Math.PI * edge) / ramp) : 1;
      samples[at + n]! += gain * peak * Math.sin(radians * n + phase);
    }
  }
}

/** Level of a stretch as that of a sine with its power, in dBm0. */
function powerDbm0(samples: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += samples[i]! * samples[i]!;
  return 10 * Math.log10((2 * sum) / (to - from) + 1) - 20 * Math.log10(peakOfDbm0(0));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
