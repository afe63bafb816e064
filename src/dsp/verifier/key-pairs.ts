import { BAND_RATE_HZ } from './low-band.ts';

/**
 * ITU-T Q.23: the row tones, then the column tones. Written here again on purpose: this check shares no table and no
 * arithmetic with the masker that it judges.
 */
export const TONES_HZ = [697, 770, 852, 941, 1209, 1336, 1477, 1633] as const;

/** All keys, row by row: key = 4 * row + column. */
export const KEYS = '123A456B789C*0#D';

/** Level of the weaker tone from which a pair is recoverable, as peak in 16 bit units: -45 dBm0. */
export const LEAST_PEAK = 32768 * 10 ** ((-45 - 3.14) / 20);

/** The weaker tone against the stronger one in energy: -12 dB, the widest twist that receivers accept. */
export const LEAST_BALANCE = 10 ** (-12 / 10);

/** Radians per sample of a frequency. */
export function turnOf(hz: number): number {
  return (2 * Math.PI * hz) / BAND_RATE_HZ;
}

export function rowTurn(key: number): number {
  return turnOf(TONES_HZ[key >> 2]!);
}

export function columnTurn(key: number): number {
  return turnOf(TONES_HZ[4 + (key & 3)]!);
}
