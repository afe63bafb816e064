import { DECIMATORS } from '../../decimator.ts';
import * as at from '../layout.ts';

const f = Math.fround;

/** Samples that the decimator looks back on: twice its delay. */
function historyOf(factor: number): number {
  return 2 * DECIMATORS[factor as 1 | 2 | 3].delaySamples;
}

/** Empties the input: its history is silence. */
export function beginInput(n: Int32Array, s: number, factor: number): void {
  n[s + at.FACTOR / 4] = factor;
  n[s + at.INPUT_FILL / 4] = historyOf(factor);
}

/** Takes a hop of core samples from the input into `NEWEST`, if there is a whole one. */
export function takeHop(x: Float32Array, n: Int32Array, shorts: Int16Array, s: number): boolean {
  const factor = n[s + at.FACTOR / 4]!;
  const from = n[s + at.INPUT_FROM / 4]!;
  const fill = n[s + at.INPUT_FILL / 4]!;
  const samples = factor * at.KERNEL_HOP_SAMPLES;
  const history = historyOf(factor);
  const input = 2 * s + at.INPUT / 2;
  if (fill - from < history + samples) {
    shorts.copyWithin(input, input + from, input + fill);
    n[s + at.INPUT_FILL / 4] = fill - from;
    n[s + at.INPUT_FROM / 4] = 0;
    return false;
  }
  const first = input + from;
  for (let i = first + history; i < first + history + samples; i += 1) countSilence(n, s, shorts[i]!);
  for (let m = 0; m < at.KERNEL_HOP_SAMPLES; m += 1) {
    const centre = first + history / 2 + factor - 1 + factor * m;
    x[s + at.NEWEST / 4 + m] = filtered(x, shorts, centre, factor);
  }
  n[s + at.INPUT_FROM / 4] = from + samples;
  return true;
}

function countSilence(n: Int32Array, s: number, sample: number): void {
  const silence = n[s + at.SILENCE / 4]!;
  if (sample !== 0 && silence >= at.SILENCE_MIN) n[s + at.LAST_SILENCE / 4] = silence;
  n[s + at.SILENCE / 4] = sample === 0 ? silence + 1 : 0;
}

/** One core sample; weights of zero are left out, as in the vector code. */
function filtered(x: Float32Array, shorts: Int16Array, centre: number, factor: number): number {
  if (factor === 1) return shorts[centre]!;
  const weights = (at.DECIMATION + (factor - 2) * at.DECIMATION_BYTES) / 4;
  let sum = f(x[weights]! * shorts[centre]!);
  for (let k = 1; k < at.DECIMATION_BYTES / 4; k += 1) {
    if (x[weights + k] === 0) continue;
    sum = f(sum + f(x[weights + k]! * (shorts[centre - k]! + shorts[centre + k]!)));
  }
  return sum;
}
