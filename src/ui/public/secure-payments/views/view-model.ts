import type { Messages } from '../messages/messages.ts';
import type { Call, FieldName, Payment, PaymentDraft, Profile } from '../types.ts';

/** What the person at the screen can do. */
export interface PanelActions {
  change(draft: Partial<PaymentDraft>): void;
  proceed(): void;
  capture(field: FieldName): void;
  moreTime(): void;
  process(): void;
  askToCancel(isAsking: boolean): void;
  cancel(): void;
  another(): void;
}

/** Everything that is shown. */
export interface PanelView {
  readonly texts: Messages;
  /** BCP 47, for amounts. */
  readonly language: string;
  readonly phase: 'no-credentials' | 'loading' | 'session-ended' | 'form' | 'payment';
  readonly profiles: readonly Profile[];
  readonly draft: PaymentDraft;
  /** Names of the parts of the draft that are wrong. */
  readonly wrong: ReadonlySet<keyof PaymentDraft>;
  readonly payment: Payment | null;
  readonly call: Call | null;
  readonly masking: 'off' | 'armed' | 'muted' | 'unknown';
  /** Time left for the next key; null while nothing is timed. */
  readonly timer: { readonly remainingMs: number; readonly durationMs: number } | null;
  readonly isConnected: boolean;
  /** A request is on its way; another one would only repeat it. */
  readonly isBusy: boolean;
  readonly isAskingToCancel: boolean;
  /** A new payment can be opened from here. */
  readonly canOpen: boolean;
  readonly problem: string | null;
  readonly announcement: string;
}

/** The amount as people of the language write it. */
export function amountOf({ amount, currency }: Payment, language: string): string {
  if (amount === null) return '';
  return new Intl.NumberFormat(language, { style: 'currency', currency }).format(Number(amount));
}
