/** A stretch of the telephone band that holds the tones of a key: samples at 8 kHz, the end not included. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly key: number;
  /** How much likelier the pair makes the samples than noise does, as a logarithm. */
  readonly evidence: number;
}
