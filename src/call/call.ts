import { assert } from '../core/assert.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import type { DigitCode } from '../core/digit.ts';
import { legsOf } from '../core/leg.ts';
import type { LegName, Topology } from '../core/leg.ts';
import type { Logger } from '../core/log.ts';
import type { MaskingAlarmCause } from '../core/masking.ts';
import type { Counter, Meter } from '../core/meter.ts';
import type { SampleRate } from '../core/sample-rate.ts';
import type { CallBridgeObserver, CallBridgeSettings } from '../media/call-bridge.ts';
import type { MakeBridge, MediaBridge } from '../media/media-bridge.ts';
import { DigitRouter } from './digit-router.ts';
import type { GuidedPayment } from './guided-payment.ts';
import type { CallController } from './phone-calls.ts';
import type { CallView } from './views.ts';

/** How long a lost leg may stay away before the call counts as over: time to dial it again. */
const REJOIN_MS = 15_000;
/** How long nobody may connect at first: the platform dials for up to two minutes, twice. */
const FIRST_LEG_MS = 300_000;
/** The longest call that Vonage allows (`limit` of the `connect` action). */
const LONGEST_MS = 7_200_000;

export interface CallSettings {
  readonly id: string;
  readonly topology: Topology;
  readonly sampleRate: SampleRate;
  readonly reference: string | null;
  /** Tones are masked during the whole call, or only while a payment is open. */
  readonly isAlwaysArmed: boolean;
  readonly masking: Pick<
    CallBridgeSettings,
    'lookaheadMs' | 'maskMode' | 'maskFrequencyHz' | 'maskLevelDbm0' | 'seed'
  >;
}

export interface CallDependencies {
  readonly makeBridge: MakeBridge;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly logger: Logger;
}

/**
 * How long tones stay masked after a payment, with the policy `payment`: the caller may not know yet that it ended
 * and key on.
 */
const DISARM_DELAY_MS = 5_000;

/** Why a call ended; also a metric label. */
export type CallEnd = 'requested' | 'legs-gone' | 'never-connected' | 'too-long' | 'drained' | 'hung-up';

/** One conversation: its media, its digits, and the payment that is open on it. */
export class Call implements CallBridgeObserver {
  readonly id: string;
  readonly bridge: MediaBridge;
  readonly #settings: CallSettings;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onEnd: (call: Call, reason: CallEnd) => void;
  readonly #createdAt: string;
  readonly #createdAtMs: number;
  readonly #router = new DigitRouter();
  readonly #counted: Readonly<Record<'inband' | 'event', Counter>>;
  readonly #dropped: Readonly<Record<'no-field' | 'full' | 'duplicate' | 'not-numeral', Counter>>;
  readonly #hasOpened = new Set<LegName>();
  readonly #cancelLongest: Cancel;
  #payment: GuidedPayment | null = null;
  #lastAlarm: MaskingAlarmCause | null = null;
  /** Ends the call when nobody connects, or nobody comes back. */
  #cancelDeadline: Cancel;
  #hasEnded = false;
  #controller: CallController | null = null;
  /** Whether the caller's keys may go into a payment; false while an agent might hear them on another way. */
  #isCaptureAllowed = true;

