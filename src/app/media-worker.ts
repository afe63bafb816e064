import type { Socket } from 'node:net';
import { CallBridge } from '../media/call-bridge.ts';
import type { CallBridgeDependencies } from '../media/call-bridge.ts';
import { createLogger } from '../telemetry/logger.ts';
import { PrometheusMeter } from '../telemetry/prometheus-meter.ts';
import { WsAcceptor } from '../vonage/ws-acceptor.ts';
import { KeyWriter } from '../worker/key-pipe.ts';
import { LoadWatch } from '../worker/load-watch.ts';
import type { BridgeEvent, BridgeState, FromWorker, ToWorker } from '../worker/worker-message.ts';
import { systemClock } from './system-clock.ts';

/** How often silent changes of state, such as the end of a mute, are looked for, and a sign of life is sent. */
const LOOK_MS = 200;
/** After the main process is gone: time for the last close messages to leave. */
const FAREWELL_MS = 500;

interface Hosted {
  readonly bridge: CallBridge;
  told: string;
}

/**
 * A process that carries the media of some calls, and nothing else: it knows no payment, no database and no API key.
 * When the main process goes, it ends its calls and itself.
 */
class MediaWorker {
  readonly #dependencies: CallBridgeDependencies;
  readonly #meter: PrometheusMeter;
  readonly #acceptor: WsAcceptor;
  readonly #load: LoadWatch;
  readonly #keys = new KeyWriter();
  readonly #hosted = new Map<number, Hosted>();

  constructor({ logLevel, overloadLatenessMs }: Extract<ToWorker, { kind: 'start' }>) {
    this.#meter = new PrometheusMeter();
    const logger = createLogger(logLevel, { write: (line) => say({ kind: 'log', line }) }, this.#meter);
    this.#dependencies = { clock: systemClock, meter: this.#meter, logger };
    this.#acceptor = new WsAcceptor(logger);
    this.#load = new LoadWatch(overloadLatenessMs, systemClock);
    this.#look();
  }

  take(message: ToWorker, socket: Socket | undefined): void {
    switch (message.kind) {
      case 'start':
        return;
      case 'open':
        return this.#open(message.bridge, message.settings);
      case 'connect':
        return this.#connect(message, socket);
      case 'sensitivity':
        return this.#hosted.get(message.bridge)?.bridge.setSensitivity(message.sensitivity);
      case 'armed':
        return this.#hosted.get(message.bridge)?.bridge.setArmed(message.isArmed);
      case 'end':
        this.#hosted.get(message.bridge)?.bridge.end();
        return void this.#hosted.delete(message.bridge);
      case 'metrics':
        return void this.#meter.snapshot().then((snapshot) => say({ kind: 'metrics', snapshot }));
    }
  }

  end(): void {
    for (const { bridge } of this.#hosted.values()) bridge.end();
  }

  #open(index: number, settings: ToWorkerSettings): void {
    const tell = (event: BridgeEvent): void => this.#tell(index, event);
    const bridge = new CallBridge(settings, this.#dependencies, {
      legOpened: (leg, sampleRate) => tell({ kind: 'leg-opened', leg, sampleRate }),
      legClosed: (leg, reason) => tell({ kind: 'leg-closed', leg, reason }),
      maskingAlarm: (cause) => tell({ kind: 'alarm', cause }),
      digitHeard: (code) => this.#keys.write(index, 'heard', code),
      digitReleased: (code) => this.#keys.write(index, 'released', code),
      digitTold: (code) => this.#keys.write(index, 'told', code),
    });
    this.#hosted.set(index, { bridge, told: '' });
  }

  #connect(
    { bridge: index, leg, request, head }: Extract<ToWorker, { kind: 'connect' }>,
    socket: Socket | undefined,
  ): void {
    const hosted = this.#hosted.get(index);
    if (socket === undefined) return;
    socket.on('error', () => undefined);
    if (hosted === undefined) return void socket.destroy();
    this.#acceptor.accept(hosted.bridge, leg, request, socket, Buffer.from(head));
  }

  #tell(index: number, event: BridgeEvent): void {
    const hosted = this.#hosted.get(index);
    if (hosted === undefined) return;
    const state = stateOf(hosted.bridge);
    hosted.told = JSON.stringify(state);
    say({ kind: 'event', bridge: index, event, state });
  }

  #look(): void {
    for (const [index, { bridge, told }] of this.#hosted)
      if (JSON.stringify(stateOf(bridge)) !== told) this.#tell(index, { kind: 'changed' });
    const { isOverloaded } = this.#load;
    // Also the sign of life that the main process waits for.
    say({ kind: 'load', isOverloaded });
    systemClock.after(LOOK_MS, () => this.#look());
  }
}

type ToWorkerSettings = Extract<ToWorker, { kind: 'open' }>['settings'];

function stateOf(bridge: CallBridge): BridgeState {
  return {
    masking: bridge.masking,
    legs: { caller: bridge.legState('caller'), agent: bridge.legState('agent') },
  };
}

function say(message: FromWorker): void {
  // What cannot be said any more, since the main process is going, is not worth an error.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

let worker: MediaWorker | null = null;
process.on('message', (message: ToWorker, socket: Socket | undefined) => {
  if (message.kind === 'start') worker = new MediaWorker(message);
  else worker?.take(message, socket);
});
process.on('disconnect', () => {
  worker?.end();
  setTimeout(() => process.exit(0), FAREWELL_MS);
});
// Whoever stops the service means the main process, which lets open calls go on.
process.on('SIGTERM', () => undefined);
process.on('SIGINT', () => undefined);
