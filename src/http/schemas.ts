import { Type } from 'typebox';
import type { TSchema } from 'typebox';
import type {
  CallView as CallFacts,
  CreatedCall as CreatedCallFacts,
  LegAddress as LegFacts,
  PaymentView as PaymentFacts,
} from '../call/views.ts';
import type { PhoneCallView as PhoneCallFacts } from '../call/phone-calls.ts';
import { CAPTURE_FIELDS } from '../core/capture-field.ts';
import { CARD_BRANDS } from '../core/card-brand.ts';
import { PAYMENT_STATES } from '../core/payment-state.ts';
import { SAMPLE_RATES } from '../core/sample-rate.ts';

/**
 * The words of the API, for validation, types and documentation alike. An answer holds what its schema names and
 * nothing else: the serializer drops the rest.
 */

const EXAMPLE_CALL = 'call_abcdefghjkmnpqrsabcdefghjkmnpqrs';
const EXAMPLE_PAYMENT = 'pay_srqpnmkjhgfedcbasrqpnmkjhgfedcba';
const EXAMPLE_TIME = '2026-11-23T10:00:00.000Z';
export const STRICT = { additionalProperties: false };

const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const Time = Type.String({ description: 'ISO 8601.', examples: [EXAMPLE_TIME] });

/** Text that people write: no control characters, line separators or halves of characters. */
const freeText = (maxLength: number, description: string, example: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]*$',
    description: `${description} What looks like a card number is refused.`,
    examples: [example],
  });

export const CallId = Type.String({ minLength: 1, maxLength: 64, examples: [EXAMPLE_CALL] });
export const PaymentId = Type.String({ minLength: 1, maxLength: 64, examples: [EXAMPLE_PAYMENT] });
export const Field = Type.Enum([...CAPTURE_FIELDS], { examples: ['payment-card-number'] });
export const Leg = Type.Enum(['caller', 'agent'], { examples: ['caller'] });
const TopologyWord = Type.Enum(['two-leg', 'loopback']);
const Rate = Type.Enum([...SAMPLE_RATES]);
const Brand = Type.Enum([...CARD_BRANDS]);
const State = Type.Enum([...PAYMENT_STATES]);
const Reference = freeText(200, 'Your own reference, kept with the call or payment.', 'order 17');

/** The request header `Idempotency-Key`; not required. */
export const IdempotencyKey = (description: string) =>
  Type.Optional(Type.String({ pattern: '^[!-~]{1,255}$', description, examples: ['order-17'] }));

export const NewCall = Type.Object(
  {
    topology: Type.Enum(['two-leg', 'loopback'], {
      default: 'two-leg',
      description: 'Two legs with masking between them, or one leg whose audio comes back masked.',
    }),
    sampleRate: Type.Enum([...SAMPLE_RATES], {
      default: 16000,
      description: 'Samples per second that the answer asks the platform for.',
    }),
    reference: Type.Optional(Reference),
  },
  STRICT,
);

export const LegAddress = Type.Unsafe<LegFacts>(
  Type.Object(
    {
      uri: Type.String({
        description: 'WebSocket address with a token in it that works once and for a short time.',
        examples: ['wss://pay.example/media/token'],
      }),
      ncco: Type.Array(Type.Unsafe<object>({ type: 'object', additionalProperties: true }), {
        description: 'A call control object that connects a Vonage call to it.',
      }),
    },
    { description: "Where the platform connects a leg's media." },
  ),
);

export const CreatedCall = Type.Unsafe<CreatedCallFacts>(
  Type.Object(
    {
      id: CallId,
      topology: TopologyWord,
      legs: Type.Object({ caller: Type.Optional(LegAddress), agent: Type.Optional(LegAddress) }),
      createdAt: Time,
    },
    { description: 'The call, with the addresses of its legs.' },
  ),
);

const LegView = Type.Object({
  state: Type.Enum(['waiting', 'open', 'closed']),
  sampleRate: nullable(Rate),
});

export const CallView = Type.Unsafe<CallFacts>(
  Type.Object(
    {
      id: CallId,
      topology: TopologyWord,
      sampleRate: Rate,
      reference: nullable(Type.String()),
      state: Type.Enum(['open', 'ended']),
      legs: Type.Object({ caller: Type.Optional(LegView), agent: Type.Optional(LegView) }),
      masking: Type.Enum(['off', 'armed', 'muted'], {
        description:
          'What the agent side gets: audio as it is, audio with keys masked, or silence because in doubt.',
      }),
      payment: nullable(Type.Object({ id: PaymentId, state: State })),
      createdAt: Time,
    },
    { description: 'A call as it is now.' },
  ),
);

const Destination = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'A phone number with country code, a `sip:` or `sips:` address, or `app:` and a user name.',
  examples: ['447700900001'],
});

export const NewPhoneCall = Type.Object(
  {
    to: Destination,
    agent: Type.Optional(Destination),
    reference: Type.Optional(Reference),
  },
  STRICT,
);

export const AgentTransfer = Type.Object({ agent: Destination }, STRICT);

const Party = Type.Enum(['none', 'ringing', 'answered', 'connected']);

export const PhoneCallView = Type.Unsafe<PhoneCallFacts>(
  Type.Object(
    {
      id: CallId,
      direction: Type.Enum(['inbound', 'outbound']),
      state: Type.Enum(['open', 'ended']),
      caller: Party,
      agent: Party,
      nextAgent: Party,
      media: Type.Enum(['direct', 'moving', 'bridge'], {
        description:
          "Where the parties' audio goes: to each other, through the bridge, or on its way between.",
      }),
    },
    { description: 'A call that the platform carries. Payments are opened with its id as `callId`.' },
  ),
);

