/**
 * The tones of a telephone keypad, as a caller's phone makes them (ITU-T Q.23). Kept apart from the detector's
 * own tables, so that a mistake there cannot hide here.
 */
const ROWS_HZ = [697, 770, 852, 941] as const;
const COLUMNS_HZ = [1209, 1336, 1477] as const;
const KEYPAD = '123456789*0#';

/** Peak of a 0 dBm0 sine in 16 bit samples: a full-scale sine is +3.14 dBm0. */
const PEAK_0_DBM0 = 32768 * 10 ** (-3.14 / 20);

export interface KeyTiming {
  readonly toneMs: number;
  readonly pauseMs: number;
  /** Level of each of the two tones. */
  readonly levelDbm0: number;
}

/** A person keying at an easy pace: 100 ms tones, 120 ms pauses, -10 dBm0 per tone. */
export const EASY_KEYING: KeyTiming = { toneMs: 100, pauseMs: 120, levelDbm0: -10 };

/** The samples of one key and the pause after it. `key` is one of `0`-`9`, `*`, `#`. */
export function keyTone(key: string, sampleRate: number, timing: KeyTiming = EASY_KEYING): Int16Array {
  const index = KEYPAD.indexOf(key);
  if (index < 0 || key.length !== 1) throw new RangeError('expected one of 0-9, * and #');
  const row = ROWS_HZ[Math.floor(index / 3)] ?? 0;
  const column = COLUMNS_HZ[index % 3] ?? 0;
  const toneSamples = Math.round((timing.toneMs * sampleRate) / 1000);
  const samples = new Int16Array(toneSamples + Math.round((timing.pauseMs * sampleRate) / 1000));
  const peak = PEAK_0_DBM0 * 10 ** (timing.levelDbm0 / 20);
  for (let n = 0; n < toneSamples; n++) {
    const t = (2 * Math.PI * n) / sampleRate;
    samples[n] = Math.round(peak * (Math.sin(row * t) + Math.sin(column * t)));
  }
  return samples;
}
