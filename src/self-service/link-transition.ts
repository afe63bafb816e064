import type { CaptureField } from '../core/capture-field.ts';
import type { FieldVerdict } from '../core/field-verdict.ts';
import type { LinkState } from '../core/link-state.ts';
import { isEnded } from '../core/payment-state.ts';
import type { PaymentState } from '../core/payment-state.ts';
import type { LinkEffect, LinkEvent } from './link-event.ts';
import { emptyFields, missingFields } from './link-flow.ts';
import type { FormField, LinkFlow } from './link-flow.ts';

export interface LinkTransition {
  readonly flow: LinkFlow;
  readonly effects: readonly LinkEffect[];
}

/** Begins the life of a self-service payment, or goes on with one after a restart. */
export function openLink(flow: LinkFlow): LinkTransition {
  return { flow, effects: [{ type: 'start-timer' }, announceLink(flow.link), announceState(flow)] };
}

/**
 * The whole life of a self-service payment. Pure: the shell carries out the effects in their order and feeds back what
 * comes of them. What does not fit changes nothing and gives one `ignored` effect.
 *
 *                      | connecting        | capturing              | processing  | ended
 *   -------------------+-------------------+------------------------+-------------+---------
 *   message-sent       | sent [1]          | –                      | –           | –
 *   message-delivered  | delivered [1]     | –                      | –           | –
 *   message-lost       | undelivered [1]   | –                      | –           | –
 *   link-renewed       | created           | connecting, created    | –           | –
 *   page-opened        | capturing, opened | –                      | –           | –
 *   field-typed        | –                 | asterisks              | –           | –
 *   form-sent          | –                 | processing, or refused | –           | –
 *   outcome-known      | –                 | –                      | outcome     | – [2]
 *   opened-again       | –                 | –                      | capturing   | –
 *                      |                   |                        | or expired  |
 *   link-timed-out     | expired           | expired                | overdue [3] | –
 *   cancel-requested   | canceled          | canceled               | –           | –
 *
 * `–` is ignored. [1] A status only ever leads on: created, sent, undelivered, delivered. [2] `unknown` goes on to
 * approved, declined or failed when reconciliation knows. [3] A card on its way is charged to the end; another one is
 * not taken.
 */
export function transition(flow: LinkFlow, event: LinkEvent): LinkTransition {
  if (isEnded(flow.payment)) return whenEnded(flow, event);
  return flow.payment === 'processing' ? whenProcessing(flow, event) : beforeProcessing(flow, event);
}

function beforeProcessing(flow: LinkFlow, event: LinkEvent): LinkTransition {
  const isOpen = flow.payment === 'capturing';
  switch (event.type) {
    case 'message-sent':
      return tellLink(flow, 'sent');
    case 'message-delivered':
      return tellLink(flow, 'delivered');
    case 'message-lost':
      return tellLink(flow, 'undelivered');
    case 'link-renewed':
      return renew(flow);
    case 'page-opened':
      return isOpen ? ignore(flow) : moveTo({ ...flow, link: 'opened' }, 'capturing', 'opened');
    case 'field-typed':
      return isOpen ? typeField(flow, event.field, event.length) : ignore(flow);
    case 'form-sent':
      return isOpen ? takeForm(flow, event.verdicts) : ignore(flow);
    case 'link-timed-out':
      return end({ ...flow, link: 'expired' }, 'expired');
    case 'cancel-requested':
      return end(flow, 'canceled');
    case 'outcome-known':
    case 'opened-again':
      return ignore(flow);
  }
}

/** The charge may have left: nobody can take it back. */
function whenProcessing(flow: LinkFlow, event: LinkEvent): LinkTransition {
  switch (event.type) {
    case 'outcome-known':
      return end(flow, event.outcome);
    case 'opened-again':
      return openAgain(flow, event.outcome);
    case 'link-timed-out':
      return { flow: { ...flow, isOverdue: true }, effects: [] };
    case 'message-sent':
    case 'message-delivered':
    case 'message-lost':
    case 'link-renewed':
    case 'page-opened':
    case 'field-typed':
    case 'form-sent':
    case 'cancel-requested':
      return ignore(flow);
  }
}

function whenEnded(flow: LinkFlow, event: LinkEvent): LinkTransition {
  const isSettled =
    flow.payment === 'unknown' && event.type === 'outcome-known' && event.outcome !== 'unknown';
  return isSettled ? end(flow, event.outcome) : ignore(flow);
}

const MESSAGE_ORDER: readonly LinkState[] = ['created', 'sent', 'undelivered', 'delivered'];

