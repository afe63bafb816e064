import type { CardBrand } from '../core/card-brand.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Clock } from '../core/clock.ts';
import type { Meter } from '../core/meter.ts';
import type { PaymentState } from '../core/payment-state.ts';
import { makeId } from '../core/random.ts';
import type { Random } from '../core/random.ts';
import type { Tracer } from '../core/tracer.ts';
import type { AttemptIntent, Journal, OutcomeRecord, PaymentRecord } from '../journal/journal.ts';
import type { CardDetails } from '../vault/card-details.ts';
import { outcomeOf, requestOf } from './attempt-request.ts';
import { commit } from './commit.ts';
import { makesTokens } from './provider.ts';
import type { PaymentProvider, ProviderResult, Tokenised } from './provider.ts';
import { NOT_STORED, NOT_TOKENISED, tokenResult, UNKNOWN } from './provider-result.ts';
import { storeWithin } from './store-within.ts';
import type { Stored } from './store-within.ts';

export interface PaymentFlowDependencies {
  readonly journal: Journal;
  readonly provider: PaymentProvider;
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly tracer?: Tracer;
}

/** The vault, as far as a payment needs it. */
export interface PaymentCard extends CardDetails {
  wipe(): void;
  last4(): string | null;
  brand(): CardBrand | null;
}

/** What a payment is about; a stored payment fits. */
export type PaymentOrder = Pick<
  PaymentRecord,
  'id' | 'operation' | 'amountMinor' | 'currency' | 'reference' | 'description'
>;

/** How a run ended, and what the journal has of it: nothing was sent for money unless the intent is `stored`. */
interface Run {
  readonly intent: Stored | 'not-begun';
  readonly result: ProviderResult;
  readonly shown: Pick<OutcomeRecord, 'brand' | 'last4'>;
}

const BEFORE: readonly PaymentState[] = ['connecting', 'capturing', 'ready'];

/**
 * Runs one payment, charged at most once and never misreported:
 *
 * 1. `processing` is committed, and the card becomes a token, where the provider makes tokens; then it is wiped;
 * 2. the intent is committed, with the token, before anything that moves money leaves;
 * 3. the provider is asked to charge: the token, or where it makes none, the card, which is then wiped whatever
 *    comes of it;
 * 4. the outcome is committed, and only then told: this takes as long as the journal is away. The intent is durable,
 *    so that a crash in between is found as `unknown`, and settled by the reconciler.
 *
 * Without a stored intent nothing was charged, so that there is nothing to lose: such an end is told at once and
 * committed in the background, unless the journal is there.
 *
 * | the intent's commit                   | outcome                                                            |
 * |---------------------------------------|--------------------------------------------------------------------|
 * | not begun: the card gave no token     | `declined` or `failed`; `unknown` if the journal refuses that      |
 * | stored, or read back as stored        | the provider's                                                     |
 * | surely never stored within 10 s       | `failed`                                                           |
 * | answer lost, cannot be read back      | `unknown`; it becomes `failed` when the journal is back            |
 * | refused: another attempt, another end | `unknown`; the journal has the truth and is left alone             |
 *
 * `actor` is who asked for it, for the audit log. Never rejects.
 */
export async function runPayment(
  dependencies: PaymentFlowDependencies,
  payment: PaymentOrder,
  card: PaymentCard,
  actor: string,
): Promise<OutcomeRecord> {
  return (await runTry(dependencies, payment, card, actor, () => false)).outcome;
}

/** How one card of a payment did. `isOpenAgain`: the payment is stored as `capturing`, for another card. */
export interface Try {
  readonly outcome: OutcomeRecord;
  readonly isOpenAgain: boolean;
}

/**
 * As `runPayment`, for a payment that may go on with another card. `mayTryAgain` is asked at most once, when it is
 * proven that nothing was charged and before that is stored.
 */
export async function runTry(
  dependencies: PaymentFlowDependencies,
  payment: PaymentOrder,
  card: PaymentCard,
  actor: string,
  mayTryAgain: () => boolean,
): Promise<Try> {
  const { journal, random, logger } = dependencies;
  const { id: paymentId, operation, amountMinor, currency } = payment;
  const idempotencyKey = makeId(random, 'att');
  const draft = { idempotencyKey, paymentId, operation, amountMinor, currency };
  const { intent, result, shown } = await run(dependencies, payment, draft, card, actor);
  const outcome = outcomeOf(result, shown);
  const failed = outcomeOf(NOT_STORED, shown);
  const isProvenUncharged = outcome.outcome === 'declined' || outcome.outcome === 'failed';
  const isOpenAgain = isProvenUncharged && (intent === 'stored' || intent === 'not-begun') && mayTryAgain();
  switch (intent) {
    case 'stored':
      await commit(dependencies, paymentId, () =>
        journal.settleAttempt(idempotencyKey, outcome, actor, isOpenAgain),
      );
      break;
    case 'not-begun': {
      const isStored = await commit(dependencies, paymentId, () =>
        isOpenAgain
          ? journal.moveState(paymentId, ['processing', 'capturing'], 'capturing', actor)
          : journal.endUnsent(paymentId, outcome, actor),
      );
      return isStored ? { outcome, isOpenAgain } : { outcome: outcomeOf(UNKNOWN, shown), isOpenAgain: false };
    }
    case 'not-stored':
      void commit(dependencies, paymentId, () => journal.endUnsent(paymentId, outcome, actor));
      break;
    case 'unclear':
      void commit(dependencies, paymentId, () => failWhatIsStored(journal, draft, failed, actor));
      break;
    case 'refused':
      logger.error('The journal refused a payment attempt', { paymentId });
      break;
  }
  return { outcome, isOpenAgain };
}

