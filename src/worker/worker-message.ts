import type { LegName } from '../core/leg.ts';
import type { LogLevel } from '../core/log-level.ts';
import type { MaskingAlarmCause, Sensitivity } from '../core/masking.ts';
import type { SampleRate } from '../core/sample-rate.ts';
import type { CallBridgeSettings, LegStatus } from '../media/call-bridge.ts';
import type { MetricsSnapshot } from '../telemetry/prometheus-meter.ts';
import type { UpgradeRequest } from '../vonage/ws-acceptor.ts';

/**
 * What the main process and a media worker say to each other. Keys are not among it: they come as bytes through a pipe
 * of their own (`key-pipe.ts`). `bridge` numbers the bridges of the main process.
 */
export type ToWorker =
  | { readonly kind: 'start'; readonly logLevel: LogLevel; readonly overloadLatenessMs: number }
  | { readonly kind: 'open'; readonly bridge: number; readonly settings: CallBridgeSettings }
  /** The socket travels beside the message. */
  | {
      readonly kind: 'connect';
      readonly bridge: number;
      readonly leg: LegName;
      readonly request: UpgradeRequest;
      readonly head: Uint8Array;
    }
  | { readonly kind: 'sensitivity'; readonly bridge: number; readonly sensitivity: Sensitivity }
  | { readonly kind: 'armed'; readonly bridge: number; readonly isArmed: boolean }
  | { readonly kind: 'end'; readonly bridge: number }
  | { readonly kind: 'metrics' };

export interface BridgeState {
  readonly masking: 'off' | 'armed' | 'muted';
  readonly legs: Readonly<Record<LegName, LegStatus>>;
}

export type BridgeEvent =
  | { readonly kind: 'leg-opened'; readonly leg: LegName; readonly sampleRate: SampleRate }
  | { readonly kind: 'leg-closed'; readonly leg: LegName; readonly reason: string }
  | { readonly kind: 'alarm'; readonly cause: MaskingAlarmCause }
  /** Nothing happened but that the state is another one. */
  | { readonly kind: 'changed' };

export type FromWorker =
  | {
      readonly kind: 'event';
      readonly bridge: number;
      readonly event: BridgeEvent;
      readonly state: BridgeState;
    }
  | { readonly kind: 'load'; readonly isOverloaded: boolean }
  | { readonly kind: 'log'; readonly line: string }
  | { readonly kind: 'metrics'; readonly snapshot: MetricsSnapshot };
