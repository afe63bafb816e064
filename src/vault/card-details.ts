import type { CaptureField } from '../core/capture-field.ts';

/**
 * What a provider adapter may do with the digits: ask how many there are and have them written into its own
 * buffer, once complete. There is no way to get them as a string.
 */
export interface CardDetails {
  /** Digits held for the field; 0 when it was not captured. */
  length(field: CaptureField): number;
  /** Copies `count` digits of the field, as ASCII, from `start` into `target` at `offset`. Returns the offset after them. */
  writeInto(target: Uint8Array, offset: number, field: CaptureField, start?: number, count?: number): number;
}

/** For requests in which no digit of a card stands. */
export const NO_CARD: CardDetails = {
  length: () => 0,
  writeInto: (_target, offset) => offset,
};
