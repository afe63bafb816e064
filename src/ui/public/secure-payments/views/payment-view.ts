import { html, nothing } from 'lit';
import type { TemplateResult } from 'lit';
import { guidanceOf } from '../guidance.ts';
import { hasEnded, isOpen } from '../payment-changes.ts';
import type { LinkState, Payment } from '../types.ts';
import { fieldRows } from './field-rows.ts';
import { outcome } from './outcome.ts';
import { amountOf } from './view-model.ts';
import type { PanelActions, PanelView } from './view-model.ts';

/** A payment that has been opened: what it is for, how far it is, what to say and what to do. */
export function paymentView(view: PanelView, payment: Payment, actions: PanelActions): TemplateResult {
  const { texts, masking } = view;
  return html`
    ${facts(view, payment)}
    ${
      hasEnded(payment)
        ? outcome(view, payment)
        : html`${stateNote(view, payment)}
          ${payment.method === 'self-service' ? linkSteps(view, payment.linkState ?? 'created') : nothing}
          ${fieldRows(view, payment, actions)}`
    }
    ${callNotice(view, payment)}
    <div class="say" data-part="say">
      <p>${texts.sayNext}</p>
      <blockquote>${guidanceOf(payment, masking === 'muted', texts)}</blockquote>
    </div>
    ${hasEnded(payment) ? endActions(view, payment, actions) : openActions(view, payment, actions)}
  `;
}

function facts({ texts, language }: PanelView, payment: Payment): TemplateResult {
  const rows: readonly (readonly [string, string | null])[] = [
    [texts.payee, payment.payee],
    [texts.interactionType, payment.interactionType],
    [texts.reference, payment.reference],
  ];
  return html`
    ${
      payment.amount === null
        ? html`<p class="amount">${texts[payment.operation]}</p>`
        : html`<p class="amount">${amountOf(payment, language)}</p>`
    }
    <dl class="facts">
      ${rows.map(([name, value]) =>
        value === null
          ? nothing
          : html`<dt>${name}</dt>
              <dd>${value}</dd>`,
      )}
    </dl>
  `;
}

/** While fields are keyed, or a link is on its way, the rows and steps below say it all. */
function stateNote({ texts }: PanelView, { state, method }: Payment): TemplateResult | typeof nothing {
  const isTold = state === 'capturing' || (method === 'self-service' && state === 'connecting');
  return isTold ? nothing : html`<p class="note" data-part="state">${texts.state[state]}</p>`;
}

const LINK_STEPS: readonly LinkState[] = ['created', 'sent', 'delivered', 'opened', 'submitted'];

function linkSteps({ texts }: PanelView, state: LinkState): TemplateResult {
  if (state === 'expired') {
    return html`<ol class="link" aria-label=${texts.linkTitle}>
      <li class="expired">${texts.link.expired}</li>
    </ol>`;
  }
  const reached = LINK_STEPS.indexOf(state);
  return html`<ol class="link" aria-label=${texts.linkTitle}>
    ${LINK_STEPS.map(
      (step, index) =>
        html`<li class=${index <= reached ? 'done' : ''} aria-current=${index === reached ? 'step' : nothing}>
          ${texts.link[step]}
        </li>`,
    )}
  </ol>`;
}

function callNotice({ texts, call }: PanelView, payment: Payment): TemplateResult | typeof nothing {
  if (call === null) return nothing;
  if (call.state === 'ended') return html`<p class="notice wait" role="status">${texts.callEnded}</p>`;
  const isAway = payment.method === 'guided' && isOpen(payment) && call.legs['caller']?.state === 'closed';
  return isAway ? html`<p class="notice wait" role="status">${texts.callerAway}</p>` : nothing;
}

function openActions(view: PanelView, payment: Payment, actions: PanelActions): TemplateResult {
  const { texts, isBusy, isAskingToCancel } = view;
  if (isAskingToCancel && isOpen(payment)) {
    return html`<div class="actions" role="group" aria-label=${texts.cancelQuestion}>
      <p class="wide">${texts.cancelQuestion}</p>
      <button type="button" data-action="cancel-yes" ?disabled=${isBusy} @click=${() => actions.cancel()}>
        ${texts.cancelYes}
      </button>
      <button type="button" data-action="cancel-no" @click=${() => actions.askToCancel(false)}>
        ${texts.cancelNo}
      </button>
    </div>`;
  }
  // Who pays by a link presses the button there.
  const isProcessedHere = payment.method === 'guided' || payment.state === 'ready';
  return html`<div class="actions">
    ${isProcessedHere ? processButton(view, payment, actions) : nothing}
    <button
      type="button"
      data-action="cancel"
      ?disabled=${!isOpen(payment)}
      @click=${() => actions.askToCancel(true)}
    >
      ${texts.cancel}
    </button>
  </div>`;
}

function processButton(
  { texts, isBusy }: PanelView,
  { state }: Payment,
  actions: PanelActions,
): TemplateResult {
  return html`<button
    type="button"
    class="primary"
    data-action="process"
    aria-keyshortcuts="Alt+Enter"
    ?disabled=${isBusy || state !== 'ready'}
    @click=${() => actions.process()}
  >
    ${texts.process}
  </button>`;
}

function endActions(
  view: PanelView,
  payment: Payment,
  actions: PanelActions,
): TemplateResult | typeof nothing {
  const { texts, canOpen, call } = view;
  if (!canOpen || call?.state === 'ended') return nothing;
  return html`<div class="actions">
    <button
      type="button"
      class=${payment.state === 'unknown' ? '' : 'primary'}
      data-action="another"
      @click=${() => actions.another()}
    >
      ${texts.another}
    </button>
  </div>`;
}
