import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import type { LegName } from '../../src/core/leg.ts';
import type { Logger } from '../../src/core/log.ts';
import { CallBridge } from '../../src/media/call-bridge.ts';
import type { CallBridgeObserver, CallBridgeSettings } from '../../src/media/call-bridge.ts';
import { LegTokens } from '../../src/vonage/leg-token.ts';
import { LocalMedia } from '../../src/vonage/media-host.ts';
import { MediaUpgrade } from '../../src/vonage/media-upgrade.ts';
import { RecordingMeter } from './recording-meter.ts';

const QUIET: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** The media edge alone, on a real port: a server for calls that consist of a bridge and nothing else. */
export class MediaServer {
  readonly meter = new RecordingMeter();
  readonly tokens = new LegTokens(systemClock, systemRandom);
  readonly #bridges = new Map<string, CallBridge>();
  readonly #all: CallBridge[] = [];
  readonly #server: Server;
  readonly port: number;

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    const dependencies = { clock: systemClock, meter: this.meter, logger: QUIET };
    const bridgeOf = (callId: string): CallBridge | null => this.#bridges.get(callId) ?? null;
    const host = new LocalMedia(dependencies);
    new MediaUpgrade({ ...dependencies, host, tokens: this.tokens, bridgeOf }).attach(server);
  }

  static async start(): Promise<MediaServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new MediaServer(server);
  }

  /** A call with a bridge of its own. `told` gets a line for everything that the bridge tells. */
  call(callId: string, settings: Partial<CallBridgeSettings>, told: string[] = []): CallBridge {
    const observer: CallBridgeObserver = {
      legOpened: (leg, sampleRate) => told.push(`opened ${leg} ${sampleRate}`),
      legClosed: (leg, reason) => told.push(`closed ${leg} ${reason}`),
      digitHeard: (code) => told.push(`heard ${String.fromCharCode(code)}`),
      digitReleased: (code) => told.push(`released ${String.fromCharCode(code)}`),
      digitTold: (code) => told.push(`told ${String.fromCharCode(code)}`),
      maskingAlarm: (cause) => told.push(`alarm ${cause}`),
    };
    const bridge = new CallBridge(
      {
        callId,
        topology: 'two-leg',
        lookaheadMs: 5,
        maskMode: 'tone',
        maskFrequencyHz: 500,
        maskLevelDbm0: -16,
        armed: true,
        seed: 1,
        ...settings,
      },
      { clock: systemClock, meter: this.meter, logger: QUIET },
      observer,
    );
    this.#bridges.set(callId, bridge);
    this.#all.push(bridge);
    return bridge;
  }

  /** An address for a leg, with a fresh token. */
  uri(callId: string, leg: LegName): string {
    return this.uriOf(this.tokens.mint(callId, leg));
  }

  uriOf(token: string): string {
    return `ws://127.0.0.1:${this.port}/media/${token}`;
  }

  /** From now on there is no such call; its sockets stay. */
  forget(callId: string): void {
    this.#bridges.delete(callId);
  }

  async stop(): Promise<void> {
    for (const bridge of this.#all) bridge.end();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}
