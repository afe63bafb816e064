import type { Socket } from 'node:net';
import { assert } from '../core/assert.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import type { LogLevel } from '../core/log-level.ts';
import type { Logger } from '../core/log.ts';
import type { Counter, Meter } from '../core/meter.ts';
import type { MakeBridge } from '../media/media-bridge.ts';
import type { MetricsSnapshot } from '../telemetry/prometheus-meter.ts';
import type { LogSink } from '../telemetry/standard-output.ts';
import type { MediaHost } from '../vonage/media-host.ts';
import { KeyReader } from './key-pipe.ts';
import { RemoteBridge } from './remote-bridge.ts';
import { WorkerProcess } from './worker-process.ts';

const TICK_MS = 1000;
/** A worker that cannot start must not be started in a loop. */
const RESTART_MS = 500;
/** Longer, and the answer comes without the counts of a worker that is stuck. */
const METRICS_MS = 1000;
/** For the last close messages; then it is killed. */
const FAREWELL_MS = 2000;

export interface WorkerPoolSettings {
  readonly workers: number;
  /** The program of a worker, a path. */
  readonly script: string;
  readonly logLevel: LogLevel;
  readonly overloadLatenessMs: number;
}

export interface WorkerPoolDependencies {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly logger: Logger;
  readonly logSink: LogSink;
}

interface Slot {
  process: WorkerProcess;
  readonly bridges: Set<RemoteBridge>;
}

/**
 * Media in processes of their own, a core each. Both legs of a call are on one worker, and their sockets are handed to
 * it when they were let in: audio never passes the main process. The end of a worker closes the sockets of its calls;
 * nothing else is touched, and the calls can be dialled again.
 */
export class WorkerPool implements MediaHost {
  readonly #settings: WorkerPoolSettings;
  readonly #deps: WorkerPoolDependencies;
  readonly #slots: readonly Slot[];
  readonly #bridges = new Map<number, { readonly bridge: RemoteBridge; readonly slot: Slot }>();
  readonly #lost: Counter;
  #nextIndex = 0;
  #cancelTick: Cancel = () => undefined;
  #isClosed = false;

  constructor(settings: WorkerPoolSettings, deps: WorkerPoolDependencies) {
    this.#settings = settings;
    this.#deps = deps;
    this.#lost = deps.meter.counter('media_workers_lost_total', {});
    this.#slots = Array.from({ length: settings.workers }, () => this.#makeSlot());
    this.#tick();
  }

  /** Whether no worker has time for another call. */
  get isOverloaded(): boolean {
    return this.#slots.every(({ process }) => process.isOverloaded);
  }

  makeBridge: MakeBridge = (settings, observer) => {
    const slot = this.#idlest();
    const index = this.#nextIndex;
    this.#nextIndex = (this.#nextIndex + 1) % 2 ** 32;
    const forget = (): void => {
      this.#bridges.delete(index);
      slot.bridges.delete(bridge);
    };
    const tell = (message: Parameters<WorkerProcess['tell']>[0]): void => slot.process.tell(message);
    const bridge = new RemoteBridge(index, settings, {
      observer,
      logger: this.#deps.logger,
      tell,
      onEnd: forget,
    });
    slot.bridges.add(bridge);
    this.#bridges.set(index, { bridge, slot });
    return bridge;
  };

  accept: MediaHost['accept'] = (bridge, leg, { method, headers }, socket, head) => {
    assert(bridge instanceof RemoteBridge, 'a bridge of this host');
    const slot = this.#bridges.get(bridge.index)?.slot;
    if (slot === undefined) return void socket.destroy();
    // The path holds the token, which has done its work.
    const request = { method, headers, url: '/' } as const;
    slot.process.handOver({ kind: 'connect', bridge: bridge.index, leg, request, head }, socket as Socket);
  };

  /** What each worker has counted. */
  async metrics(): Promise<readonly MetricsSnapshot[]> {
    const late = new Promise<null>((resolve) => this.#deps.clock.after(METRICS_MS, () => resolve(null)));
    const answers = this.#slots.map(({ process }) => Promise.race([process.metrics(), late]));
    return (await Promise.all(answers)).filter((snapshot) => snapshot !== null);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTick();
    for (const { process } of this.#slots) process.release();
    const cancel = this.#deps.clock.after(FAREWELL_MS, () => {
      for (const { process } of this.#slots) process.kill();
    });
    await Promise.all(this.#slots.map(({ process }) => process.gone));
    cancel();
  }

  /** The worker with the fewest calls, of those that have time if there are any. */
  #idlest(): Slot {
    const withTime = this.#slots.filter(({ process }) => !process.isOverloaded);
    const candidates = withTime.length > 0 ? withTime : this.#slots;
    const [first, ...others] = candidates;
    assert(first !== undefined, 'there is a worker');
    return others.reduce((least, slot) => (slot.bridges.size < least.bridges.size ? slot : least), first);
  }

  #tick(): void {
    for (const { process } of this.#slots) process.tick();
    this.#cancelTick = this.#deps.clock.after(TICK_MS, () => this.#tick());
  }

  #makeSlot(): Slot {
    const slot: Slot = { process: this.#startProcess(() => this.#replace(slot)), bridges: new Set() };
    return slot;
  }

  #startProcess(gone: () => void): WorkerProcess {
    const { script, logLevel, overloadLatenessMs } = this.#settings;
    return new WorkerProcess(
      script,
      { kind: 'start', logLevel, overloadLatenessMs },
      {
        told: (message) => {
          if (message.kind === 'log') this.#deps.logSink.write(message.line);
          else this.#bridges.get(message.bridge)?.bridge.take(message.event, message.state);
        },
        keys: new KeyReader((index, kind, code) => this.#bridges.get(index)?.bridge.key(kind, code)),
        gone,
      },
    );
  }

  /** A worker is gone: its calls lose their sockets, and a new one takes the calls over. */
  #replace(slot: Slot): void {
    if (this.#isClosed) return;
    this.#lost.add(1);
    this.#deps.logger.error('a media worker is gone', { count: slot.bridges.size });
    for (const bridge of slot.bridges) bridge.lose();
    if (slot.process.hasStarted) this.#restart(slot);
    else this.#deps.clock.after(RESTART_MS, () => this.#restart(slot));
  }

  #restart(slot: Slot): void {
    if (this.#isClosed) return;
    slot.process = this.#startProcess(() => this.#replace(slot));
    for (const bridge of slot.bridges) bridge.moveTo((message) => slot.process.tell(message));
  }
}
