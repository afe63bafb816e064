import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptureField } from '../../src/core/capture-field.ts';
import type { FieldVerdict } from '../../src/core/field-verdict.ts';
import { isEnded } from '../../src/core/payment-state.ts';
import type { LinkEffect, LinkEvent } from '../../src/self-service/link-event.ts';
import { mayTryAgain, newLinkFlow } from '../../src/self-service/link-flow.ts';
import type { LinkFlow } from '../../src/self-service/link-flow.ts';
import { openLink, transition } from '../../src/self-service/link-transition.ts';

/**
 * Goal: whatever happens in whatever order, a self-service payment is charged at most once at a time and never after an
 * outcome, tries no more cards than it may, and ends with its card wiped and its clock stopped. Method: random events,
 * among them those that only a charge can cause, exactly when a charge is under way.
 */
const FIELDS: readonly CaptureField[] = ['payment-card-number', 'expiration-date'];
const TRIES = 3;

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

function kinds(effects: readonly LinkEffect[]): string[] {
  return effects.map(({ type }) => type);
}

describe('a self-service payment', () => {
  it('keeps its promises in any order of events', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        let flow = openLink(newLinkFlow(FIELDS, TRIES)).flow;
        let charges = 0;
        for (const asked of events) {
          if (!isPossible(flow, asked)) continue;
          const before = flow;
          const next = transition(flow, asked);
          flow = next.flow;
          const effects = kinds(next.effects);
          if (effects.includes('begin-processing')) {
            charges += 1;
            expect(before.payment).toBe('capturing');
            expect(flow.payment).toBe('processing');
            expect(flow.fields.every(({ status }) => status === 'complete')).toBe(true);
          }
          if (isEnded(before.payment)) {
            expect(effects).not.toContain('begin-processing');
            if (before.payment !== 'unknown') expect(flow).toBe(before);
          }
          if (isEnded(flow.payment) && flow !== before) {
            expect(effects).toEqual(expect.arrayContaining(['wipe', 'stop-timer']));
          }
          if (effects.includes('ignored'))
            expect(next).toEqual({ flow: before, effects: [{ type: 'ignored' }] });
          expect(flow.triesLeft).toBe(TRIES - charges);
          expect(flow.triesLeft).toBeGreaterThanOrEqual(0);
          expect(flow.link === 'expired').toBe(flow.payment === 'expired');
          expect(flow.link === 'submitted').toBe(
            ['processing', 'approved', 'declined', 'failed', 'unknown'].includes(flow.payment),
          );
          for (const { masked, length } of flow.fields) expect(masked).toHaveLength(length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
