import { fork, spawnSync } from 'node:child_process';
import type { ChildProcess, ForkOptions } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { readWav } from '../../src/audio-file/wav.ts';
import { keyTone } from '../../src/simulator/key-tones.ts';
import { speechPath } from '../../src/simulator/spoken-lines.ts';
import { audioFrame } from './raw-leg.ts';
import type { ServerReport } from './server-report.ts';

const FRAME_SAMPLES = 320;

/** The two servers that media benches compare: one with our media edge, and a plain `ws` echo. */
export const BRIDGE = './bridge-server.ts';
export const ECHO = './echo-server.ts';
export const PEER_NAME = 'ws echo';

/**
 * A core of its own, the last, where `taskset` can give it one: moved about between the cores, a server waits for the
 * generator's time slices, and the longest latencies are the scheduler's.
 */
function onItsOwnCore(execArgv: readonly string[]): ForkOptions {
  const core = availableParallelism() - 1;
  const canPin = core > 0 && spawnSync('taskset', ['--version']).status === 0;
  if (!canPin) return { execArgv: [...execArgv] };
  return { execPath: 'taskset', execArgv: ['--cpu-list', String(core), process.execPath, ...execArgv] };
}

/** A media server in a process of its own. */
export class MediaServerProcess {
  readonly uris: readonly string[];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, uris: readonly string[]) {
    this.#child = child;
    this.uris = uris;
  }

  /** `isSampled`: reports tell what was allocated; processor time is then not worth reading. */
  static async start(script: string, calls: number, isSampled = false): Promise<MediaServerProcess> {
    const args = [String(calls), ...(isSampled ? ['--sample'] : [])];
    const child = fork(new URL(script, import.meta.url), args, {
      stdio: 'inherit',
      ...onItsOwnCore(['--expose-gc', '--disable-warning=ExperimentalWarning']),
    });
    const { uris } = (await answerOf(child)) as { readonly uris: readonly string[] };
    return new MediaServerProcess(child, uris);
  }

  /** Processor time, memory and, since the report before, what was allocated. */
  async report(): Promise<ServerReport> {
    const answer = answerOf(this.#child);
    this.#child.send('report');
    return (await answer) as ServerReport;
  }

  stop(): void {
    this.#child.disconnect();
  }
}

function answerOf(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

/** Speech with a card keyed into it, as frames of 20 ms at 16 kHz, ready to be sent. */
export async function callerFrames(): Promise<Buffer[]> {
  const { channels } = await readWav(speechPath('caller-talking'));
  const keys = '5555555555554444'.split('').flatMap((key) => [...keyTone(key, 16_000)]);
  const samples = Int16Array.from([...(channels[0] ?? []), ...keys]);
  const frames: Buffer[] = [];
  for (let at = 0; at + FRAME_SAMPLES <= samples.length; at += FRAME_SAMPLES) {
    frames.push(audioFrame(Buffer.from(Int16Array.from(samples.subarray(at, at + FRAME_SAMPLES)).buffer)));
  }
  return frames;
}
