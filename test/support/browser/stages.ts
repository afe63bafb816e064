import type {
  Call,
  Field,
  LinkState,
  Payment,
  PaymentState,
  Result,
} from '../../../src/ui/public/secure-payments/types.ts';
import { STAGED_CALL, STAGED_PAYMENT, stagedCard, stagedField } from './staged-payment.ts';

/** What the server is made to say, and what is then done on the panel. */
export interface Stage {
  readonly payment: Payment | null;
  readonly call: Call;
  /** Names of buttons to press. */
  readonly press?: readonly string[];
  /** What does not work: the stream of events, or the token. */
  readonly fails?: 'stream' | 'token';
  /** Name of a profile to pick. */
  readonly pick?: string;
}

const CODE = stagedField('security-code');
const EXPIRY = stagedField('expiration-date');
const COMPLETE: readonly Field[] = [
  stagedCard('visa'),
  { ...EXPIRY, state: 'complete', length: 4, masked: '****' },
  { ...CODE, state: 'complete', length: 3, masked: '***' },
];

function staged(change: Partial<Payment>, call: Partial<Call> = {}): Stage {
  return { payment: { ...STAGED_PAYMENT, ...change }, call: { ...STAGED_CALL, ...call } };
}

function ended(state: PaymentState, result: Partial<Result> | null): Stage {
  const whole = { outcome: state, reference: null, brand: 'visa', last4: '1111', declineCode: null };
  return staged({
    state,
    required: [],
    field: null,
    fields: [],
    result: result === null ? null : { ...whole, ...result },
  });
}

function card(change: Partial<Field>): readonly Field[] {
  return [stagedField('payment-card-number', change), EXPIRY, CODE];
}

function byLink(linkState: LinkState, fields: readonly Field[] = card({})): Stage {
  return staged({ method: 'self-service', state: 'connecting', field: null, linkState, fields });
}

/** Every state of the panel, by a name that files and tests use. */
export const STAGES: Readonly<Record<string, Stage>> = {
  'form-guided': { payment: null, call: STAGED_CALL },
  'form-self-service': { payment: null, call: STAGED_CALL, pick: 'Payment by link (GBP)' },
  'form-incomplete': { payment: null, call: STAGED_CALL, press: ['Proceed to payment'] },
  connecting: staged({ state: 'connecting', field: null, fields: card({}) }),
  requested: staged({ fieldTimer: { remainingMs: 52_000, durationMs: 60_000 } }),
  collecting: staged({
    fields: card({ state: 'collecting', length: 9, masked: '*********' }),
    fieldTimer: { remainingMs: 16_000, durationMs: 20_000 },
  }),
  refused: staged({
    fields: card({ state: 'requested', reason: 'invalid-card-number', attemptsLeft: 2 }),
    fieldTimer: { remainingMs: 55_000, durationMs: 60_000 },
  }),
  exhausted: staged({
    field: null,
    fields: card({ state: 'rejected', reason: 'invalid-card-type', attemptsLeft: 0 }),
  }),
  'code-of-amex': staged({
    field: 'security-code',
    required: ['security-code'],
    fields: [
      stagedCard('amex'),
      COMPLETE[1] ?? EXPIRY,
      { ...CODE, state: 'collecting', length: 2, masked: '**' },
    ],
  }),
  ready: staged({ state: 'ready', required: [], field: null, fields: COMPLETE }),
  'cancel-question': {
    ...staged({ state: 'ready', required: [], field: null, fields: COMPLETE }),
    press: ['Cancel'],
  },
  processing: staged({ state: 'processing', required: [], field: null, fields: COMPLETE }),
  approved: ended('approved', { reference: 'ch_3PqT8e' }),
  declined: ended('declined', { declineCode: 'insufficient_funds' }),
  failed: ended('failed', {}),
  unknown: ended('unknown', {}),
  canceled: ended('canceled', null),
  expired: ended('expired', null),
  'masking-in-doubt': staged(
    { fields: card({ state: 'collecting', length: 4, masked: '****' }) },
    { masking: 'muted' },
  ),
  'connection-lost': { ...staged({}), fails: 'stream' },
  'session-ended': { payment: null, call: STAGED_CALL, fails: 'token' },
  'caller-away': staged({}, { legs: { caller: { state: 'closed' }, agent: { state: 'open' } } }),
  'call-ended': { ...ended('canceled', null), call: { ...STAGED_CALL, state: 'ended' } },
  'link-sent': byLink('sent'),
  'link-opened': byLink('opened', card({ state: 'collecting', length: 11, masked: '***********' })),
  'link-submitted': byLink('submitted', COMPLETE),
  'link-expired': byLink('expired'),
};
