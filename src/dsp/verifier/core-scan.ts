import { columnTurn, LEAST_PEAK, rowTurn, TONES_HZ, turnOf } from './key-pairs.ts';

/** 2.5 ms: of a tone of 3 ms, one window on a grid of 0.5 ms lies wholly inside. */
export const CORE_SAMPLES = 20;
const STEP_SAMPLES = 4;

/** Share of the energy that the best pair must have for a closer look. 20 dB of noise leave 97 % at the least. */
const LEAST_SHARE = 0.88;

/** Four numbers per window sample and pair would do; these are the inverse normal equations, cosines and sines apart. */
const INVERSES = Array.from({ length: 16 }, (_, key) => inverseOf(rowTurn(key), columnTurn(key)));
const COSINES = TONES_HZ.map((hz) => waveOf(hz, Math.cos));
const SINES = TONES_HZ.map((hz) => waveOf(hz, Math.sin));

/** Calls `look` with the start of every window of 2.5 ms that a pair makes up, and with that pair's key. */
export function scanCores(samples: ArrayLike<number>, look: (start: number, key: number) => void): void {
  const cosine = new Float64Array(TONES_HZ.length);
  const sine = new Float64Array(TONES_HZ.length);
  const leastEnergy = LEAST_PEAK * LEAST_PEAK * CORE_SAMPLES;
  for (let start = 0; start + CORE_SAMPLES <= samples.length; start += STEP_SAMPLES) {
    let energy = 0;
    for (let n = start; n < start + CORE_SAMPLES; n += 1) energy += samples[n]! * samples[n]!;
    if (energy < leastEnergy) continue;
    correlate(samples, start, cosine, sine);
    const key = bestKey(cosine, sine, LEAST_SHARE * energy);
    if (key >= 0) look(start, key);
  }
}

function correlate(
  samples: ArrayLike<number>,
  start: number,
  cosine: Float64Array,
  sine: Float64Array,
): void {
  for (let tone = 0; tone < TONES_HZ.length; tone += 1) {
    const c = COSINES[tone]!;
    const s = SINES[tone]!;
    let cosineSum = 0;
    let sineSum = 0;
    for (let n = 0; n < CORE_SAMPLES; n += 1) {
      cosineSum += samples[start + n]! * c[n]!;
      sineSum += samples[start + n]! * s[n]!;
    }
    cosine[tone] = cosineSum;
    sine[tone] = sineSum;
  }
}

/** The pair that explains most, if it is more than `leastEnergy`; else -1. */
function bestKey(cosine: Float64Array, sine: Float64Array, leastEnergy: number): number {
  let best = -1;
  let most = leastEnergy;
  for (let key = 0; key < INVERSES.length; key += 1) {
    const [cc, cd, dd, ss, st, tt] = INVERSES[key]!;
    const row = key >> 2;
    const column = 4 + (key & 3);
    const c = cosine[row]!;
    const d = cosine[column]!;
    const s = sine[row]!;
    const t = sine[column]!;
    const explained = cc * c * c + 2 * cd * c * d + dd * d * d + ss * s * s + 2 * st * s * t + tt * t * t;
    if (explained <= most) continue;
    most = explained;
    best = key;
  }
  return best;
}

type Inverse = readonly [cc: number, cd: number, dd: number, ss: number, st: number, tt: number];

function inverseOf(row: number, column: number): Inverse {
  let [cc, cd, dd, ss, st, tt] = [0, 0, 0, 0, 0, 0];
  for (let n = 0; n < CORE_SAMPLES; n += 1) {
    const time = n - (CORE_SAMPLES - 1) / 2;
    const [c, d] = [Math.cos(row * time), Math.cos(column * time)];
    const [s, t] = [Math.sin(row * time), Math.sin(column * time)];
    cc += c * c;
    cd += c * d;
    dd += d * d;
    ss += s * s;
    st += s * t;
    tt += t * t;
  }
  const even = cc * dd - cd * cd;
  const odd = ss * tt - st * st;
  return [dd / even, -cd / even, cc / even, tt / odd, -st / odd, ss / odd];
}

function waveOf(hz: number, wave: (angle: number) => number): Float64Array {
  return Float64Array.from({ length: CORE_SAMPLES }, (_, n) =>
    wave(turnOf(hz) * (n - (CORE_SAMPLES - 1) / 2)),
  );
}
