import { describe, expect, it } from 'vitest';
import type { CaptureField } from '../../../src/core/capture-field.ts';
import type { FieldVerdict } from '../../../src/core/field-verdict.ts';
import type { LinkState } from '../../../src/core/link-state.ts';
import type { PaymentState } from '../../../src/core/payment-state.ts';
import type { LinkEvent } from '../../../src/self-service/link-event.ts';
import { newLinkFlow } from '../../../src/self-service/link-flow.ts';
import type { LinkFlow } from '../../../src/self-service/link-flow.ts';
import { openLink, transition } from '../../../src/self-service/link-transition.ts';

const FIELDS: readonly CaptureField[] = ['payment-card-number', 'security-code'];

function verdict(changes: Partial<FieldVerdict>): FieldVerdict {
  return {
    length: 3,
    masked: '***',
    status: 'complete',
    brand: null,
    reason: null,
    refutesSecurityCode: false,
    ...changes,
  };
}

const GOOD = new Map<CaptureField, FieldVerdict>([
  ['payment-card-number', verdict({ length: 16, masked: '************1111', brand: 'visa' })],
  ['security-code', verdict({})],
]);
const BAD = new Map<CaptureField, FieldVerdict>([
  ...GOOD,
  ['security-code', verdict({ status: 'rejected', reason: 'invalid-security-code' })],
]);

function after(...events: readonly LinkEvent[]): LinkFlow {
  return events.reduce((flow, event) => transition(flow, event).flow, newLinkFlow(FIELDS, 2));
}

const OPENED: LinkEvent = { type: 'page-opened' };
const SENT: LinkEvent = { type: 'form-sent', verdicts: GOOD };
const at = {
  connecting: after(),
  capturing: after(OPENED),
  processing: after(OPENED, SENT),
  approved: after(OPENED, SENT, { type: 'outcome-known', outcome: 'approved' }),
  unknown: after(OPENED, SENT, { type: 'outcome-known', outcome: 'unknown' }),
  expired: after({ type: 'link-timed-out' }),
  canceled: after({ type: 'cancel-requested' }),
} as const;

/** The announcements of one event, as a line each. */
function told(flow: LinkFlow, event: LinkEvent): string[] {
  return transition(flow, event).effects.map((effect) =>
    effect.type === 'announce'
      ? Object.values(effect.announcement)
          .map((value) => (Array.isArray(value) ? `[${value.join(' ')}]` : String(value)))
          .join(' ')
      : effect.type,
  );
}

describe('the link of a self-service payment', () => {
  it('starts its time and says where it is', () => {
    const { flow, effects } = openLink(newLinkFlow(FIELDS, 2));
    expect(flow).toMatchObject({ payment: 'connecting', link: 'created', triesLeft: 2 });
    expect(effects.map(({ type }) => type)).toEqual(['start-timer', 'announce', 'announce']);
  });

  const rows: readonly {
    readonly event: LinkEvent;
    readonly to: Partial<Record<keyof typeof at, readonly [PaymentState, LinkState]>>;
  }[] = [
    { event: { type: 'message-sent' }, to: { connecting: ['connecting', 'sent'] } },
    { event: { type: 'message-delivered' }, to: { connecting: ['connecting', 'delivered'] } },
    { event: { type: 'message-lost' }, to: { connecting: ['connecting', 'undelivered'] } },
    {
      event: { type: 'link-renewed' },
      to: { connecting: ['connecting', 'created'], capturing: ['connecting', 'created'] },
    },
    { event: OPENED, to: { connecting: ['capturing', 'opened'] } },
    {
      event: { type: 'field-typed', field: 'security-code', length: 2 },
      to: { capturing: ['capturing', 'opened'] },
    },
    { event: SENT, to: { capturing: ['processing', 'submitted'] } },
    { event: { type: 'form-sent', verdicts: BAD }, to: { capturing: ['capturing', 'opened'] } },
    {
      event: { type: 'outcome-known', outcome: 'declined' },
      to: { processing: ['declined', 'submitted'], unknown: ['declined', 'submitted'] },
    },
    { event: { type: 'outcome-known', outcome: 'unknown' }, to: { processing: ['unknown', 'submitted'] } },
    { event: { type: 'opened-again', outcome: 'declined' }, to: { processing: ['capturing', 'opened'] } },
    {
      event: { type: 'link-timed-out' },
      to: {
        connecting: ['expired', 'expired'],
        capturing: ['expired', 'expired'],
        processing: ['processing', 'submitted'],
      },
    },
    {
      event: { type: 'cancel-requested' },
      to: { connecting: ['canceled', 'created'], capturing: ['canceled', 'opened'] },
    },
  ];
  it.each(
    rows.flatMap(({ event, to }) =>
      Object.entries(at).map(([from, flow]) => ({ event, from, flow, to: to[from as keyof typeof at] })),
    ),
  )('$event.type in $from leads to $to', ({ event, flow, to }) => {
    const next = transition(flow, event);
    expect([next.flow.payment, next.flow.link]).toEqual(to ?? [flow.payment, flow.link]);
    expect(next.flow === flow && next.effects[0]?.type === 'ignored').toBe(to === undefined);
  });

  it('tells of a status of the message only what leads on', () => {
    const delivered = after({ type: 'message-sent' }, { type: 'message-delivered' });
    for (const type of ['message-sent', 'message-lost', 'message-delivered'] as const) {
      expect(transition(delivered, { type }).flow).toBe(delivered);
    }
    expect(after({ type: 'message-lost' }, { type: 'message-delivered' }).link).toBe('delivered');
  });

  it('shows asterisks, once for each count', () => {
    const event: LinkEvent = { type: 'field-typed', field: 'payment-card-number', length: 4 };
    expect(told(at.capturing, event)).toEqual(['field-progress payment-card-number 4 ****']);
    expect(told(transition(at.capturing, event).flow, event)).toEqual(['ignored']);
  });

  it('says what a form that is sent to be charged holds, and then charges', () => {
    expect(told(at.capturing, SENT)).toEqual([
      'field-complete payment-card-number ************1111 visa',
      'field-complete security-code *** null',
      'link-state submitted',
      'payment-state processing [] null',
      'begin-processing',
    ]);
    expect(at.processing.triesLeft).toBe(1);
  });

  it('wipes a form with a mistake, and takes no try for it', () => {
    const event: LinkEvent = { type: 'form-sent', verdicts: BAD };
    expect(told(at.capturing, event)).toEqual([
      'wipe',
      'field-complete payment-card-number ************1111 visa',
      'field-rejected security-code invalid-security-code 2',
      'payment-state capturing [security-code] null',
    ]);
    expect(transition(at.capturing, event).flow.triesLeft).toBe(2);
  });

  it('asks for everything again after a card that was declined', () => {
    expect(told(at.processing, { type: 'opened-again', outcome: 'declined' })).toEqual([
      'field-rejected payment-card-number card-declined 1',
      'link-state opened',
      'payment-state capturing [payment-card-number security-code] null',
    ]);
  });

  it('charges to the end what was under way when its time ran out, and takes no other card', () => {
    const overdue = transition(at.processing, { type: 'link-timed-out' }).flow;
    expect(transition(overdue, { type: 'outcome-known', outcome: 'approved' }).flow.payment).toBe('approved');
    expect(transition(overdue, { type: 'opened-again', outcome: 'declined' }).flow).toMatchObject({
      payment: 'expired',
      link: 'expired',
    });
  });
});
