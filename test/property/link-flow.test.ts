import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptureField } from '../../src/core/capture-field.ts';
import type { FieldVerdict } from '../../src/core/field-verdict.ts';
import { isEnded } from '../../src/core/payment-state.ts';
import type { PaymentState } from '../../src/core/payment-state.ts';
import type { LinkEvent } from '../../src/self-service/link-event.ts';
import { mayTryAgain, newLinkFlow } from '../../src/self-service/link-flow.ts';
import type { LinkFlow } from '../../src/self-service/link-flow.ts';
import { openLink, transition } from '../../src/self-service/link-transition.ts';
import type { LinkTransition } from '../../src/self-service/link-transition.ts';

/**
 * Goal: whatever happens in whatever order, a self-service payment is charged at most once at a time and never after an
 * outcome, tries no more cards than it may, and ends with its card wiped and its clock stopped. Method: random events,
 * among them those that only a charge can cause, exactly when a charge is under way.
 */
const FIELDS: readonly CaptureField[] = ['payment-card-number', 'expiration-date'];
const TRIES = 3;
const OUTCOMES: readonly PaymentState[] = ['approved', 'declined', 'failed', 'unknown'];

const good: FieldVerdict = {
  length: 4,
  masked: '****',
  status: 'complete',
  brand: null,
  reason: null,
  refutesSecurityCode: false,
};
const bad: FieldVerdict = { ...good, status: 'rejected', reason: 'invalid-date' };
const field = fc.constantFrom(...FIELDS, 'security-code' as const);
const form = (last: FieldVerdict): LinkEvent => ({
  type: 'form-sent',
  verdicts: new Map([
    ['payment-card-number', good],
    ['expiration-date', last],
  ]),
});

const event: fc.Arbitrary<LinkEvent> = fc.oneof(
  fc.constantFrom<LinkEvent>(
    { type: 'message-sent' },
    { type: 'message-delivered' },
    { type: 'message-lost' },
    { type: 'link-renewed' },
    { type: 'page-opened' },
    { type: 'page-opened' },
    form(good),
    form(good),
    form(bad),
    { type: 'link-timed-out' },
    { type: 'cancel-requested' },
  ),
  fc.record({ type: fc.constant('field-typed' as const), field, length: fc.nat({ max: 19 }) }),
  fc.record({
    type: fc.constant('outcome-known' as const),
    outcome: fc.constantFrom('approved', 'declined', 'failed', 'unknown'),
  }),
  fc.record({ type: fc.constant('opened-again' as const), outcome: fc.constantFrom('declined', 'failed') }),
);

/** The journal opens a payment again only while another card may be tried. */
function isPossible(flow: LinkFlow, asked: LinkEvent): boolean {
  return asked.type !== 'opened-again' || flow.payment !== 'processing' || mayTryAgain(flow);
}

/** What one step must keep, each with whether it was kept. */
function promises(before: LinkFlow, { flow, effects }: LinkTransition, charges: number): [string, boolean][] {
  const kinds = effects.map(({ type }) => type);
  const isCharging = kinds.includes('begin-processing');
  const isWhole = flow.fields.every(({ status }) => status === 'complete');
  const hasEnded = isEnded(flow.payment) && flow !== before;
  const isIgnored = kinds.includes('ignored');
  const isSubmitted = flow.payment === 'processing' || OUTCOMES.includes(flow.payment);
  return [
    [
      'a charge begins with a whole form of an open page',
      !isCharging || (before.payment === 'capturing' && isWhole),
    ],
    ['a charge shows as processing', !isCharging || flow.payment === 'processing'],
    ['an end stays', !isEnded(before.payment) || before.payment === 'unknown' || flow === before],
    ['an end charges nothing', !isEnded(before.payment) || !isCharging],
    [
      'an end wipes and stops the clock',
      !hasEnded || (kinds.includes('wipe') && kinds.includes('stop-timer')),
    ],
    ['what is ignored changes nothing', !isIgnored || (flow === before && kinds.length === 1)],
    ['every charge takes a try', flow.triesLeft === TRIES - charges && charges <= TRIES],
    [
      'an expired link is that of an expired payment',
      (flow.link === 'expired') === (flow.payment === 'expired'),
    ],
    ['a submitted link is that of a card that was sent', (flow.link === 'submitted') === isSubmitted],
    ['asterisks are as many as digits', flow.fields.every(({ masked, length }) => masked.length === length)],
  ];
}

describe('a self-service payment', () => {
  it('keeps its promises in any order of events', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let flow = openLink(newLinkFlow(FIELDS, TRIES)).flow;
        let charges = 0;
        for (const asked of events) {
          if (!isPossible(flow, asked)) continue;
          const next = transition(flow, asked);
          charges += next.effects.filter(({ type }) => type === 'begin-processing').length;
          const broken = promises(flow, next, charges).filter(([, isKept]) => !isKept);
          expect(broken.map(([promise]) => promise)).toEqual([]);
          flow = next.flow;
        }
      }),
      { numRuns: 500 },
    );
  });
});
