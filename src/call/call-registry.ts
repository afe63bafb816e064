import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import { legsOf } from '../core/leg.ts';
import type { LegName } from '../core/leg.ts';
import type { Logger } from '../core/log.ts';
import type { MaskPolicy } from '../core/masking.ts';
import type { Gauge, Histogram, Meter } from '../core/meter.ts';
import { makeId } from '../core/random.ts';
import type { Random } from '../core/random.ts';
import type { Tracer } from '../core/tracer.ts';
import type { MakeBridge, MediaBridge } from '../media/media-bridge.ts';
import { Call } from './call.ts';
import type { CallEnd, CallSettings } from './call.ts';
import type { GuidedPayment } from './guided-payment.ts';
import type { Calls, CallView, CreatedCall, LegAddress, NewCall } from './views.ts';

/** How long an ended call can still be asked for. */
const KEEP_ENDED_MS = 15 * 60_000;

export interface CallRegistrySettings {
  readonly maxCalls: number;
  readonly maskPolicy: MaskPolicy;
  readonly masking: Omit<CallSettings['masking'], 'seed'>;
}

export interface CallRegistryDependencies {
  readonly makeBridge: MakeBridge;
  readonly clock: Clock;
  readonly random: Random;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly tracer?: Tracer;
  /** Makes an address that lets the platform connect this leg once. */
  readonly addressOf: (call: NewCall, callId: string, leg: LegName) => LegAddress;
  /** Whether the frames of open calls wait too long for the processor already. */
  readonly isOverloaded: () => boolean;
  /** The open payment of a call for which nothing is keyed, if there are such payments. */
  readonly otherPaymentOf?: (callId: string) => CallView['payment'];
}

/** What is left of a call after its end: no media, no buffers. */
interface EndedCall {
  readonly view: CallView;
  readonly payment: GuidedPayment | null;
}

/** Every call of this process. */
export class CallRegistry implements Calls {
  readonly #settings: CallRegistrySettings;
  readonly #deps: CallRegistryDependencies;
  readonly #open = new Map<string, { readonly call: Call; readonly asked: NewCall }>();
  readonly #ended = new Map<string, EndedCall>();
  readonly #openGauge: Gauge;
  readonly #durations: Histogram;
  #isDraining = false;
  #whenEmpty: (() => void)[] = [];

  constructor(settings: CallRegistrySettings, deps: CallRegistryDependencies) {
    this.#settings = settings;
    this.#deps = deps;
    this.#openGauge = deps.meter.gauge('calls', {});
    this.#durations = deps.meter.histogram('call_duration_seconds', {});
    deps.meter.gauge('calls_limit', {}).set(settings.maxCalls);
  }

  create(asked: NewCall): CreatedCall {
    this.#admit();
    const { random, addressOf, logger } = this.#deps;
    const { topology, sampleRate, reference } = asked;
    const id = makeId(random, 'call');
    const seed = new DataView(random.bytes(4).slice().buffer).getUint32(0);
    const isAlwaysArmed = this.#settings.maskPolicy === 'always';
    const masking = { ...this.#settings.masking, seed };
    const call = new Call(
      { id, topology, sampleRate, reference, isAlwaysArmed, masking },
      this.#deps,
      (ended, reason) => this.#forget(ended, asked, reason),
    );
    this.#open.set(id, { call, asked });
    this.#openGauge.set(this.#open.size);
    logger.info('call created', { callId: id, topology, sampleRate });
    const legs = Object.fromEntries(legsOf(topology).map((leg) => [leg, addressOf(asked, id, leg)]));
    return { id, topology, legs, createdAt: call.view().createdAt };
  }

  get(id: string): CallView {
    const open = this.#open.get(id);
    if (open !== undefined) {
      const view = open.call.view();
      const other = this.#deps.otherPaymentOf?.(id) ?? null;
      return other === null ? view : { ...view, payment: { id: other.id, state: other.state } };
    }
    const ended = this.#ended.get(id);
    if (ended === undefined) throw new AppError('CALL_NOT_FOUND');
    const { view, payment } = ended;
    return payment === null ? view : { ...view, payment: { id: payment.id, state: payment.state } };
  }

  renewLeg(id: string, leg: LegName): LegAddress {
    const { asked } = this.#openEntry(id);
    if (!legsOf(asked.topology).includes(leg)) throw new AppError('LEG_NOT_IN_TOPOLOGY');
    return this.#deps.addressOf(asked, id, leg);
  }

  end(id: string): void {
    // Ending twice is no error: the call is as it was asked to be.
    if (!this.#ended.has(id)) this.#openEntry(id).call.end('requested');
  }

  /** The call, if it has not ended. */
  openCall(id: string): Call {
    return this.#openEntry(id).call;
  }

  /** The media of an open call, for a socket that redeemed its token. */
  bridgeOf(id: string): MediaBridge | null {
    return this.#open.get(id)?.call.bridge ?? null;
  }

  /** A payment has ended: its call goes on without it. */
  release(payment: GuidedPayment): void {
    this.#open.get(payment.record.callId)?.call.release(payment);
  }

  /** Takes no new calls from now on; resolves when the last open one has ended. */
  drain(): Promise<void> {
    this.#isDraining = true;
    return new Promise((resolve) => {
      this.#whenEmpty.push(resolve);
      this.#tellIfEmpty();
    });
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /** Ends the open calls on which no payment is under way. */
  endIdle(): void {
    for (const { call } of this.#open.values()) {
      if (call.payment === null || call.payment.hasEnded) call.end('drained');
    }
  }

  /** Ends every call that is still open. */
  endAll(): void {
    for (const { call } of this.#open.values()) call.end('drained');
  }

  /** Running calls come first: what cannot be served without harm to them is refused at the door. */
  #admit(): void {
    if (this.#isDraining) throw new AppError('DRAINING');
    if (this.#open.size >= this.#settings.maxCalls) this.#refuse('capacity', 'CAPACITY_EXCEEDED');
    if (this.#deps.isOverloaded()) this.#refuse('overload', 'OVERLOADED');
  }

  #refuse(reason: 'capacity' | 'overload', code: ErrorCode): never {
    this.#deps.meter.counter('calls_refused_total', { reason }).add(1);
    throw new AppError(code);
  }

  #openEntry(id: string): { readonly call: Call; readonly asked: NewCall } {
    const entry = this.#open.get(id);
    if (entry === undefined) throw new AppError(this.#ended.has(id) ? 'CALL_ENDED' : 'CALL_NOT_FOUND');
    return entry;
  }

  #forget(call: Call, { topology }: NewCall, reason: CallEnd): void {
    this.#open.delete(call.id);
    this.#ended.set(call.id, { view: call.view(), payment: call.payment });
    this.#openGauge.set(this.#open.size);
    this.#deps.meter.counter('calls_total', { topology, reason }).add(1);
    this.#durations.observe(call.ageMs / 1000);
    this.#trace(call, topology, reason);
    this.#deps.clock.after(KEEP_ENDED_MS, () => this.#ended.delete(call.id));
    this.#tellIfEmpty();
  }

  #trace(call: Call, topology: NewCall['topology'], reason: CallEnd): void {
    const endedAtMs = this.#deps.clock.wallMs();
    this.#deps.tracer?.record({
      name: 'call',
      about: call.id,
      isRoot: true,
      startedAtMs: endedAtMs - call.ageMs,
      endedAtMs,
      isError: false,
      facts: { callId: call.id, topology, outcome: reason },
    });
  }

  #tellIfEmpty(): void {
    if (this.#open.size === 0) for (const tell of this.#whenEmpty.splice(0)) tell();
  }
}