/** The intent without its token. */
type Draft = Omit<AttemptIntent, 'token'>;

async function run(
  dependencies: PaymentFlowDependencies,
  payment: PaymentOrder,
  draft: Draft,
  card: PaymentCard,
  actor: string,
): Promise<Run> {
  const { provider } = dependencies;
  const shown = { brand: card.brand(), last4: card.last4() };
  try {
    if (!makesTokens(provider)) {
      const intent = await begin(dependencies, { ...draft, token: null }, actor);
      if (intent !== 'stored') return { intent, result: unsent(intent), shown };
      const request = requestOf(draft, payment);
      const result = await ask(dependencies, payment, () => provider.execute(request, card), UNKNOWN);
      return { intent, result, shown };
    }
    const processing = await beginProcessing(dependencies, draft.paymentId, actor);
    if (processing === 'refused') return { intent: processing, result: UNKNOWN, shown };
    // Also when that is unclear: there is no intent, so that nobody will charge anything.
    if (processing !== 'stored') return { intent: 'not-stored', result: NOT_STORED, shown };
    const tokenised = await ask(
      dependencies,
      payment,
      () => provider.tokenise(requestOf(draft, payment), card),
      NOT_TOKENISED,
      'tokenize',
    );
    card.wipe();
    return await chargeToken(dependencies, payment, draft, tokenised, shown, actor);
  } finally {
    card.wipe();
  }
}

async function chargeToken(
  dependencies: PaymentFlowDependencies,
  payment: PaymentOrder,
  draft: Draft,
  tokenised: Tokenised,
  shown: Run['shown'],
  actor: string,
): Promise<Run> {
  const { provider } = dependencies;
  if (tokenised.kind === 'ended') return { intent: 'not-begun', result: tokenised.result, shown };
  const { token, brand, last4 } = tokenised;
  const known = { brand: brand ?? shown.brand, last4: last4 ?? shown.last4 };
  const intent = await begin(dependencies, { ...draft, token }, actor);
  if (intent !== 'stored') return { intent, result: unsent(intent), shown: known };
  if (payment.operation === 'tokenize') return { intent, result: tokenResult(token), shown: known };
  const charge = async (): Promise<ProviderResult> =>
    makesTokens(provider) ? provider.charge(requestOf(draft, payment), token, false) : UNKNOWN;
  return { intent, result: await ask(dependencies, payment, charge, UNKNOWN), shown: known };
}

/** Commits `processing`, so that a crash while the card becomes a token is found as `failed`. */
function beginProcessing(
  { journal, ...dependencies }: PaymentFlowDependencies,
  paymentId: string,
  actor: string,
): Promise<Stored> {
  return storeWithin(dependencies, {
    write: async () => {
      if (!(await journal.moveState(paymentId, BEFORE, 'processing', actor))) return 'refused';
      return 'stored';
    },
    isStored: async () => (await journal.payment(paymentId))?.state === 'processing',
  });
}

function begin(
  { journal, ...dependencies }: PaymentFlowDependencies,
  intent: AttemptIntent,
  actor: string,
): Promise<Stored> {
  return storeWithin(dependencies, {
    write: async () => {
      await journal.beginAttempt(intent, actor);
      return 'stored';
    },
    isStored: () => journal.hasAttempt(intent.idempotencyKey),
  });
}

/** Asks the provider, and measures how long it takes. */
async function ask<T>(
  { provider, clock, meter, logger, tracer }: PaymentFlowDependencies,
  payment: PaymentOrder,
  question: () => Promise<T>,
  onBug: T,
  step: 'charge' | 'tokenize' = payment.operation,
): Promise<T> {
  const startedMs = clock.monotonicMs();
  let isError = false;
  try {
    return await question();
  } catch (error) {
    isError = true;
    // A provider never rejects; should a bug make it, the request may have left before.
    logger.error('A payment provider failed', { paymentId: payment.id, ...describeError(error) });
    return onBug;
  } finally {
    const seconds = (clock.monotonicMs() - startedMs) / 1000;
    meter.histogram('payment_seconds', { provider: provider.kind, step }).observe(seconds);
    const endedAtMs = clock.wallMs();
    tracer?.record({
      name: 'provider request',
      about: payment.id,
      isRoot: false,
      startedAtMs: endedAtMs - 1000 * seconds,
      endedAtMs,
      isError,
      facts: { paymentId: payment.id, provider: provider.kind, step },
    });
  }
}

/** Nothing was sent under this intent: whatever the journal has of it ends as `failed`. */
async function failWhatIsStored(journal: Journal, draft: Draft, outcome: OutcomeRecord, actor: string) {
  if (await journal.hasAttempt(draft.idempotencyKey)) {
    await journal.settleAttempt(draft.idempotencyKey, outcome, actor);
  } else {
    await journal.endUnsent(draft.paymentId, outcome, actor);
  }
}

function unsent(intent: Stored): ProviderResult {
  return intent === 'not-stored' ? NOT_STORED : UNKNOWN;
}
