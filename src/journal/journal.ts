import type { CardBrand } from '../core/card-brand.ts';
import type { LinkState } from '../core/link-state.ts';
import type { PaymentMethod, PaymentOperation } from '../core/payment-profile.ts';
import type { PaymentOutcome, PaymentState } from '../core/payment-state.ts';
import type { AuditEntry, AuditHead } from './audit-chain.ts';
import type { DeliveryRecord, DeliveryUpdate, OutboxState } from './outbox.ts';

/** A payment as it is stored: never a digit beyond brand and last four. */
export interface PaymentRecord {
  readonly id: string;
  readonly method: PaymentMethod;
  /** Null: no call; for self-service alone. */
  readonly callId: string | null;
  /** The name of the API key that made it. */
  readonly apiKeyName: string;
  /** The client's `Idempotency-Key`, unique per API key; null when none was sent. */
  readonly clientKey: string | null;
  /** SHA-256 of the request, hex: tells a repeat from a conflict. */
  readonly clientHash: string;
  readonly profileId: string;
  readonly operation: PaymentOperation;
  readonly provider: string;
  readonly payee: string | null;
  readonly interactionType: string | null;
  /** In the currency's minor unit; null when only a token is wanted. */
  readonly amountMinor: number | null;
  readonly currency: string;
  readonly reference: string | null;
  readonly description: string | null;
  readonly state: PaymentState;
  readonly outcome: OutcomeRecord | null;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** The link of a self-service payment, as it is stored: of its token only the hash. */
export interface LinkRecord {
  readonly paymentId: string;
  /** SHA-256 of the token of the newest link, hex; links before it are worth nothing. */
  readonly tokenHash: string;
  /** E.164; null when the payment has ended. */
  readonly to: string | null;
  readonly state: LinkState;
  /** ISO 8601. */
  readonly expiresAt: string;
  /** Cards that may still be tried. */
  readonly triesLeft: number;
  /** Links that were made so far. */
  readonly links: number;
  /** The platform's id of the text message with the newest link. */
  readonly messageId: string | null;
}

export interface LinkedPayment {
  readonly payment: PaymentRecord;
  readonly link: LinkRecord;
}

/** What is known of how it ended. */
export interface OutcomeRecord {
  readonly outcome: PaymentOutcome;
  /** The provider's id of the charge or the token. */
  readonly providerReference: string | null;
  readonly brand: CardBrand | null;
  readonly last4: string | null;
  readonly declineCode: string | null;
  readonly message: string;
}

/** One try to move money, committed before anything leaves. */
export interface AttemptIntent {
  /** Sent to the provider; the same for every repeat of this attempt. */
  readonly idempotencyKey: string;
  readonly paymentId: string;
  readonly operation: PaymentOperation;
  readonly amountMinor: number | null;
  readonly currency: string;
  /** What the provider gave for the card; null where the card itself is sent. Never shown to anyone. */
  readonly token: string | null;
}

/** An attempt whose outcome nobody knows, with what is needed to ask or to repeat. */
export interface UnknownAttempt extends AttemptIntent {
  readonly profileId: string;
  readonly reference: string | null;
  readonly description: string | null;
  readonly brand: CardBrand | null;
  readonly last4: string | null;
  /** ISO 8601, as all times here: when the intent was stored, before anything left. */
  readonly begunAt: string;
  /** Times that it was asked about or repeated since. */
  readonly tries: number;
  /** Null: at once. */
  readonly nextTryAt: string | null;
  /** Since when a person is asked for; null while the program goes on by itself. */
  readonly escalatedAt: string | null;
}

/** When an unknown attempt is looked at again. */
export type Deferral = Pick<UnknownAttempt, 'tries' | 'nextTryAt' | 'escalatedAt'>;

export interface JournalHealth {
  readonly writable: boolean;
}

/**
 * The durable memory of payments. Every promise of a write that resolves means a commit that survives a power cut;
 * one that rejects does so with a `JournalError` and means that nothing was or will be stored, except for the code
 * `UNCLEAR`: then the change may have been stored and must be read back.
 *
 * Every change is told to the audit log in the same transaction, with `actor` as who did it (see `AuditEntry`), and,
 * where integrators want to know, to the outbox.
 *
 * Implementations never block the thread that asks, and never see a digit.
 */
export interface Journal {
  /** Stores a new payment, with its link, or returns the one stored under the same API key and client key. */
  createPayment(
    record: PaymentRecord,
    link?: LinkRecord,
  ): Promise<{ readonly created: boolean; readonly payment: PaymentRecord }>;
  payment(id: string): Promise<PaymentRecord | null>;
  /** The payment that this API key made under this client key. */
  paymentByClientKey(apiKeyName: string, clientKey: string): Promise<PaymentRecord | null>;
  /** Newest first, at most 200. */
  paymentsOfCall(callId: string): Promise<readonly PaymentRecord[]>;
  /** Compare-and-set: false, and nothing written, if the stored state is not one of `from`. */
  moveState(id: string, from: readonly PaymentState[], to: PaymentState, actor: string): Promise<boolean>;
  /**
   * Commits the intent, and `processing` as the payment's state. Rejects with `ATTEMPT_OPEN` if another attempt of
   * the payment is open or approved, with `STATE_CONFLICT` if the payment has ended or is about another amount.
   */
  beginAttempt(intent: AttemptIntent, actor: string): Promise<void>;
  /** Whether an attempt is stored under this key: reads back a commit whose answer was lost. */
  hasAttempt(idempotencyKey: string): Promise<boolean>;
  /**
   * Commits how the attempt and its payment ended, in one transaction. A repeat in the same way is no error.
   * `isOpenAgain`: the attempt was not charged, and the payment is `capturing` again, for another card.
   */
  settleAttempt(
    idempotencyKey: string,
    outcome: OutcomeRecord,
    actor: string,
    isOpenAgain?: boolean,
  ): Promise<void>;
  /** Commits an end without any attempt: no charge was asked for, so `failed` or `declined` is proven. A repeat is no error. */
  endUnsent(id: string, outcome: OutcomeRecord, actor: string): Promise<void>;
  /** Replaces what is stored of a link. */
  saveLink(link: LinkRecord): Promise<void>;
  /** The payment whose newest link has this token, by its hash. */
  linkedPayment(tokenHash: string): Promise<LinkedPayment | null>;
  /** Payments whose payer is waited for, oldest first. */
  waitingLinks(): Promise<readonly LinkedPayment[]>;
  /** Attempts whose outcome is unknown, oldest first, at most 500. */
  unknownAttempts(): Promise<readonly UnknownAttempt[]>;
  /** Notes that an unknown attempt was tried in vain, and when it is tried again. */
  deferAttempt(idempotencyKey: string, deferral: Deferral): Promise<void>;
  /** Appends to the audit log what changes nothing else here. */
  audit(entry: AuditEntry): Promise<void>;
  /** Null while the audit log is empty. */
  auditHead(): Promise<AuditHead | null>;
  outbox(): Promise<OutboxState>;
  updateDelivery(seq: number, update: DeliveryUpdate): Promise<void>;
  /** Oldest first. */
  deliveriesOf(paymentId: string): Promise<readonly DeliveryRecord[]>;
  /**
   * Forgets payments that ended before that time, ISO 8601, and audit entries from before it. Unknown outcomes stay.
   */
  prune(before: string): Promise<void>;
  /**
   * Makes messages that were given up due again, with all tries before them; returns how many. Those older than one
   * that was delivered stay as they are, and so does everything while another message of the payment is not settled:
   * the order holds.
   */
  redeliver(paymentId: string, actor: string): Promise<number>;
  /** Forgets deliveries that were settled before that time, ISO 8601. */
  pruneOutbox(before: string): Promise<void>;
  health(): JournalHealth;
  close(): Promise<void>;
}
