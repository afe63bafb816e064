import type { DigitCode } from '../core/digit.ts';
import { legsOf } from '../core/leg.ts';
import type { LegName } from '../core/leg.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Sensitivity } from '../core/masking.ts';
import type { CallBridgeObserver, CallBridgeSettings, LegStatus } from '../media/call-bridge.ts';
import type { MediaBridge } from '../media/media-bridge.ts';
import type { KeyKind } from './key-pipe.ts';
import type { BridgeEvent, BridgeState, ToWorker } from './worker-message.ts';

const WAITING: LegStatus = { state: 'waiting', sampleRate: null };

/** Sends a message to the worker that carries a bridge. */
export type Tell = (message: ToWorker) => void;

export interface RemoteBridgeSurroundings {
  readonly observer: CallBridgeObserver;
  readonly logger: Logger;
  readonly tell: Tell;
  /** The media of the call are over. */
  readonly onEnd: () => void;
}

/** The media of a call that a worker carries: what was last heard of it, and what it is told. */
export class RemoteBridge implements MediaBridge {
  readonly index: number;
  readonly #settings: CallBridgeSettings;
  readonly #surroundings: RemoteBridgeSurroundings;
  #tell: Tell;
  #state: BridgeState;
  #sensitivity: Sensitivity = 'normal';
  #isArmed: boolean;

  constructor(index: number, settings: CallBridgeSettings, surroundings: RemoteBridgeSurroundings) {
    this.index = index;
    this.#settings = settings;
    this.#surroundings = surroundings;
    this.#tell = surroundings.tell;
    this.#isArmed = settings.armed;
    this.#state = this.#freshState();
    this.#tell({ kind: 'open', bridge: index, settings });
  }

  get masking(): 'off' | 'armed' | 'muted' {
    return this.#state.masking;
  }

  legState(name: LegName): LegStatus {
    return this.#state.legs[name];
  }

  setSensitivity(sensitivity: Sensitivity): void {
    this.#sensitivity = sensitivity;
    this.#tell({ kind: 'sensitivity', bridge: this.index, sensitivity });
  }

  setArmed(isArmed: boolean): void {
    this.#isArmed = isArmed;
    if (this.#state.masking !== 'muted') this.#state = { ...this.#state, masking: isArmed ? 'armed' : 'off' };
    this.#tell({ kind: 'armed', bridge: this.index, isArmed });
  }

  end(): void {
    const legs = { caller: ended(this.#state.legs.caller), agent: ended(this.#state.legs.agent) };
    this.#state = { ...this.#state, legs };
    this.#tell({ kind: 'end', bridge: this.index });
    this.#surroundings.onEnd();
  }

  take(event: BridgeEvent, state: BridgeState): void {
    this.#state = state;
    this.#inform((observer) => {
      if (event.kind === 'leg-opened') observer.legOpened(event.leg, event.sampleRate);
      else if (event.kind === 'leg-closed') observer.legClosed(event.leg, event.reason);
      else if (event.kind === 'alarm') observer.maskingAlarm(event.cause);
    });
  }

  key(kind: KeyKind, code: DigitCode): void {
    this.#inform((observer) => {
      if (kind === 'heard') observer.digitHeard(code);
      else if (kind === 'released') observer.digitReleased(code);
      else observer.digitTold(code);
    });
  }

  /** The worker is gone, and its sockets with it. */
  lose(): void {
    const open = legsOf(this.#settings.topology).filter((leg) => this.legState(leg).state === 'open');
    const legs = { caller: ended(this.#state.legs.caller), agent: ended(this.#state.legs.agent) };
    this.#state = { masking: this.#freshState().masking, legs };
    for (const leg of open) this.#inform((observer) => observer.legClosed(leg, 'peer-closed'));
  }

  /** Another worker takes the call over: the platform may dial its legs again, which are masked from the first frame. */
  moveTo(tell: Tell): void {
    this.#tell = tell;
    const settings = { ...this.#settings, armed: this.#isArmed };
    tell({ kind: 'open', bridge: this.index, settings });
    tell({ kind: 'sensitivity', bridge: this.index, sensitivity: this.#sensitivity });
  }

  /** What an observer throws is a bug that makes masking doubtful: the media of this call end. */
  #inform(tell: (observer: CallBridgeObserver) => void): void {
    try {
      tell(this.#surroundings.observer);
    } catch (error) {
      const { logger } = this.#surroundings;
      logger.error('observer failed', { ...describeError(error), callId: this.#settings.callId });
      this.end();
    }
  }

  #freshState(): BridgeState {
    return { masking: this.#isArmed ? 'armed' : 'off', legs: { caller: WAITING, agent: WAITING } };
  }
}

function ended(leg: LegStatus): LegStatus {
  return leg.state === 'open' ? { ...leg, state: 'closed' } : leg;
}
