import type { Bench, BenchRow, BenchSize } from '../bench.ts';
import { loadLegs, openLegs } from './leg-load.ts';
import { BRIDGE, callerFrames, MediaServerProcess } from './media-server.ts';

/** The first part is the warm-up: the compiler, the pools of frames, the allocator. */
const SIZES = {
  smoke: { calls: 5, parts: 2, seconds: 1 },
  full: { calls: 100, parts: 11, seconds: 60 },
} as const;

interface Part {
  readonly residentBytes: number;
  readonly cpuMicroseconds: number;
  readonly framesLost: number;
}

/** The same calls, part after part; memory is read after a full collection. */
async function measure({ calls, parts, seconds }: (typeof SIZES)[BenchSize]): Promise<readonly Part[]> {
  const server = await MediaServerProcess.start(BRIDGE, calls);
  try {
    const frames = await callerFrames();
    const legs = await openLegs(server.uris);
    const measured: Part[] = [];
    let before = await server.report();
    for (let part = 0; part < parts; part++) {
      const load = await loadLegs(legs, frames, seconds * 1000);
      const after = await server.report();
      measured.push({
        residentBytes: after.residentBytes,
        cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / (calls * seconds),
        framesLost: load.framesLost,
      });
      before = after;
      console.error(
        `growth: ${part + 1} of ${parts} parts, ${(after.residentBytes / 2 ** 20).toFixed(1)} MiB`,
      );
    }
    return measured;
  } finally {
    server.stop();
  }
}

export const bench: Bench = {
  name: 'growth',
  method:
    'Calls of speech and keying that go on for ten minutes after one of warm-up: resident memory of the process after a ' +
    'full collection, and processor time, in the last minute against the end of the warm-up and the first minute after it.',
  async run(size): Promise<readonly BenchRow[]> {
    const parts = await measure(SIZES[size]);
    const warm = parts[0]!;
    const first = parts[1]!;
    const last = parts.at(-1)!;
    const highest = Math.max(...parts.slice(1).map((part) => part.residentBytes));
    const framesLost = parts.reduce((sum, part) => sum + part.framesLost, 0);
    const memory = { unit: 'bytes', peer: warm.residentBytes, peerName: 'after the warm-up' };
    return [
      { what: 'resident memory at the end', ours: last.residentBytes, ...memory },
      { what: 'resident memory at its highest', ours: highest, ...memory },
      {
        what: 'processor time per call-second at the end',
        unit: 'µs',
        ours: last.cpuMicroseconds,
        peer: first.cpuMicroseconds,
        peerName: 'in the first minute',
      },
      { what: 'frames lost', unit: '', ours: framesLost, peer: 0, peerName: 'allowed' },
    ];
  },
};
