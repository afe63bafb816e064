import { blockCardNumbers } from '../core/digit-filter.ts';
import type { AgentEvent } from './agent-event.ts';

export interface SafeEvent {
  readonly event: AgentEvent;
  /** Places in which digits were found that an agent must not see. 0 unless there is a bug elsewhere. */
  readonly blocked: number;
}

const ASTERISKS = /^\*+$/;
/** Four real digits only behind at least as many asterisks: a security code can never be shown like this. */
const TRUNCATED = /^\*{4,}\d{4}$/;
const LAST_FOUR = /^\d{4}$/;

/**
 * The last line of defence before an event leaves. Fields are copied one by one, so that nothing else travels
 * with them; asterisks must be asterisks; free text passes the card number filter. What is wrong is blotted out
 * and the event still goes: an agent who never learns the outcome is worse off.
 */
export function makeSafe(event: AgentEvent): SafeEvent {
  switch (event.type) {
    case 'payment-state': {
      const { type, state, required, field } = event;
      return { event: { type, state, required: [...required], field }, blocked: 0 };
    }
    case 'field-progress': {
      const { type, field, length } = event;
      const masked = '*'.repeat(length);
      return { event: { type, field, length, masked }, blocked: event.masked === masked ? 0 : 1 };
    }
    case 'field-complete': {
      const { type, field, brand } = event;
      const isSafe = event.masked === '' || ASTERISKS.test(event.masked) || TRUNCATED.test(event.masked);
      const masked = isSafe ? event.masked : '*'.repeat(event.masked.length);
      return { event: { type, field, masked, brand }, blocked: isSafe ? 0 : 1 };
    }
    case 'field-rejected': {
      const { type, field, reason, attemptsLeft } = event;
      return { event: { type, field, reason, attemptsLeft }, blocked: 0 };
    }
    case 'link-state':
      return { event: { type: event.type, state: event.state }, blocked: 0 };
    case 'masking-alarm':
      return { event: { type: event.type, cause: event.cause }, blocked: 0 };
    case 'payment-result':
      return makeResultSafe(event);
  }
}

function makeResultSafe(event: Extract<AgentEvent, { type: 'payment-result' }>): SafeEvent {
  let blocked = 0;
  const clean = (text: string): string => {
    const filtered = blockCardNumbers(text);
    blocked += filtered.blocked;
    return filtered.text;
  };
  const isLast4Safe = event.last4 === null || LAST_FOUR.test(event.last4);
  if (!isLast4Safe) blocked += 1;
  const safe: AgentEvent = {
    type: event.type,
    outcome: event.outcome,
    reference: event.reference === null ? null : clean(event.reference),
    brand: event.brand,
    last4: isLast4Safe ? event.last4 : null,
    declineCode: event.declineCode === null ? null : clean(event.declineCode),
    message: clean(event.message),
  };
  return { event: safe, blocked };
}
