import { LEAST_BALANCE, LEAST_PEAK, TONES_HZ, turnOf } from './key-pairs.ts';
import { BAND_RATE_HZ } from './low-band.ts';
import { PairFit } from './pair-fit.ts';
import type { Stretch } from './stretch.ts';

/** Resolution of the search: 1 ms. */
const BLOCK_SAMPLES = 8;
const TONES = TONES_HZ.length;

/** All tones are whole Hz, so that one second of each is a period. */
const COSINE = Float32Array.from({ length: BAND_RATE_HZ }, (_, n) => Math.cos(turnOf(n)));

/**
 * Looks at every millisecond, longest first. Over 8 ms a pair must be nearly pure, since a vowel sometimes resembles
 * one for that long; 24 ms of voice never do, so that a whole press is found under noise and codec distortion too.
 * `pairShare` is of the energy at the frequencies that fit best, `worthShare` at the nominal ones: 1.8 % of offset leave
 * a quarter of a tone's energy over 24 ms.
 */
const LOOKS = [
  { lengthMs: 24, pairShare: 0.83, partMs: 12, worthShare: 0.45 },
  { lengthMs: 12, pairShare: 0.93, partMs: 12, worthShare: 0.55 },
  { lengthMs: 8, pairShare: 0.96, partMs: 8, worthShare: 0.75 },
] as const;

/** Receivers take 1.8 % (ITU-T Q.24, NTT); noise of 13 dB moves the frequency of 8 ms by 0.3 % more. */
const OFFSET_MAX = 0.021;

/** Within a press the next look is a quarter of its length on; the shorter ones find the edges. */
const STRIDES = 4;

/** Whole presses and remnants from 8 ms on, whatever is beside them. */
export function findPresses(samples: ArrayLike<number>, report: (stretch: Stretch) => void): void {
  const sums = correlate(samples);
  const fit = new PairFit();
  for (const { lengthMs, pairShare, partMs, worthShare } of LOOKS) {
    let next = lengthMs;
    for (let to = lengthMs; to <= sums.count; to += 1) {
      if (to < next) continue;
      const key = keyIn(sums, to - partMs, to, worthShare);
      if (key < 0 || key !== keyIn(sums, to - lengthMs, to - lengthMs + partMs, worthShare)) continue;
      const start = (to - lengthMs) * BLOCK_SAMPLES;
      const end = to * BLOCK_SAMPLES;
      fit.start(samples, start, end, key);
      fit.settle(samples, start, end);
      if (fit.residual > (1 - pairShare) * fit.energy || !isReadable(fit)) continue;
      report({ start, end, key, evidence: fit.evidence });
      next = to + lengthMs / STRIDES;
    }
  }
}

function isReadable({ rowPower, columnPower, offset }: PairFit): boolean {
  const weaker = Math.min(rowPower, columnPower);
  if (offset > OFFSET_MAX) return false;
  return weaker >= (LEAST_PEAK * LEAST_PEAK) / 2 && weaker >= LEAST_BALANCE * Math.max(rowPower, columnPower);
}

/** Sums over all blocks before each block: cosine and sine parts of every tone, and energy. */
interface Sums {
  readonly count: number;
  readonly cosine: Float64Array;
  readonly sine: Float64Array;
  readonly energy: Float64Array;
}

function correlate(samples: ArrayLike<number>): Sums {
  const count = Math.floor(samples.length / BLOCK_SAMPLES);
  const cosine = new Float64Array((count + 1) * TONES);
  const sine = new Float64Array((count + 1) * TONES);
  const energy = new Float64Array(count + 1);
  for (let block = 0; block < count; block += 1) {
    const first = block * BLOCK_SAMPLES;
    let sum = 0;
    for (let n = first; n < first + BLOCK_SAMPLES; n += 1) sum += samples[n]! * samples[n]!;
    energy[block + 1] = energy[block]! + sum;
    for (let tone = 0; tone < TONES; tone += 1) {
      const hz = TONES_HZ[tone]!;
      let c = 0;
      let s = 0;
      for (let n = first; n < first + BLOCK_SAMPLES; n += 1) {
        const turn = (n * hz) % BAND_RATE_HZ;
        c += samples[n]! * COSINE[turn]!;
        s += samples[n]! * COSINE[(turn + (3 * BAND_RATE_HZ) / 4) % BAND_RATE_HZ]!;
      }
      const at = (block + 1) * TONES + tone;
      cosine[at] = cosine[at - TONES]! + c;
      sine[at] = sine[at - TONES]! + s;
    }
  }
  return { count, cosine, sine, energy };
}

/** The strongest row and column of blocks [from, to) if they have the given share of the energy; else -1. */
function keyIn(sums: Sums, from: number, to: number, share: number): number {
  const length = (to - from) * BLOCK_SAMPLES;
  const energy = sums.energy[to]! - sums.energy[from]!;
  // Two tones at the least level carry this much; most of a recording ends here.
  if (energy < LEAST_PEAK * LEAST_PEAK * length) return -1;
  const row = strongest(sums, from, to, 0);
  const column = strongest(sums, from, to, TONES / 2);
  const pair = (2 * (squareOf(sums, from, to, row) + squareOf(sums, from, to, column))) / length;
  return pair >= share * energy ? 4 * row + column - TONES / 2 : -1;
}

function strongest(sums: Sums, from: number, to: number, first: number): number {
  let best = first;
  let most = -1;
  for (let tone = first; tone < first + TONES / 2; tone += 1) {
    const square = squareOf(sums, from, to, tone);
    if (square <= most) continue;
    most = square;
    best = tone;
  }
  return best;
}

function squareOf({ cosine, sine }: Sums, from: number, to: number, tone: number): number {
  const c = cosine[to * TONES + tone]! - cosine[from * TONES + tone]!;
  const s = sine[to * TONES + tone]! - sine[from * TONES + tone]!;
  return c * c + s * s;
}
