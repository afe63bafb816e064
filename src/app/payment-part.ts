import { PaymentService } from '../call/payment-service.ts';
import type { CallRegistry } from '../call/call-registry.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { Random } from '../core/random.ts';
import type { Tracer } from '../core/tracer.ts';
import type { SmsSender } from '../core/sms.ts';
import type { EventHub } from '../events/event-hub.ts';
import { Housekeeping } from './housekeeping.ts';
import type { Journal } from '../journal/journal.ts';
import { openJournal } from '../journal/open-journal.ts';
import { runPayment, runTry } from '../payment/payment-flow.ts';
import { ProviderRegistry } from '../payment/provider-registry.ts';
import { Reconciler } from '../payment/reconciler.ts';
import { AllPayments } from '../self-service/all-payments.ts';
import { SelfServicePayments } from '../self-service/self-service-payments.ts';
import { startWebhooks } from './start-webhooks.ts';

/** What every part of the program gets. */
export interface Shared {
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly tracer?: Tracer;
}

/** Everything that has to do with money. */
export interface PaymentPart {
  readonly journal: Journal;
  readonly providers: ProviderRegistry;
  readonly payments: AllPayments;
  readonly selfService: SelfServicePayments;
  /** Settles unknown outcomes and keeps house from now on. */
  readonly start: () => void;
}

/** What payments need of the rest of the program. */
export interface PaymentSurroundings {
  readonly calls: CallRegistry;
  readonly events: EventHub;
  readonly sms: SmsSender | null;
  /** Base of every link; known only once the server listens. */
  readonly publicUrl: () => string;
}

/**
 * Opens the journal, which settles what a former run left, and puts the payment side together; `opened` takes what
 * has to be closed. Rejects when the journal or a provider's settings cannot be used.
 */
export async function openPaymentPart(
  config: Config,
  shared: Shared,
  parts: PaymentSurroundings,
  opened: AsyncDisposableStack,
): Promise<PaymentPart> {
  const providers = new ProviderRegistry(config.profiles, shared);
  const { database, webhook } = config;
  const journal = await openJournal(database, { ...shared, tellsOthers: webhook !== null });
  opened.defer(() => journal.close());
  if (webhook !== null) startWebhooks(webhook, shared, journal, opened);
  const { calls, events } = parts;
  const profiles = new Map(config.profiles.map((profile) => [profile.id, profile]));
  const common = { ...shared, journal, events, profiles };
  const selfService = new SelfServicePayments({
    ...common,
    sms: parts.sms,
    linkMs: config.linkMs,
    urlOf: (token) => `${parts.publicUrl()}/pay/${token}`,
    execute: (record, card, actor, mayTryAgain) => {
      const provider = providers.ofProfile(record.profileId);
      return runTry({ ...shared, journal, provider }, record, card, actor, mayTryAgain);
    },
  });
  const guided = new PaymentService({
    ...common,
    calls,
    otherOnCall: (callId) => selfService.openOnCall(callId),
    execute: (record, card, actor) => {
      const provider = providers.ofProfile(record.profileId);
      return runPayment({ ...shared, journal, provider }, record, card, actor);
    },
  });
  await selfService.resume();
  opened.defer(() => selfService.close());
  const payments = new AllPayments({ guided, selfService, calls, profiles });
  const reconciler = new Reconciler({
    ...shared,
    journal,
    providerOf: (profileId) => providers.find(profileId),
    onSettled: (id, outcome) => payments.outcomeSettled(id, outcome),
  });
  const housekeeping = new Housekeeping(
    { retentionMs: config.retentionMs, anchorsPath: config.auditAnchorsPath },
    { ...shared, journal },
  );
  opened.defer(() => housekeeping.close());
  // What it has under way ends when the providers are closed.
  opened.defer(() => reconciler.close());
  opened.defer(() => providers.close());
  return {
    journal,
    providers,
    payments,
    selfService,
    start: () => {
      reconciler.start();
      housekeeping.start();
    },
  };
}
