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
 * find its workers guilty of the silence. A start on a busy machine may take long.
 */
const SILENT_TICKS_MAX = 15;
const START_TICKS_MAX = 60;

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
  #hasStarted = false;

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

  /** Whether it ever got as far as to say something. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** Gives a socket away; one that cannot be given is closed. */
  handOver(message: Extract<ToWorker, { kind: 'connect' }>, socket: Socket): void {
    if (!this.#child.connected) return void socket.destroy();
    // Its server shall not count it any more: Node 24 would ask the worker for it when the server closes, and wait for
    // ever for the answer of one that is gone.
    (socket as { server?: unknown }).server = null;
    // Once it was sent, the connection is the worker's, and only a shell of it is left here to be ended.
    this.#child.send(message, socket, {}, () => socket.destroy());
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
    if (this.#silentTicks > (this.#hasStarted ? SILENT_TICKS_MAX : START_TICKS_MAX)) this.kill();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #take(message: FromWorker, observer: WorkerProcessObserver): void {
    this.#silentTicks = 0;
    this.#hasStarted = true;
    if (message.kind === 'metrics') this.#waiting.shift()?.(message.snapshot);
    else if (message.kind === 'load') this.isOverloaded = message.isOverloaded;
    else observer.told(message);
  }
}
