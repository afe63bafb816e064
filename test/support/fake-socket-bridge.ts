import type { LegName } from '../../src/core/leg.ts';
import type { Logger } from '../../src/core/log.ts';
import type { SampleRate } from '../../src/core/sample-rate.ts';
import { CallBridge } from '../../src/media/call-bridge.ts';
import type { CallBridgeObserver, CallBridgeSettings } from '../../src/media/call-bridge.ts';
import type { LegSocketHandler } from '../../src/media/leg-socket.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeSocket } from './fake-socket.ts';
import { samplesToBytes } from './leg-client.ts';
import { RecordingMeter } from './recording-meter.ts';

const QUIET: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** A bridge on a clock that stands still. `told` gets a line for everything that it tells. */
export function makeBridge(
  settings: Partial<CallBridgeSettings> = {},
  observer: Partial<CallBridgeObserver> = {},
) {
  const clock = new FakeClock();
  const meter = new RecordingMeter();
  const told: string[] = [];
  const bridge = new CallBridge(
    {
      callId: 'call_test',
      topology: 'two-leg',
      lookaheadMs: 5,
      maskMode: 'tone',
      maskFrequencyHz: 500,
      maskLevelDbm0: -16,
      armed: true,
      seed: 1,
      ...settings,
    },
    { clock, meter, logger: QUIET },
    {
      legOpened: (leg, sampleRate) => told.push(`opened ${leg} ${sampleRate}`),
      legClosed: (leg, reason) => told.push(`closed ${leg} ${reason}`),
      digitHeard: (code) => told.push(`heard ${String.fromCharCode(code)}`),
      digitReleased: (code) => told.push(`released ${String.fromCharCode(code)}`),
      digitTold: (code) => told.push(`told ${String.fromCharCode(code)}`),
      maskingAlarm: (cause) => told.push(`alarm ${cause}`),
      ...observer,
    },
  );
  return { clock, meter, told, bridge };
}

/** One leg of a bridge with its socket and the platform's hand on it. */
export class TestLeg {
  readonly socket = new FakeSocket();
  readonly handler: LegSocketHandler;
  readonly #frameSamples: number;

  constructor(bridge: CallBridge, name: LegName, rate: SampleRate | null) {
    this.handler = bridge.connect(name, this.socket);
    this.#frameSamples = (rate ?? 8000) / 50;
    if (rate !== null) this.handler.text({ kind: 'connected', sampleRate: rate });
  }

  /** Sends whole frames, and lets every listener read what came of them. */
  send(samples: Int16Array, ...listeners: readonly TestLeg[]): void {
    for (let at = 0; at < samples.length; at += this.#frameSamples) {
      this.handler.binary(samplesToBytes(samples.subarray(at, at + this.#frameSamples)));
      for (const listener of listeners) listener.socket.read();
    }
  }

  get heard(): Int16Array {
    return Int16Array.from(this.socket.frames.flatMap((frame) => [...frame]));
  }
}
