import { fork } from 'node:child_process';
import { readWav } from '../../src/audio-file/wav.ts';
import { keyTone } from '../../src/simulator/key-tones.ts';
import { speechPath } from '../../src/simulator/spoken-lines.ts';
import type { Bench, BenchRow, BenchSize } from '../bench.ts';
import { loadLegs, percentile } from './leg-load.ts';

const SIZES: Readonly<Record<BenchSize, { readonly calls: number; readonly seconds: number }>> = {
  smoke: { calls: 5, seconds: 2 },
  full: { calls: 100, seconds: 30 },
};
const FRAME_SAMPLES = 320;

interface Measured {
  readonly cpuMicroseconds: number;
  readonly bytesPerCall: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly latenessMs: number;
  readonly framesLost: number;
}

/** Speech with a card keyed into it, as 20 ms frames. */
async function callerFrames(): Promise<Buffer[]> {
  const { channels } = await readWav(speechPath('caller-talking'));
  const keys = '5555555555554444'.split('').flatMap((key) => [...keyTone(key, 16_000)]);
  const samples = Int16Array.from([...(channels[0] ?? []), ...keys]);
  const frames: Buffer[] = [];
  for (let at = 0; at + FRAME_SAMPLES <= samples.length; at += FRAME_SAMPLES) {
    frames.push(Buffer.from(Int16Array.from(samples.subarray(at, at + FRAME_SAMPLES)).buffer));
  }
  return frames;
}

async function measure(script: string, size: BenchSize): Promise<Measured> {
  const { calls, seconds } = SIZES[size];
  const child = fork(new URL(script, import.meta.url), [String(calls)], { stdio: 'inherit' });
  const ask = (): Promise<Record<string, unknown>> =>
    new Promise((resolve) => child.once('message', (message) => resolve(message as Record<string, unknown>)));
  try {
    const uris = (await ask())['uris'] as string[];
    const report = async (): Promise<{ cpuMicroseconds: number; residentBytes: number }> => {
      const answer = ask();
      child.send('report');
      return (await answer) as { cpuMicroseconds: number; residentBytes: number };
    };
    const before = await report();
    const load = await loadLegs(uris, await callerFrames(), seconds * 1000);
    const after = await report();
    return {
      cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / (calls * seconds),
      bytesPerCall: (after.residentBytes - before.residentBytes) / calls,
      p50Ms: percentile(load.latenciesMs, 0.5),
      p99Ms: percentile(load.latenciesMs, 0.99),
      latenessMs: load.generatorLatenessMs,
      framesLost: load.framesLost,
    };
  } finally {
    child.disconnect();
  }
}

export const bench: Bench = {
  name: 'bridge',
  method:
    'Loopback calls at 16 kHz with speech and keying, default masking, against a plain `ws` echo server on the same ' +
    'frames in the same run; processor time is the server process’s own.',
  async run(size): Promise<readonly BenchRow[]> {
    const peer = await measure('./echo-server.ts', size);
    const ours = await measure('./bridge-server.ts', size);
    const peerName = 'ws echo';
    const row = (what: string, unit: string, pick: (measured: Measured) => number): BenchRow => ({
      what,
      unit,
      ours: pick(ours),
      peer: pick(peer),
      peerName,
    });
    return [
      row('processor time per call-second', 'µs', (measured) => measured.cpuMicroseconds),
      row('frame to frame, p50', 'ms', (measured) => measured.p50Ms),
      row('frame to frame, p99', 'ms', (measured) => measured.p99Ms),
      row('frames lost', '', (measured) => measured.framesLost),
      row('memory per call', 'bytes', (measured) => measured.bytesPerCall),
      row('lateness of the generator, p99', 'ms', (measured) => measured.latenessMs),
    ];
  },
};
