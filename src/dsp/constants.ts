import { MASKING_DEFAULTS } from '../core/masking.ts';

/** Facts of the signal and of the standards. Every rate, level and time that several files share stands here. */

/** Row (low group) frequencies in Hz, ITU-T Q.23. */
export const ROW_HZ = [697, 770, 852, 941] as const;

/** Column (high group) frequencies in Hz, ITU-T Q.23. */
export const COLUMN_HZ = [1209, 1336, 1477, 1633] as const;

/** The eight tones, rows first: index 0-3 is a row, 4-7 a column. */
export const TONE_HZ: readonly number[] = [...ROW_HZ, ...COLUMN_HZ];

/** ASCII codes of the 16 keys, row by row: key = 4 * row + column. */
export const KEY_CODES: readonly number[] = Array.from('123A456B789C*0#D', (key) => key.charCodeAt(0));

/** Analysis runs at this rate whatever the stream's: the highest tone is 1633 Hz, telephone speech ends at 3.4 kHz. */
export const CORE_RATE_HZ = 8000;

/**
 * Core samples of one hop: 2 ms. The gate decides once per hop; half the cost of the 1 ms that onset tests need at
 * 3 ms of look-ahead, and short against the 10 ms that we hold back.
 */
export const HOP_SAMPLES = 16;

/** Milliseconds of one hop. */
export const HOP_MS = 2;

/** The carrier's frame: Vonage sends and expects 20 ms of audio per message. Mask edges lie on this grid in capture. */
export const FRAME_MS = 20;

/** Peak of a sine at 0 dBm0 in 16 bit units: full scale is +3.14 dBm0 (ITU-T G.711, A-law overload point). */
export const PEAK_AT_0_DBM0 = 32768 * 10 ** (-3.14 / 20);

/** Peak of a sine with the given level in dBm0, in 16 bit units. */
export function peakOfDbm0(levelDbm0: number): number {
  return PEAK_AT_0_DBM0 * 10 ** (levelDbm0 / 20);
}

/**
 * Caller audio is held back this long. The gate needs 4 to 8 ms of tone to see it under speech; 10 ms covers that, and
 * is the most that the contract allows.
 */
export const DEFAULT_LOOKAHEAD_MS = MASKING_DEFAULTS.lookaheadMs;

/** The flat tone that the agent hears. 500 Hz is 28 % below the nearest DTMF frequency, and in no ratio to any of them. */
export const DEFAULT_MASK_FREQUENCY_HZ = MASKING_DEFAULTS.frequencyHz;

/** Level of the flat tone: that of quiet speech, clearly audible, not unpleasant in a headset. */
export const DEFAULT_MASK_LEVEL_DBM0 = MASKING_DEFAULTS.levelDbm0;