function tellLink(flow: LinkFlow, link: LinkState): LinkTransition {
  const isNews =
    MESSAGE_ORDER.includes(flow.link) && MESSAGE_ORDER.indexOf(link) > MESSAGE_ORDER.indexOf(flow.link);
  return isNews ? { flow: { ...flow, link }, effects: [announceLink(link)] } : ignore(flow);
}

function renew(flow: LinkFlow): LinkTransition {
  const fields = emptyFields(flow.fields.map(({ field }) => field));
  const renewed: LinkFlow = { ...flow, payment: 'connecting', link: 'created', fields };
  const state = flow.payment === 'connecting' ? [] : [announceState(renewed)];
  return { flow: renewed, effects: [{ type: 'start-timer' }, announceLink('created'), ...state] };
}

function typeField(flow: LinkFlow, field: CaptureField, length: number): LinkTransition {
  const typed = flow.fields.find((each) => each.field === field);
  if (typed === undefined || (typed.length === length && typed.status !== 'rejected')) return ignore(flow);
  const masked = '*'.repeat(length);
  const status = length === 0 ? 'empty' : 'collecting';
  const next: FormField = { field, status, length, masked, brand: null, reason: null };
  return {
    flow: { ...flow, fields: flow.fields.map((each) => (each.field === field ? next : each)) },
    effects: [announce({ type: 'field-progress', field, length, masked })],
  };
}

function takeForm(flow: LinkFlow, verdicts: ReadonlyMap<CaptureField, FieldVerdict>): LinkTransition {
  const fields = flow.fields.map((each) => judged(each, verdicts.get(each.field)));
  const judgedFlow = { ...flow, fields };
  const told = fields.map((field) => announceField(field, flow.triesLeft));
  if (missingFields(judgedFlow).length > 0) {
    return { flow: judgedFlow, effects: [{ type: 'wipe' }, ...told, announceState(judgedFlow)] };
  }
  const moved = moveTo(
    { ...judgedFlow, link: 'submitted', triesLeft: flow.triesLeft - 1 },
    'processing',
    'submitted',
  );
  return { flow: moved.flow, effects: [...told, ...moved.effects, { type: 'begin-processing' }] };
}

function judged({ field }: FormField, verdict: FieldVerdict | undefined): FormField {
  if (verdict === undefined || verdict.status !== 'complete') {
    const reason = verdict?.reason ?? 'input-timeout';
    return { field, status: 'rejected', length: 0, masked: '', brand: null, reason };
  }
  const { length, masked, brand } = verdict;
  return { field, status: 'complete', length, masked, brand, reason: null };
}

/** The payer types everything anew: what he typed was wiped with the card. */
function openAgain(flow: LinkFlow, outcome: 'declined' | 'failed'): LinkTransition {
  const reason = outcome === 'declined' ? 'card-declined' : 'card-not-charged';
  const fields = emptyFields(flow.fields.map(({ field }) => field)).map((field, index): FormField => {
    return index === 0 ? { ...field, status: 'rejected', reason } : field;
  });
  const again: LinkFlow = { ...flow, payment: 'capturing', link: 'opened', fields };
  if (flow.isOverdue) return end({ ...again, link: 'expired' }, 'expired');
  const first = fields.slice(0, 1).map((field) => announceField(field, flow.triesLeft));
  return { flow: again, effects: [...first, announceLink('opened'), announceState(again)] };
}

function moveTo(flow: LinkFlow, payment: PaymentState, link: LinkState): LinkTransition {
  const moved = { ...flow, payment };
  return { flow: moved, effects: [announceLink(link), announceState(moved)] };
}

function end(flow: LinkFlow, payment: PaymentState): LinkTransition {
  const ended = { ...flow, payment };
  const link = payment === 'expired' ? [announceLink(flow.link)] : [];
  return { flow: ended, effects: [{ type: 'stop-timer' }, { type: 'wipe' }, ...link, announceState(ended)] };
}

function ignore(flow: LinkFlow): LinkTransition {
  return { flow, effects: [{ type: 'ignored' }] };
}

function announceLink(state: LinkState): LinkEffect {
  return announce({ type: 'link-state', state });
}

function announceState(flow: LinkFlow): LinkEffect {
  return announce({
    type: 'payment-state',
    state: flow.payment,
    required: missingFields(flow),
    field: null,
  });
}

function announceField({ field, masked, brand, reason }: FormField, attemptsLeft: number): LinkEffect {
  return reason === null
    ? announce({ type: 'field-complete', field, masked, brand })
    : announce({ type: 'field-rejected', field, reason, attemptsLeft });
}

function announce(announcement: Extract<LinkEffect, { type: 'announce' }>['announcement']): LinkEffect {
  return { type: 'announce', announcement };
}
