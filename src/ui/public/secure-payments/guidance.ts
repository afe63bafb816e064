import type { Messages } from './messages/messages.ts';
import { textOf } from './messages/messages.ts';
import { brandOf, fieldOf } from './payment-changes.ts';
import type { FieldName, Payment } from './types.ts';

/** What the agent may say to the caller now, by state, field, brand and what went wrong. Pure. */
export function guidanceOf(payment: Payment, isMuted: boolean, { say }: Messages): string {
  if (isMuted && payment.state === 'capturing') return say.muted;
  switch (payment.state) {
    case 'capturing':
    case 'connecting':
      return payment.method === 'self-service' ? linkGuidance(payment, say) : keyingGuidance(payment, say);
    case 'declined':
      return textOf(say, payment.result?.declineCode ?? '', 'declined');
    default:
      return say[payment.state];
  }
}

function keyingGuidance(payment: Payment, say: Messages['say']): string {
  if (payment.state === 'connecting') return say.connecting;
  const { field } = payment;
  // Nothing is asked for, yet something is missing: the attempts of a field are used up.
  if (field === null) return say.exhausted;
  const reason = fieldOf(payment, field)?.reason ?? null;
  return reason === null ? request(payment, field, say) : textOf(say, reason, 'again');
}

function request(payment: Payment, field: FieldName, say: Messages['say']): string {
  const isAmex = field === 'security-code' && brandOf(payment) === 'amex';
  return isAmex ? say['security-code-amex'] : say[field];
}

function linkGuidance({ linkState }: Payment, say: Messages['say']): string {
  switch (linkState) {
    case 'sent':
    case 'delivered':
      return say['link-sent'];
    case 'opened':
      return say['link-opened'];
    case 'submitted':
      return say['link-submitted'];
    case 'expired':
      return say['link-expired'];
    default:
      return say['link-created'];
  }
}
