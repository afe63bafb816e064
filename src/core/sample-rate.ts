/** The rates that Vonage's media WebSocket offers, in samples per second. */
export const SAMPLE_RATES = [8000, 16000, 24000] as const;

export type SampleRate = (typeof SAMPLE_RATES)[number];

export function isSampleRate(value: number): value is SampleRate {
  return (SAMPLE_RATES as readonly number[]).includes(value);
}
