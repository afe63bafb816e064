/** DTMF test signals as ITU-T Q.23 defines them. Imports nothing of the product: expected values must not come from it. */

export const ROWS_HZ = [697, 770, 852, 941] as const;
export const COLUMNS_HZ = [1209, 1336, 1477, 1633] as const;

/** All 16 keys, row by row. */
export const ALL_KEYS = '123A456B789C*0#D';

/** Peak of a sine with the given level: full scale is +3.14 dBm0 (G.711). */
export function peakOf(dbm0: number): number {
  return 32768 * 10 ** ((dbm0 - 3.14) / 20);
}

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

/** One press with everything that a standard varies; offsets in per cent, column and row apart. */
export interface Press {
  readonly digit: string;
  readonly toneMs: number;
  /** Until the next press. */
  readonly pauseMs: number;
  readonly rowDbm0: number;
  readonly columnDbm0: number;
  readonly rowOffset?: number;
  readonly columnOffset?: number;
  readonly interruptionMs?: number;
  /** Length of the raised-cosine attack and decay. */
  readonly rampMs?: number;
  /** How much later than the row tone the column tone starts; negative if earlier. */
  readonly skewMs?: number;
  /** A generator that starts both tones at phase 0. */
  readonly isPhaseZero?: boolean;
}

/** A sequence of presses before it is rounded, so that a line, a codec or another voice can be put in between. */
export interface PressSequence {
  readonly signal: Float64Array;
  readonly presses: readonly (Press & { readonly onset: number; readonly end: number })[];
}

/** Presses `digits` one after the other; every tone starts at a phase of its own. */
export function keyTones(keying: Keying): KeyedSignal {
  const { dbm0 = -10, twistDb = 0, offsetPercent = 0, marginMs = 300 } = keying;
  const random = uniform(keying.seed ?? 1);
  const { signal, presses } = pressSequence(
    Array.from(keying.digits, (digit) => ({
      digit,
      toneMs: keying.toneMs,
      pauseMs: keying.pauseMs,
      rowDbm0: dbm0 - twistDb / 2,
      columnDbm0: dbm0 + twistDb / 2,
      rowOffset: offsetPercent,
      columnOffset: offsetPercent,
      interruptionMs: keying.interruptionMs ?? 0,
    })),
    { rateHz: keying.rateHz, marginMs, random },
  );
  if (keying.noiseDbm0 !== undefined) addNoise(signal, keying.noiseDbm0, random);
  return { samples: toInt16(signal), presses };
}

export function pressSequence(
  presses: readonly Press[],
  { rateHz, marginMs, random }: { rateHz: number; marginMs: number; random: () => number },
): PressSequence {
  const ms = (time: number): number => Math.round((time * rateHz) / 1000);
  let at = ms(marginMs);
  const placed = presses.map((press) => {
    const onset = at;
    at += ms(press.toneMs) + ms(press.pauseMs);
    return { ...press, onset, end: onset + ms(press.toneMs) };
  });
  const signal = new Float64Array(at + ms(marginMs));
  for (const press of placed) {
    const { onset, end, rowOffset = 0, columnOffset = 0, interruptionMs = 0, skewMs = 0 } = press;
    const phase = (): number => (press.isPhaseZero === true ? 0 : random() * 2 * Math.PI);
    const key = ALL_KEYS.indexOf(press.digit);
    const tone = { onset, end, rampSamples: ms(press.rampMs ?? 0), rateHz };
    const rowHz = ROWS_HZ[key >> 2]! * (1 + rowOffset / 100);
    addTone(signal, { ...tone, from: onset + ms(Math.max(0, -skewMs)) }, rowHz, press.rowDbm0, phase());
    const columnHz = COLUMNS_HZ[key & 3]! * (1 + columnOffset / 100);
    addTone(signal, { ...tone, from: onset + ms(Math.max(0, skewMs)) }, columnHz, press.columnDbm0, phase());
    const half = ms(interruptionMs) / 2;
    const middle = (onset + end) / 2;
    signal.fill(0, Math.round(middle - half), Math.round(middle + half));
  }
  return { signal, presses: placed };
}

function addTone(
  signal: Float64Array,
  tone: { onset: number; end: number; from: number; rampSamples: number; rateHz: number },
  hz: number,
  dbm0: number,
  phase: number,
): void {
  const peak = peakOf(dbm0);
  const ramp = tone.rampSamples;
  for (let n = tone.from; n < tone.end; n += 1) {
    const toEdge = Math.min(n - tone.onset, tone.end - 1 - n) + 0.5;
    const weight = toEdge >= ramp ? 1 : 0.5 - 0.5 * Math.cos((Math.PI * toEdge) / ramp);
    signal[n]! += weight * peak * Math.sin((2 * Math.PI * hz * (n - tone.onset)) / tone.rateHz + phase);
  }
}

/** Adds white noise with the power of a sine at the given level. */
export function addNoise(signal: Float64Array, dbm0: number, random: () => number): void {
  const deviation = peakOf(dbm0) / Math.SQRT2;
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
  const samples = new Int16Array(signal.length);
  for (let n = 0; n < samples.length; n += 1)
    samples[n] = Math.max(-32768, Math.min(32767, Math.round(signal[n]!)));
  return samples;
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
