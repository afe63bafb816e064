import type { Bench, BenchRow, BenchSize } from '../bench.ts';
import { loadLegs, openLegs, percentile } from './leg-load.ts';
import { BRIDGE, callerFrames, ECHO, MediaServerProcess, PEER_NAME } from './media-server.ts';

const SIZES: Readonly<Record<BenchSize, { readonly steps: readonly number[]; readonly seconds: number }>> = {
  smoke: { steps: [4, 8], seconds: 1 },
  full: { steps: [50, 100, 150, 200, 300, 400, 500, 650, 800, 1000, 1250, 1500, 2000], seconds: 6 },
};

/** Above it the added delay begins to be heard beside the look-ahead. */
const P99_BOUND_MS = 5;
/** A generator that is later than this measures itself; there the search ends, whatever the server can. */
const LATENESS_BOUND_MS = 5;

interface Carried {
  /** Calls of the last step that was within the bounds; 0 if none was. */
  readonly calls: number;
  readonly p99Ms: number;
  readonly cpuShare: number;
  readonly isGeneratorLate: boolean;
}

async function carry(script: string, size: BenchSize): Promise<Carried> {
  const { steps, seconds } = SIZES[size];
  const frames = await callerFrames();
  let best: Carried = { calls: 0, p99Ms: Number.NaN, cpuShare: Number.NaN, isGeneratorLate: false };
  for (const calls of steps) {
    const server = await MediaServerProcess.start(script, calls);
    try {
      const legs = await openLegs(server.uris);
      const before = await server.report();
      const load = await loadLegs(legs, frames, seconds * 1000);
      const after = await server.report();
      const p99Ms = percentile(load.latenciesMs, 0.99);
      if (load.generatorLatenessMs > LATENESS_BOUND_MS) return { ...best, isGeneratorLate: true };
      if (p99Ms > P99_BOUND_MS || load.framesLost > 0) return best;
      const cpuShare = (after.cpuMicroseconds - before.cpuMicroseconds) / (seconds * 1e6);
      best = { calls, p99Ms, cpuShare, isGeneratorLate: false };
    } finally {
      server.stop();
    }
  }
  return best;
}

export const bench: Bench = {
  name: 'capacity',
  method:
    `Calls of speech and keying that one process carries with p99 of the added processing below ${P99_BOUND_MS} ms and ` +
    'no frame lost, in steps, against a plain `ws` echo in the same run. The generator sends on schedule; a row says ' +
    'when the generator, not the server, ended the search: then give it a core of its own.',
  async run(size): Promise<readonly BenchRow[]> {
    const peer = await carry(ECHO, size);
    const ours = await carry(BRIDGE, size);
    const row = (what: string, unit: string, pick: (carried: Carried) => number): BenchRow => ({
      what,
      unit,
      ours: pick(ours),
      peer: pick(peer),
      peerName: PEER_NAME,
    });
    return [
      row('calls carried', '', (carried) => carried.calls),
      row('frame to frame, p99, there', 'ms', (carried) => carried.p99Ms),
      row('cores used there', '', (carried) => carried.cpuShare),
      row('search ended by a late generator (1 = yes)', '', (carried) => Number(carried.isGeneratorLate)),
    ];
  },
};
