import type { LegName } from '../core/leg.ts';
import type { Sensitivity } from '../core/masking.ts';
import type { CallBridgeObserver, CallBridgeSettings, LegStatus } from './call-bridge.ts';

/** The media of one call as the rest of the program sees it, in this process or in another one. */
export interface MediaBridge {
  readonly masking: 'off' | 'armed' | 'muted';
  setSensitivity(sensitivity: Sensitivity): void;
  setArmed(isArmed: boolean): void;
  legState(name: LegName): LegStatus;
  end(): void;
}

export type MakeBridge = (settings: CallBridgeSettings, observer: CallBridgeObserver) => MediaBridge;
