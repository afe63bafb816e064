/** The states of a payment as the contract names them. */
export const PAYMENT_STATES = [
  'connecting',
  'capturing',
  'ready',
  'processing',
  'approved',
  'declined',
  'failed',
  'unknown',
  'canceled',
  'expired',
] as const;

export type PaymentState = (typeof PAYMENT_STATES)[number];

/** How a charge or tokenisation ended. `unknown`: it may have happened; never shown as failed. */
export type PaymentOutcome = Extract<PaymentState, 'approved' | 'declined' | 'failed' | 'unknown'>;

const ENDED: ReadonlySet<PaymentState> = new Set([
  'approved',
  'declined',
  'failed',
  'unknown',
  'canceled',
  'expired',
]);

/** True when no more digits can be keyed and nothing more is done for the agent. */
export function isEnded(state: PaymentState): boolean {
  return ENDED.has(state);
}
