import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import type { Socket } from 'node:net';
import type { MetricsSnapshot } from '../telemetry/prometheus-meter.ts';
import { KEY_PIPE_FD } from './key-pipe.ts';
import type { KeyReader } from './key-pipe.ts';
import type { FromWorker, ToWorker } from './worker-message.ts';

/**
 * Seconds, counted in ticks of the main process and not in clock time: a machine that was stopped for a while must not
 * find its workers guilty of the silence. A start on a busy machine takes some of them.
 */
const SILENT_TICKS_MAX = 15;

export interface WorkerProcessObserver {
  told(message: Exclude<FromWorker, { kind: 'metrics' | 'load' }>): void;
  readonly keys: KeyReader;
  /** The process is gone, asked or not. Called once. */
  gone(): void;
}

/** One media worker as the main process sees it. It inherits no variable: what it must know it is told. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #waiting: ((snapshot: MetricsSnapshot | null) => void)[] = [];
  readonly gone: Promise<void>;
  isOverloaded = false;
  #silentTicks = 0;

  constructor(script: string, start: Extract<ToWorker, { kind: 'start' }>, observer: WorkerProcessObserver) {
    const cache = getCompileCacheDir();
    this.#child = fork(script, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
      env: cache === undefined ? {} : { NODE_COMPILE_CACHE: cache },
    });
    this.#child.on('error', () => undefined);
    this.#child.on('message', (message: FromWorker) => this.#take(message, observer));
    const keys = this.#child.stdio[KEY_PIPE_FD] as Socket;
    keys.on('data', (chunk: Buffer) => observer.keys.read(chunk));
    keys.on('error', () => undefined);
    this.gone = new Promise((resolve) => {
      this.#child.once('exit', () => {
        for (const answer of this.#waiting.splice(0)) answer(null);
        observer.gone();
        resolve();
      });
    });
    this.tell(start);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Gives a socket away; one that cannot be given is closed. */
  handOver(message: Extract<ToWorker, { kind: 'connect' }>, socket: Socket): void {
    if (!this.#child.connected) return void socket.destroy();
    this.#child.send(message, socket, {}, (error) => {
      if (error !== null) socket.destroy();
    });
  }

  /** What it has counted; null when it is gone before it answers. */
  metrics(): Promise<MetricsSnapshot | null> {
    if (!this.#child.connected) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.tell({ kind: 'metrics' });
    });
  }

  /** Lets it end its calls and go. */
  release(): void {
    if (this.#child.connected) this.#child.disconnect();
  }

  /** To be called once a second: a process that says nothing for too long is stuck, and its calls are better dialled again. */
  tick(): void {
    this.#silentTicks += 1;
    if (this.#silentTicks > SILENT_TICKS_MAX) this.kill();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #take(message: FromWorker, observer: WorkerProcessObserver): void {
    this.#silentTicks = 0;
    if (message.kind === 'metrics') this.#waiting.shift()?.(message.snapshot);
    else if (message.kind === 'load') this.isOverloaded = message.isOverloaded;
    else observer.told(message);
  }
}
