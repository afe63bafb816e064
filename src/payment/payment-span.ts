import type { FinishedSpan } from '../core/tracer.ts';

/** A payment from its opening to its end; `outcome` is the state it ended in. */
export function paymentSpan(
  payment: {
    readonly id: string;
    readonly callId: string | null;
    readonly provider: string;
    readonly createdAt: string;
  },
  method: string,
  outcome: string,
  endedAtMs: number,
): FinishedSpan {
  const { id, callId, provider, createdAt } = payment;
  return {
    name: 'payment',
    about: id,
    isRoot: true,
    startedAtMs: Date.parse(createdAt),
    endedAtMs,
    isError: outcome === 'failed' || outcome === 'unknown',
    facts: { ...(callId === null ? {} : { callId }), paymentId: id, provider, method, outcome },
  };
}