  constructor(settings: CallSettings, deps: CallDependencies, onEnd: (call: Call, reason: CallEnd) => void) {
    const { meter } = deps;
    this.id = settings.id;
    this.#settings = settings;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#onEnd = onEnd;
    this.#createdAt = new Date(deps.clock.wallMs()).toISOString();
    this.#createdAtMs = deps.clock.monotonicMs();
    this.#counted = {
      inband: meter.counter('digits_total', { source: 'inband' }),
      event: meter.counter('digits_total', { source: 'event' }),
    };
    this.#dropped = {
      'no-field': meter.counter('digits_dropped_total', { cause: 'no-field' }),
      full: meter.counter('digits_dropped_total', { cause: 'full' }),
      duplicate: meter.counter('digits_dropped_total', { cause: 'duplicate' }),
      'not-numeral': meter.counter('digits_dropped_total', { cause: 'not-numeral' }),
    };
    const { id: callId, topology, masking, isAlwaysArmed } = settings;
    this.bridge = deps.makeBridge({ callId, topology, armed: isAlwaysArmed, ...masking }, this);
    this.#cancelDeadline = deps.clock.after(FIRST_LEG_MS, () => this.end('never-connected'));
    this.#cancelLongest = deps.clock.after(LONGEST_MS, () => this.end('too-long'));
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get ageMs(): number {
    return this.#clock.monotonicMs() - this.#createdAtMs;
  }

  get payment(): GuidedPayment | null {
    return this.#payment;
  }

  /**
   * Puts the call under somebody who brings the parties onto the bridge and takes them off it: legs may be missing
   * for as long as he likes, he ends the call, and no key is captured until he allows it.
   */
  putUnder(controller: CallController): void {
    this.#controller = controller;
    this.#isCaptureAllowed = false;
    this.#cancelDeadline();
  }

  /** Whether keys may be captured. When that ends, the field in progress is emptied. */
  allowCapture(isAllowed: boolean): void {
    if (this.#isCaptureAllowed === isAllowed) return;
    this.#isCaptureAllowed = isAllowed;
    if (!isAllowed) this.#payment?.mediaClosed();
    else if (this.#payment !== null) this.#openMediaOf(this.#payment);
  }

  /** Hands the caller's keys to a payment until it ends. The call has no other open payment. */
  join(payment: GuidedPayment): void {
    assert(!this.#hasEnded, 'a payment joins an open call');
    assert(this.#payment === null || this.#payment.hasEnded, 'one payment at a time');
    this.#payment = payment;
    // Keys heard before still wait for their events, which must not count as keys of this payment.
    this.bridge.setArmed(true);
    this.#controller?.paymentOpened();
    if (this.#lastAlarm !== null && this.bridge.masking === 'muted') payment.maskingAlarm(this.#lastAlarm);
    this.#openMediaOf(payment);
  }

  /** The payment has ended: with the policy `payment`, masking ends with it. */
  release(payment: GuidedPayment): void {
    if (this.#payment !== payment) return;
    this.#router.wipe();
    this.bridge.setSensitivity('normal');
    this.#controller?.paymentEnded();
    if (this.#settings.isAlwaysArmed) return;
    this.#clock.after(DISARM_DELAY_MS, () => {
      if (this.#payment === payment) this.bridge.setArmed(false);
    });
  }

  end(reason: CallEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelDeadline();
    this.#cancelLongest();
    this.#payment?.callEnded();
    this.bridge.end();
    this.#router.wipe();
    this.#logger.info('call ended', { callId: this.id, code: reason });
    this.#controller?.callEnded();
    this.#onEnd(this, reason);
  }

  view(): CallView {
    const { topology, sampleRate, reference } = this.#settings;
    const payment = this.#payment;
    return {
      id: this.id,
      topology,
      sampleRate,
      reference,
      state: this.#hasEnded ? 'ended' : 'open',
      legs: Object.fromEntries(legsOf(topology).map((leg) => [leg, this.bridge.legState(leg)])),
      masking: this.bridge.masking,
      payment: payment === null ? null : { id: payment.id, state: payment.state },
      createdAt: this.#createdAt,
    };
  }

  legOpened(leg: LegName, sampleRate: SampleRate): void {
    this.#logger.info('leg opened', { callId: this.id, leg, sampleRate });
    this.#hasOpened.add(leg);
    if (leg === 'caller') {
      // A newer socket may have taken over: keys between the two are lost, so the field in progress starts over.
      this.#payment?.mediaClosed();
    }
    this.#controller?.legOpened(leg);
    if (leg === 'caller' && this.#payment !== null) this.#openMediaOf(this.#payment);
    this.#watchLegs();
  }

  legClosed(leg: LegName): void {
    if (leg === 'caller') this.#payment?.mediaClosed();
    this.#controller?.legClosed(leg);
    this.#watchLegs();
  }

  digitHeard(code: DigitCode): void {
    this.#report('inband', code, this.#router.heard(code, this.#clock.monotonicMs()));
  }

  digitReleased(code: DigitCode): void {
    this.#router.released(code, this.#clock.monotonicMs());
  }

  digitTold(code: DigitCode): void {
    this.#report('event', code, this.#router.told(code, this.#clock.monotonicMs()));
  }

  maskingAlarm(cause: MaskingAlarmCause): void {
    this.#lastAlarm = cause;
    this.#payment?.maskingAlarm(cause);
  }

  #openMediaOf(payment: GuidedPayment): void {
    if (this.#isCaptureAllowed && this.bridge.legState('caller').state === 'open') payment.mediaOpened();
  }

  #report(source: 'inband' | 'event', code: DigitCode, report: 'count' | 'duplicate'): void {
    if (report === 'duplicate') {
      this.#dropped.duplicate.add(1);
      return;
    }
    this.#counted[source].add(1);
    const fate = this.#payment?.key(code) ?? 'no-field';
    if (fate !== 'taken') this.#dropped[fate].add(1);
  }

  /** A call whose caller or agent was there and left is over, unless the leg comes back soon. */
  #watchLegs(): void {
    if (this.#hasEnded || this.#hasOpened.size === 0 || this.#controller !== null) return;
    this.#cancelDeadline();
    const isGone = (leg: LegName): boolean =>
      this.#hasOpened.has(leg) && this.bridge.legState(leg).state === 'closed';
    if (legsOf(this.#settings.topology).some(isGone)) {
      this.#cancelDeadline = this.#clock.after(REJOIN_MS, () => this.end('legs-gone'));
    }
  }
}
