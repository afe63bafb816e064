import { assert } from '../core/assert.ts';
import type { Clock } from '../core/clock.ts';
import type { DigitCode } from '../core/digit.ts';
import { legsOf } from '../core/leg.ts';
import type { LegName, Topology } from '../core/leg.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { MaskMode, MaskingAlarmCause, Sensitivity } from '../core/masking.ts';
import type { Counter, Gauge, Meter } from '../core/meter.ts';
import type { SampleRate } from '../core/sample-rate.ts';
import type { MaskerObserver } from '../dsp/masker.ts';
import { Masker } from '../dsp/masker.ts';
import { OutputGuard } from '../dsp/output-guard.ts';
import { AgentMute } from './agent-mute.ts';
import { frameSamples, silentFrame } from './audio-format.ts';
import type { CloseReason } from './close-reason.ts';
import { Leg } from './leg.ts';
import type { LegOwner } from './leg.ts';
import { LegMeters } from './leg-meters.ts';
import type { LegSocket, LegSocketHandler } from './leg-socket.ts';
import { MaskedPath } from './masked-path.ts';
import type { MediaBridge } from './media-bridge.ts';
import type { MaskedPathObserver, MaskedPathStages } from './masked-path.ts';
import { RateConverter, conversionDelayMs } from './rate-converter.ts';

export interface CallBridgeSettings {
  /** For log lines. */
  readonly callId: string;
  readonly topology: Topology;
  /** Delay from the caller to the agent, exactly. At least 3: a conversion between rates takes up to one of them. */
  readonly lookaheadMs: number;
  readonly maskMode: MaskMode;
  readonly maskFrequencyHz: number;
  readonly maskLevelDbm0: number;
  /** Whether the caller's tones are masked from the start; see `setArmed`. */
  readonly armed: boolean;
  /** Seed of the comfort noise. */
  readonly seed: number;
}

export interface CallBridgeDependencies {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly logger: Logger;
}

/** Called synchronously, some of it from within a frame: whatever it throws counts as a failure of masking. */
export interface CallBridgeObserver {
  /** The platform said which audio the leg carries; frames flow. Again when a newer socket took over. */
  legOpened(leg: LegName, sampleRate: SampleRate): void;
  /**
   * The leg has no socket any more, for one of `CLOSE_REASONS`. Not called when a newer socket took over, nor for
   * legs that `end` closed.
   */
  legClosed(leg: LegName, reason: string): void;
  /** A key was heard in the caller's audio. */
  digitHeard(code: DigitCode): void;
  /** The key heard before was released. */
  digitReleased(code: DigitCode): void;
  /** The platform told of a key on the caller's leg, be it the one that was heard or one without a tone. */
  digitTold(code: DigitCode): void;
  /** Masking is in doubt, and the agent side is muted. */
  maskingAlarm(cause: MaskingAlarmCause): void;
}

/** As the REST API words it. */
export interface LegStatus {
  readonly state: 'waiting' | 'open' | 'closed';
  readonly sampleRate: SampleRate | null;
}

/** The caller's audio on its way, and where it is rendered while there is no agent to hear it. */
interface AgentSide {
  readonly path: MaskedPath;
  readonly rate: SampleRate;
  readonly unheard: Int16Array;
}

/**
 * The media of one call. Every frame of one leg sends one frame on the other at once; no timer paces audio. In the
 * loopback topology the caller's own leg is the other one.
 */
export class CallBridge implements MediaBridge {
  readonly #settings: CallBridgeSettings;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #observer: CallBridgeObserver;
  readonly #meters: Readonly<Record<LegName, LegMeters>>;
  readonly #maskActive: Gauge;
  readonly #failClosed: Readonly<Record<MaskingAlarmCause, Counter>>;
  readonly #legs: Record<LegName, Leg | null> = { caller: null, agent: null };
  readonly #mute = new AgentMute();
  #agentSide: AgentSide | null = null;
  /** From the agent to the caller; null when both have the same rate, and the bytes go through as they are. */
  #toCaller: RateConverter | null = null;
  #sensitivity: Sensitivity = 'normal';
  #isArmed: boolean;
  #hasEnded = false;

