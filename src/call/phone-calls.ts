import type { LegName } from '../core/leg.ts';

/** What a call tells whoever controls the platform's side of it. Every method returns at once and never throws. */
export interface CallController {
  /** Before the payment gets its first key: the parties belong on the bridge now. */
  paymentOpened(): void;
  paymentEnded(): void;
  legOpened(leg: LegName): void;
  legClosed(leg: LegName): void;
  callEnded(): void;
}

export interface NewPhoneCall {
  /** The contact to call, as `parseDestination` reads it. */
  readonly to: string;
  /** Null: the agent of the configuration. */
  readonly agent: string | null;
  readonly reference: string | null;
}

/** How far a party is: `none` while nobody was rung yet. */
export type PartyState = 'none' | 'ringing' | 'answered' | 'connected';

/** A call that the platform carries for us, as the REST API shows it. Whom it connects is not repeated. */
export interface PhoneCallView {
  /** Also the id of the call that payments are opened on. */
  readonly id: string;
  readonly direction: 'inbound' | 'outbound';
  readonly state: 'open' | 'ended';
  readonly caller: PartyState;
  readonly agent: PartyState;
  /** The agent that a transfer rings. */
  readonly nextAgent: PartyState;
  /** Where the parties' audio goes: to each other, through the bridge, or on its way between the two. */
  readonly media: 'direct' | 'moving' | 'bridge';
}

/** Calls of the platform, as the HTTP edge uses them. Every method throws `AppError`. */
export interface PhoneCalls {
  dial(call: NewPhoneCall): PhoneCallView;
  get(id: string): PhoneCallView;
  /** Open calls, the newest last; with `legId`, the one that has this leg of the platform. */
  list(legId: string | null): readonly PhoneCallView[];
  /** Rings another agent, who takes over when he answers. */
  transfer(id: string, agent: string): PhoneCallView;
}
