import { addNoise, ALL_KEYS, toInt16, uniform } from './key-tones.ts';

const ROWS_HZ = [697, 770, 852, 941] as const;
const COLUMNS_HZ = [1209, 1336, 1477, 1633] as const;

/** Peak of a 0 dBm0 sine: full scale is +3.14 dBm0 (G.711). */
const PEAK = 32768 * 10 ** (-3.14 / 20);

/** One remnant per so many ms, and the flat tone beside it if there is one. */
const EVERY_MS = 250;
const FLAT_MS = 60;
const FLAT_DBM0 = -16;

export interface Remnants {
  readonly rateHz: number;
  readonly count: number;
  readonly lengthMs: number;
  /** Pair over white noise, in the band up to half the rate; without it there is digital silence around. */
  readonly snrDb?: number;
  /** A flat tone, as a mask sounds it, right before the remnant or on both sides. */
  readonly flat?: 'before' | 'both';
  readonly seed?: number;
}

/**
 * What a masker that is late or early leaves of key presses: pairs of random key and phase, -30 to -6 dBm0 per tone,
 * twist of -3 to +2 dB, each tone up to 1.8 % off.
 */
export function remnants({ rateHz, count, lengthMs, snrDb, flat, seed = 1 }: Remnants) {
  const random = uniform(seed);
  const ms = (time: number): number => Math.round((time * rateHz) / 1000);
  const signal = new Float64Array(ms(EVERY_MS) * count);
  const places = Array.from({ length: count }, (_, i) => {
    const key = Math.floor(16 * random());
    const start = ms(EVERY_MS * (i + 0.45) + 20 * random());
    const end = start + ms(lengthMs);
    const level = -30 + 24 * random();
    const twist = -3 + 5 * random();
    const offset = (): number => 1 + 0.018 * (2 * random() - 1);
    const slot = signal.subarray(ms(EVERY_MS) * i, ms(EVERY_MS) * (i + 1));
    if (snrDb !== undefined) {
      const pair = 10 ** ((level - twist / 2) / 10) + 10 ** ((level + twist / 2) / 10);
      addNoise(slot, 10 * Math.log10(pair) - snrDb, random);
    }
    if (flat !== undefined) replace(signal, start - ms(FLAT_MS), start, rateHz, random());
    if (flat === 'both') replace(signal, end, end + ms(FLAT_MS), rateHz, random());
    add(signal, start, end, (ROWS_HZ[key >> 2]! * offset()) / rateHz, level - twist / 2, random());
    add(signal, start, end, (COLUMNS_HZ[key & 3]! * offset()) / rateHz, level + twist / 2, random());
    return { digit: ALL_KEYS[key]!, start, end };
  });
  return { samples: toInt16(signal), places };
}

function add(
  signal: Float64Array,
  from: number,
  to: number,
  turns: number,
  dbm0: number,
  phase: number,
): void {
  const peak = PEAK * 10 ** (dbm0 / 20);
  for (let n = from; n < to; n += 1)
    signal[n]! += peak * Math.sin(2 * Math.PI * (turns * (n - from) + phase));
}

function replace(signal: Float64Array, from: number, to: number, rateHz: number, phase: number): void {
  signal.fill(0, from, to);
  add(signal, from, to, 500 / rateHz, FLAT_DBM0, phase);
}
