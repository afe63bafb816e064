import { brandName } from '../secure-payments/brands.ts';
import { fill, messagesFor, textOf } from '../secure-payments/messages/messages.ts';
import type { FieldName, PaymentState } from '../secure-payments/types.ts';
import { element } from '../shared/dom.ts';

export interface PanelEvent {
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One line of the conversation, with the time. */
export function note(text: string): void {
  const line = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = new Date().toLocaleTimeString([], { hour12: false });
  const what = document.createElement('span');
  what.textContent = text;
  line.append(time, what);
  element('log').append(line);
}

/** What a workspace may keep of a payment: steps and outcomes, no counts of keys and nothing of the card. */
export function notePayment({ name, data }: PanelEvent): void {
  const { texts } = messagesFor(['en']);
  const field = texts.field[data['field'] as FieldName] ?? '';
  if (name === 'payment-state') {
    const state = texts.state[data['state'] as PaymentState] ?? String(data['state']);
    note(field === '' ? `Payment: ${state}` : `Payment: asks for ${field.toLowerCase()}`);
  }
  if (name === 'field-complete')
    note(`${field} complete ${brandName(data['brand'] as string | null)}`.trim());
  if (name === 'field-rejected') {
    const reason = textOf(texts.reason, String(data['reason']), 'other');
    note(fill(texts.announce.rejected, { field, reason }));
  }
  if (name === 'masking-alarm') note('Masking in doubt: the agent is muted');
}
