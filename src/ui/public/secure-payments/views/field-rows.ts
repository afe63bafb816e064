import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { brandName } from '../brands.ts';
import { fill, textOf } from '../messages/messages.ts';
import type { Messages } from '../messages/messages.ts';
import { isOpen } from '../payment-changes.ts';
import type { Field, Payment } from '../types.ts';
import type { PanelActions, PanelView } from './view-model.ts';

/** Below this the timer calls for attention. */
const SHORT_MS = 10_000;

/** One row per field: asterisks, brand, what is wrong, and what can be done about it. */
export function fieldRows(view: PanelView, payment: Payment, actions: PanelActions): TemplateResult {
  return html`<ol class="fields" aria-label=${view.texts.fields}>
    ${payment.fields.map((field) => row(view, payment, field, actions))}
  </ol>`;
}

function row(view: PanelView, payment: Payment, field: Field, actions: PanelActions): TemplateResult {
  const { texts } = view;
  const isCurrent = payment.field === field.field;
  const label = texts.field[field.field];
  return html`<li
    class=${field.reason === null ? field.state : 'rejected'}
    data-field=${field.field}
    data-state=${field.state}
    aria-current=${isCurrent ? 'step' : nothing}
  >
    <span class="name">${label}${brandBadge(field)}</span>
    <span class="digits" aria-hidden="true">${field.masked}</span>
    <span class="note wide">${noteOf(field, texts)}</span>
    ${payment.method === 'guided' && isOpen(payment) ? rowActions(view, field, label, actions) : nothing}
    ${isCurrent ? timer(view, actions) : nothing}
  </li>`;
}

function brandBadge({ brand }: Field): TemplateResult | typeof nothing {
  return brand === null ? nothing : html`<span class="brand" data-brand=${brand}>${brandName(brand)}</span>`;
}

function noteOf(field: Field, texts: Messages): string {
  if (field.reason !== null && field.length === 0) {
    return `${textOf(texts.reason, field.reason, 'other')} ${attempts(field.attemptsLeft, texts)}`;
  }
  return fill(texts.fieldState[field.state], { count: field.length });
}

function attempts(count: number, texts: Messages): string {
  if (count === 0) return texts.noAttemptLeft;
  return count === 1 ? texts.attemptLeft : fill(texts.attemptsLeft, { count });
}

function rowActions(
  { texts, isBusy }: PanelView,
  field: Field,
  label: string,
  actions: PanelActions,
): TemplateResult {
  const isEmpty = field.state === 'empty' || (field.state === 'rejected' && field.attemptsLeft === 0);
  const text = isEmpty ? texts.ask : texts.reset;
  return html`<span class="row-actions">
    <button
      class="small"
      type="button"
      data-action="capture"
      aria-label="${text}: ${label}"
      ?disabled=${isBusy}
      @click=${() => actions.capture(field.field)}
    >
      ${text}
    </button>
  </span>`;
}

/** Numbers that change every second would be read out all the time, so screen readers get the button only. */
function timer(
  { timer: time, texts, isBusy }: PanelView,
  actions: PanelActions,
): TemplateResult | typeof nothing {
  if (time === null) return nothing;
  const count = Math.ceil(time.remainingMs / 1000);
  return html`<span class="timer wide ${time.remainingMs < SHORT_MS ? 'short' : ''}">
    <progress aria-hidden="true" max=${time.durationMs} .value=${time.remainingMs}></progress>
    <span aria-hidden="true">${fill(texts.secondsLeft, { count })}</span>
    <button
      class="small"
      type="button"
      data-action="more-time"
      aria-keyshortcuts="Alt+M"
      ?disabled=${isBusy}
      @click=${() => actions.moreTime()}
    >
      ${texts.moreTime}
    </button>
  </span>`;
}