  constructor(
    settings: CallBridgeSettings,
    dependencies: CallBridgeDependencies,
    observer: CallBridgeObserver,
  ) {
    const { meter, clock, logger } = dependencies;
    this.#settings = settings;
    this.#clock = clock;
    this.#logger = logger;
    this.#observer = observer;
    this.#isArmed = settings.armed;
    this.#meters = { caller: new LegMeters(meter, 'caller'), agent: new LegMeters(meter, 'agent') };
    this.#maskActive = meter.gauge('mask_active', {});
    this.#failClosed = {
      'output-check': meter.counter('failclosed_total', { cause: 'output-check' }),
      error: meter.counter('failclosed_total', { cause: 'error' }),
      overload: meter.counter('failclosed_total', { cause: 'overload' }),
    };
  }

  /** Gives a leg its socket. The newest one wins: an older one is closed. */
  connect(name: LegName, socket: LegSocket): LegSocketHandler {
    assert(legsOf(this.#settings.topology).includes(name), 'the topology has no such leg');
    const older = this.#legs[name];
    const leg = new Leg(name, socket, this.#legOwner, this.#clock, this.#meters[name]);
    this.#legs[name] = leg;
    if (name === 'caller') this.#dropAgentSide();
    older?.close('replaced');
    if (this.#hasEnded) leg.close('call-ended');
    return leg;
  }

  setSensitivity(sensitivity: Sensitivity): void {
    this.#sensitivity = sensitivity;
    this.#agentSide?.path.setSensitivity(sensitivity);
  }

  /** Armed, the caller's tones are masked; disarmed they pass, and keys are still heard. */
  setArmed(isArmed: boolean): void {
    this.#isArmed = isArmed;
    this.#agentSide?.path.setArmed(isArmed);
  }

  legState(name: LegName): LegStatus {
    const leg = this.#legs[name];
    if (leg === null || leg.isConnecting) return { state: 'waiting', sampleRate: null };
    return { state: leg.isOpen ? 'open' : 'closed', sampleRate: leg.sampleRate };
  }

  /** What the agent's side gets. */
  get masking(): 'off' | 'armed' | 'muted' {
    if (this.#mute.isMuted) return 'muted';
    return this.#isArmed ? 'armed' : 'off';
  }

  /** Closes the legs and zeroes every buffer that held audio. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#dropAgentSide();
    this.#legs.caller?.close('call-ended');
    this.#legs.agent?.close('call-ended');
  }

  readonly #legOwner: LegOwner = {
    opened: (leg) => this.#opened(leg),
    frameArrived: (leg, samples) => {
      if (leg.name === 'caller') this.#passToAgent(samples);
      else this.#passToCaller(samples);
    },
    frameEarly: (leg, sizeBytes) => this.#answerEarly(leg, sizeBytes),
    frameUnusable: (leg) => this.#passSilence(leg),
    frameRefused: (leg) => {
      if (leg.name === 'caller') this.#agentSide?.path.lose();
    },
    keyTold: (leg, code) => {
      if (leg.name !== 'caller') return;
      this.#agentSide?.path.coverToldKey();
      this.#observer.digitTold(code);
    },
    failed: (leg, error) => this.#failed(leg, error),
    closed: (leg, reason) => this.#closed(leg, reason),
  };

  readonly #pathObserver: MaskedPathObserver = {
    digitHeard: (code) => this.#observer.digitHeard(code),
    digitReleased: (code) => this.#observer.digitReleased(code),
    maskingChanged: (isMasking) => this.#maskActive.add(isMasking ? 1 : -1),
    doubted: (cause, error) => this.#alarm(cause, error),
  };

  /** The leg that hears what this leg says, if it is open. */
  #listener(name: LegName): Leg | null {
    const isLoopback = this.#settings.topology === 'loopback';
    const listener = this.#legs[name === 'caller' && !isLoopback ? 'agent' : 'caller'];
    return listener?.isOpen === true ? listener : null;
  }

  #opened(leg: Leg): void {
    const { caller, agent } = this.#legs;
    const callerRate = caller?.isOpen === true ? caller.sampleRate : null;
    const agentRate = agent?.isOpen === true ? agent.sampleRate : null;
    if (callerRate !== null) {
      // Until the agent's leg says otherwise, it is expected to have the caller's rate.
      const rate = agentRate ?? callerRate;
      if (this.#agentSide?.rate !== rate) this.#makeAgentSide(callerRate, rate);
      this.#toCaller = rate === callerRate ? null : new RateConverter(rate, callerRate);
    }
    this.#observer.legOpened(leg.name, leg.sampleRate!);
  }

  #makeAgentSide(callerRate: SampleRate, rate: SampleRate): void {
    const heldDigit = this.#agentSide?.path.heldDigit ?? null;
    this.#dropAgentSide();
    const path = new MaskedPath(
      frameSamples(callerRate),
      this.#mute,
      this.#pathObserver,
      (observer) => this.#makeStages(callerRate, rate, observer),
      heldDigit,
    );
    path.setArmed(this.#isArmed);
    this.#agentSide = { path, rate, unheard: new Int16Array(frameSamples(rate)) };
  }

  #makeStages(callerRate: SampleRate, rate: SampleRate, observer: MaskerObserver): MaskedPathStages {
    const { lookaheadMs, maskMode, maskFrequencyHz, maskLevelDbm0, seed } = this.#settings;
    const isConverted = rate !== callerRate;
    const masker = new Masker(
      {
        sampleRate: callerRate,
        lookaheadMs: lookaheadMs - conversionDelayMs(callerRate, rate),
        mode: maskMode,
        maskFrequencyHz,
        maskLevelDbm0,
        sensitivity: this.#sensitivity,
        seed,
      },
      observer,
    );
    return {
      masker,
      converter: isConverted ? new RateConverter(callerRate, rate) : null,
      guard: new OutputGuard(rate),
    };
  }

  #dropAgentSide(): void {
    this.#agentSide?.path.end();
    this.#agentSide?.unheard.fill(0);
    this.#agentSide = null;
    this.#toCaller?.wipe();
    this.#toCaller = null;
  }

  #passToAgent(samples: Int16Array): void {
    const listener = this.#listener('caller');
    const side = this.#agentSide;
    if (listener === null) {
      side?.path.process(samples, side.unheard);
      this.#meters.agent.noPeer.add(1);
      return;
    }
    if (side === null) listener.outgoing.fill(0);
    else side.path.process(samples, listener.outgoing);
    listener.sendFrame();
  }

  #passToCaller(samples: Int16Array): void {
    const listener = this.#listener('agent');
    if (listener === null) return this.#meters.caller.noPeer.add(1);
    if (this.#toCaller === null) listener.outgoing.set(samples);
    else this.#toCaller.process(samples, listener.outgoing);
    listener.sendFrame();
  }

  #passSilence(from: Leg): void {
    if (from.name === 'caller') this.#agentSide?.path.skip();
    this.#sendSilence(from.name);
  }

  #answerEarly(from: Leg, sizeBytes: number): void {
    if (this.#settings.topology === 'two-leg') return this.#sendSilence(from.name);
    // The rate is not known yet, but a frame's size tells the size of its answer.
    const frame = silentFrame(sizeBytes);
    if (frame !== null) from.sendSilence(frame);
  }

  #sendSilence(from: LegName): void {
    const listener = this.#listener(from);
    if (listener === null) return this.#meters[from === 'caller' ? 'agent' : 'caller'].noPeer.add(1);
    listener.outgoing.fill(0);
    listener.sendFrame();
  }

  #closed(leg: Leg, reason: CloseReason): void {
    this.#logger.info('leg closed', { callId: this.#settings.callId, leg: leg.name, code: reason });
    if (this.#legs[leg.name] !== leg || this.#hasEnded) return;
    if (leg.name === 'caller') this.#dropAgentSide();
    this.#tell(() => this.#observer.legClosed(leg.name, reason));
  }

  #failed(leg: Leg, error: unknown): void {
    this.#logger.error('handling of input failed', {
      ...describeError(error),
      callId: this.#settings.callId,
      leg: leg.name,
    });
    if (this.#mute.raise('error')) this.#alarm('error', error);
  }

  #alarm(cause: MaskingAlarmCause, error: unknown): void {
    this.#failClosed[cause].add(1);
    this.#logger.error('agent side muted', {
      ...(error === null ? {} : describeError(error)),
      callId: this.#settings.callId,
      outcome: cause,
    });
    this.#tell(() => this.#observer.maskingAlarm(cause));
  }

  /** Nothing that an observer throws reaches the socket or the timer it came from. */
  #tell(notify: () => void): void {
    try {
      notify();
    } catch (error) {
      this.#mute.raise('error');
      this.#logger.error('observer failed', { ...describeError(error), callId: this.#settings.callId });
    }
  }
}