export const NewPayment = Type.Object(
  {
    callId: CallId,
    profileId: Type.String({ minLength: 1, maxLength: 64, examples: ['card-gbp'] }),
    payee: Type.Optional(freeText(200, 'Who pays.', 'Jo Smith')),
    interactionType: Type.Optional(freeText(64, 'How the payment came about.', 'call')),
    amount: Type.Optional(
      Type.String({
        maxLength: 20,
        description: 'Decimal string in the currency of the profile; needed to charge.',
        examples: ['42.50'],
      }),
    ),
    currency: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{3}$',
        description: 'ISO 4217; must be that of the profile.',
        examples: ['GBP'],
      }),
    ),
    reference: Type.Optional(Reference),
    description: Type.Optional(freeText(200, 'Sent to the provider.', 'Two tickets')),
  },
  STRICT,
);

const FieldView = Type.Object({
  field: Field,
  state: Type.Enum(['empty', 'requested', 'collecting', 'complete', 'rejected']),
  length: Type.Integer(),
  masked: Type.String({ examples: ['************1111'] }),
  brand: nullable(Brand),
  reason: nullable(Type.String()),
  attemptsLeft: Type.Integer(),
});

const PAYMENT_PROPERTIES = {
  id: PaymentId,
  callId: CallId,
  profileId: Type.String(),
  method: Type.Enum(['guided', 'self-service']),
  operation: Type.Enum(['charge', 'tokenize']),
  state: State,
  required: Type.Array(Field, { description: 'Fields that are still missing.' }),
  field: nullable(Field),
  fields: Type.Array(FieldView),
  payee: nullable(Type.String()),
  interactionType: nullable(Type.String()),
  amount: nullable(Type.String()),
  currency: Type.String(),
  reference: nullable(Type.String()),
  description: nullable(Type.String()),
  fieldTimer: nullable(
    Type.Object(
      { remainingMs: Type.Integer(), durationMs: Type.Integer() },
      { description: 'How long the caller has for the next key.' },
    ),
  ),
  result: nullable(
    Type.Object({
      outcome: Type.Enum(['approved', 'declined', 'failed', 'unknown'], {
        description: '`unknown`: it may have been charged and is being settled. Do not take the card again.',
      }),
      reference: nullable(Type.String()),
      brand: nullable(Brand),
      last4: nullable(Type.String({ examples: ['1111'] })),
      declineCode: nullable(Type.String()),
      message: Type.String(),
    }),
  ),
  createdAt: Time,
  updatedAt: Time,
};

export const PaymentView = Type.Unsafe<PaymentFacts>(
  Type.Object(PAYMENT_PROPERTIES, {
    $id: 'Payment',
    description: 'A payment: never a digit beyond brand and last four.',
  }),
);

const TOKEN_PROPERTIES = {
  agentToken: Type.String({
    description: "For the agent's browser: covers this payment alone, for 15 minutes.",
  }),
  agentTokenExpiresAt: Time,
};

export const AgentToken = Type.Object(TOKEN_PROPERTIES, { description: 'A fresh token.' });

type CreatedPaymentFacts = PaymentFacts & {
  readonly agentToken: string;
  readonly agentTokenExpiresAt: string;
  readonly panelUrl: string;
  readonly eventsUrl: string;
};

export const CreatedPayment = Type.Unsafe<CreatedPaymentFacts>(
  Type.Object(
    {
      ...PAYMENT_PROPERTIES,
      ...TOKEN_PROPERTIES,
      panelUrl: Type.String({ description: "The agent's page, with the token in its fragment." }),
      eventsUrl: Type.String({ description: 'Server-Sent Events of the payment.' }),
    },
    { description: 'The payment, with a token and links for the agent.' },
  ),
);

export const AgentSession = Type.Object(
  {
    agentToken: Type.String({
      description: "For the agent's browser: covers the payments of this call, for 15 minutes.",
    }),
    agentTokenExpiresAt: Time,
    workspaceUrl: Type.String({ description: "The agent's page, with the token in its fragment." }),
  },
  { description: 'A token for the call.' },
);

export const ProfileView = Type.Object({
  id: Type.String({ examples: ['card-gbp'] }),
  name: Type.String(),
  method: Type.Enum(['guided', 'self-service']),
  operation: Type.Enum(['charge', 'tokenize']),
  currency: Type.String({ examples: ['GBP'] }),
  fields: Type.Array(Field),
  brands: Type.Array(Brand),
  firstDigitTimeoutSeconds: Type.Integer(),
  interDigitTimeoutSeconds: Type.Integer(),
  maxAttempts: Type.Integer(),
  minPostalCodeLength: Type.Integer(),
  provider: Type.Object({ kind: Type.String({ examples: ['simulator'] }) }),
});

export const DeliveryList = Type.Object(
  {
    deliveries: Type.Array(
      Type.Object({
        id: Type.String({
          description: 'The `webhook-id`, the same in every try.',
          examples: [`${EXAMPLE_PAYMENT}_17`],
        }),
        type: Type.String({ examples: ['payment.approved'] }),
        status: Type.Enum(['pending', 'delivered', 'given-up']),
        tries: Type.Integer(),
        lastHttpStatus: nullable(
          Type.Integer({ description: 'Of the last answer; null when there was none.', examples: [200] }),
        ),
        createdAt: Time,
        nextTryAt: nullable(
          Type.String({
            description:
              'ISO 8601; null for one that is settled, or that goes as soon as those before it are.',
            examples: [EXAMPLE_TIME],
          }),
        ),
        settledAt: nullable(Time),
      }),
    ),
  },
  { description: 'Oldest first; what was settled more than 30 days ago is forgotten.' },
);
