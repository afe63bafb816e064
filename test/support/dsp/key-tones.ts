/** DTMF test signals as ITU-T Q.23 defines them. Imports nothing of the product: expected values must not come from it. */

const ROWS_HZ = [697, 770, 852, 941] as const;
const COLUMNS_HZ = [1209, 1336, 1477, 1633] as const;

/** All 16 keys, row by row. */
export const ALL_KEYS = '123A456B789C*0#D';

/** Peak of a 0 dBm0 sine: full scale is +3.14 dBm0 (G.711). */
const PEAK = 32768 * 10 ** (-3.14 / 20);

export interface KeyedSignal {
  readonly samples: Int16Array;
  readonly presses: readonly { readonly digit: string; readonly onset: number; readonly end: number }[];
}

export interface Keying {
  readonly rateHz: number;
  readonly digits: string;
  readonly toneMs: number;
  readonly pauseMs: number;
  /** Level per tone. */
  readonly dbm0?: number;
  /** Column tone over row tone. */
  readonly twistDb?: number;
  readonly offsetPercent?: number;
  /** White noise over the whole signal; without it the pauses are digital silence. */
  readonly noiseDbm0?: number;
  /** Silence before the first and after the last key. */
  readonly marginMs?: number;
  /** Milliseconds in the middle of each press without tone. */
  readonly interruptionMs?: number;
  readonly seed?: number;
}

/** Presses `digits` one after the other; every tone starts at a phase of its own. */
export function keyTones(keying: Keying): KeyedSignal {
  const {
    rateHz,
    digits,
    toneMs,
    pauseMs,
    dbm0 = -10,
    twistDb = 0,
    offsetPercent = 0,
    marginMs = 300,
  } = keying;
  const random = uniform(keying.seed ?? 1);
  const ms = (time: number): number => Math.round((time * rateHz) / 1000);
  const step = ms(toneMs) + ms(pauseMs);
  const signal = new Float64Array(2 * ms(marginMs) + digits.length * step);
  const presses = Array.from(digits, (digit, i) => {
    const onset = ms(marginMs) + i * step;
    return { digit, onset, end: onset + ms(toneMs) };
  });
  const scale = 1 + offsetPercent / 100;
  for (const { digit, onset, end } of presses) {
    const key = ALL_KEYS.indexOf(digit);
    addTone(
      signal,
      onset,
      end,
      ROWS_HZ[key >> 2]! * scale,
      dbm0 - twistDb / 2,
      rateHz,
      random() * 2 * Math.PI,
    );
    addTone(
      signal,
      onset,
      end,
      COLUMNS_HZ[key & 3]! * scale,
      dbm0 + twistDb / 2,
      rateHz,
      random() * 2 * Math.PI,
    );
    const half = ms(keying.interruptionMs ?? 0) / 2;
    const middle = (onset + end) / 2;
    signal.fill(0, Math.round(middle - half), Math.round(middle + half));
  }
  if (keying.noiseDbm0 !== undefined) addNoise(signal, keying.noiseDbm0, random);
  return { samples: toInt16(signal), presses };
}

function addTone(
  signal: Float64Array,
  from: number,
  to: number,
  hz: number,
  dbm0: number,
  rateHz: number,
  phase: number,
): void {
  const peak = PEAK * 10 ** (dbm0 / 20);
  for (let n = from; n < to; n += 1)
    signal[n]! += peak * Math.sin((2 * Math.PI * hz * (n - from)) / rateHz + phase);
}

/** Adds white noise with the power of a sine at the given level. */
export function addNoise(signal: Float64Array, dbm0: number, random: () => number): void {
  const deviation = (PEAK * 10 ** (dbm0 / 20)) / Math.SQRT2;
  for (let n = 0; n < signal.length; n += 1) {
    signal[n]! += deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  }
}

/** Noise alone, as a line without a voice has it. */
export function lineNoise(lengthSamples: number, dbm0: number, seed = 1): Int16Array {
  const signal = new Float64Array(lengthSamples);
  addNoise(signal, dbm0, uniform(seed));
  return toInt16(signal);
}

export function toInt16(signal: ArrayLike<number>): Int16Array {
  return Int16Array.from(signal, (value) => Math.max(-32768, Math.min(32767, Math.round(value))));
}

/** Sum of two signals, the second scaled by `gainDb` and repeated as often as needed. */
export function mixed(samples: Int16Array, background: Int16Array, gainDb: number): Int16Array {
  const gain = 10 ** (gainDb / 20);
  return toInt16(
    Float64Array.from(samples, (sample, n) => sample + gain * background[n % background.length]!),
  );
}

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
