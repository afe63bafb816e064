import type { CardBrand } from '../core/card-brand.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Clock } from '../core/clock.ts';
import type { Meter } from '../core/meter.ts';
import { makeId } from '../core/random.ts';
import type { Random } from '../core/random.ts';
import { JournalError } from '../journal/journal-error.ts';
import type { AttemptIntent, Journal, OutcomeRecord, PaymentRecord } from '../journal/journal.ts';
import type { CardDetails } from '../vault/card-details.ts';
import { backOffMs, pause } from './back-off.ts';
import { commit, isRefusal } from './commit.ts';
import { NOT_STORED, UNKNOWN } from './provider-result.ts';
import type { PaymentProvider, ProviderResult } from './provider.ts';

export interface PaymentFlowDependencies {
  readonly journal: Journal;
  readonly provider: PaymentProvider;
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
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

/** How far the intent got. `refused`: the journal knows of another attempt, or of an end. */
type Begun = 'stored' | 'not-stored' | 'unclear' | 'refused';

/** Digits are held no longer than this for a journal that is away. */
const JOURNAL_WAIT_MS = 10_000;
const BEGIN_BACK_OFF = { firstMs: 100, maxMs: 1000 };

/**
 * Runs one payment, charged at most once and never misreported:
 *
 * 1. the intent is committed before anything leaves;
 * 2. the provider is asked, and the card wiped whatever comes of it;
 * 3. the outcome is committed, and only then told: this takes as long as the journal is away. The intent is durable,
 *    so that a crash in between is found as `unknown`.
 *
 * Without a stored intent nothing is sent, so that there is nothing to lose: such an end is told at once and
 * committed in the background.
 *
 * | the intent's commit                   | outcome                                                            |
 * |---------------------------------------|--------------------------------------------------------------------|
 * | stored, or read back as stored        | the provider's                                                     |
 * | surely never stored within 10 s       | `failed`                                                           |
 * | answer lost, cannot be read back      | `unknown`; it becomes `failed` when the journal is back            |
 * | refused: another attempt, another end | `unknown`; the journal has the truth and is left alone             |
 *
 * Never rejects.
 */
export async function runPayment(
  dependencies: PaymentFlowDependencies,
  payment: PaymentOrder,
  card: PaymentCard,
): Promise<OutcomeRecord> {
  const { journal, random, logger } = dependencies;
  const { id: paymentId, operation, amountMinor, currency } = payment;
  const shown = { brand: card.brand(), last4: card.last4() };
  const intent = { idempotencyKey: makeId(random, 'att'), paymentId, operation, amountMinor, currency };
  const { begun, result } = await attempt(dependencies, payment, intent, card);
  const outcome = outcomeOf(result, shown);
  const failed = outcomeOf(NOT_STORED, shown);
  switch (begun) {
    case 'stored':
      await commit(dependencies, paymentId, () => journal.settleAttempt(intent.idempotencyKey, outcome));
      break;
    case 'not-stored':
      void commit(dependencies, paymentId, () => journal.failPayment(paymentId, failed));
      break;
    case 'unclear':
      void commit(dependencies, paymentId, () => failWhatIsStored(journal, intent, failed));
      break;
    case 'refused':
      logger.error('The journal refused a payment attempt', { paymentId });
      break;
  }
  return outcome;
}

async function attempt(
  dependencies: PaymentFlowDependencies,
  payment: PaymentOrder,
  intent: AttemptIntent,
  card: PaymentCard,
): Promise<{ readonly begun: Begun; readonly result: ProviderResult }> {
  try {
    const begun = await beginAttempt(dependencies, intent);
    if (begun === 'stored') return { begun, result: await execute(dependencies, payment, intent, card) };
    return { begun, result: begun === 'not-stored' ? NOT_STORED : UNKNOWN };
  } finally {
    card.wipe();
  }
}

async function beginAttempt(
  { journal, clock, random }: PaymentFlowDependencies,
  intent: AttemptIntent,
): Promise<Begun> {
  const untilMs = clock.monotonicMs() + JOURNAL_WAIT_MS;
  let begun: Begun = 'not-stored';
  for (let tries = 0; ; tries += 1) {
    begun = await tryToBegin(journal, intent, begun === 'unclear');
    if (begun === 'stored' || begun === 'refused') return begun;
    const pauseMs = backOffMs(BEGIN_BACK_OFF, tries, random);
    if (clock.monotonicMs() + pauseMs >= untilMs) return begun;
    await pause(clock, pauseMs);
  }
}

/** Commits the intent; one that may be stored already is read back first. */
async function tryToBegin(journal: Journal, intent: AttemptIntent, mayBeStored: boolean): Promise<Begun> {
  try {
    if (mayBeStored && (await journal.hasAttempt(intent.idempotencyKey))) return 'stored';
  } catch {
    return 'unclear';
  }
  try {
    await journal.beginAttempt(intent);
    return 'stored';
  } catch (error) {
    if (isRefusal(error)) return 'refused';
    return error instanceof JournalError && error.code === 'UNAVAILABLE' ? 'not-stored' : 'unclear';
  }
}

async function execute(
  { provider, clock, meter, logger }: PaymentFlowDependencies,
  payment: PaymentOrder,
  intent: AttemptIntent,
  card: CardDetails,
): Promise<ProviderResult> {
  const startedMs = clock.monotonicMs();
  const { operation, amountMinor, currency, reference, description } = payment;
  const { idempotencyKey } = intent;
  try {
    return await provider.execute(
      { operation, idempotencyKey, amountMinor, currency, reference, description },
      card,
    );
  } catch (error) {
    // A provider never rejects; should a bug make it, the request may have left before.
    logger.error('A payment provider failed', { paymentId: payment.id, ...describeError(error) });
    return UNKNOWN;
  } finally {
    const seconds = (clock.monotonicMs() - startedMs) / 1000;
    meter.histogram('payment_seconds', { provider: provider.kind, step: operation }).observe(seconds);
  }
}

/** Nothing was sent under this intent: whatever the journal has of it ends as `failed`. */
async function failWhatIsStored(journal: Journal, intent: AttemptIntent, outcome: OutcomeRecord) {
  if (await journal.hasAttempt(intent.idempotencyKey)) {
    await journal.settleAttempt(intent.idempotencyKey, outcome);
  } else {
    await journal.failPayment(intent.paymentId, outcome);
  }
}

function outcomeOf(result: ProviderResult, shown: Pick<OutcomeRecord, 'brand' | 'last4'>): OutcomeRecord {
  return {
    outcome: result.outcome,
    providerReference: result.reference,
    brand: result.brand ?? shown.brand,
    last4: result.last4 ?? shown.last4,
    declineCode: result.declineCode,
    message: result.message,
  };
}
