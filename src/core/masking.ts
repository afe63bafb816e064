/** What stands in for the tones on the agent side. */
export const MASK_MODES = ['tone', 'silence', 'noise'] as const;
export type MaskMode = (typeof MASK_MODES)[number];

/** `capture` while a field is being keyed, `normal` otherwise. */
export type Sensitivity = 'capture' | 'normal';

/** `always`: tones are masked during the whole call; `payment`: only while a payment is open. */
export const MASK_POLICIES = ['always', 'payment'] as const;
export type MaskPolicy = (typeof MASK_POLICIES)[number];

/** Why masking is in doubt; the agent side is muted. */
export type MaskingAlarmCause = 'output-check' | 'error' | 'overload';

/** What masking does unless it is configured otherwise; the reasons for the numbers stand with the signal processing. */
export const MASKING_DEFAULTS = {
  /** Hold-back of the caller's audio; the most that is allowed. */
  lookaheadMs: 10,
  /** The flat tone that the agent hears. */
  frequencyHz: 500,
  levelDbm0: -16,
} as const;
