import type { Bench, BenchRow, BenchSize } from '../bench.ts';
import { loadLegs, openLegs } from './leg-load.ts';
import { BRIDGE, callerFrames, ECHO, MediaServerProcess, PEER_NAME } from './media-server.ts';

const SIZES: Readonly<Record<BenchSize, { readonly calls: number; readonly seconds: number }>> = {
  smoke: { calls: 10, seconds: 1 },
  full: { calls: 200, seconds: 20 },
};

interface Measured {
  readonly idleBytes: number;
  readonly busyBytes: number;
  readonly idleResidentBytes: number;
  readonly busyResidentBytes: number;
  readonly allocatedPerFrame: number;
  readonly allocatedBySourcePerFrame: number;
}

/** Memory without, with idle and with busy calls; then, in a process of its own, what a frame allocates. */
async function measure(script: string, size: BenchSize): Promise<Measured> {
  const { calls, seconds } = SIZES[size];
  const frames = await callerFrames();
  const server = await MediaServerProcess.start(script, calls);
  const sampled = await MediaServerProcess.start(script, Math.ceil(calls / 10), true);
  try {
    const empty = await server.report();
    const legs = await openLegs(server.uris);
    const idle = await server.report();
    await loadLegs(legs, frames, seconds * 1000);
    const busy = await server.report();

    const few = await openLegs(sampled.uris);
    await loadLegs(few, frames, seconds * 1000);
    await sampled.report();
    await loadLegs(few, frames, seconds * 1000);
    const { allocatedBytes, allocatedBySourceBytes } = await sampled.report();
    const count = few.length * seconds * 50;
    return {
      idleBytes: (idle.usedBytes - empty.usedBytes) / calls,
      busyBytes: (busy.usedBytes - empty.usedBytes) / calls,
      idleResidentBytes: (idle.residentBytes - empty.residentBytes) / calls,
      busyResidentBytes: (busy.residentBytes - empty.residentBytes) / calls,
      allocatedPerFrame: allocatedBytes / count,
      allocatedBySourcePerFrame: allocatedBySourceBytes / count,
    };
  } finally {
    server.stop();
    sampled.stop();
  }
}

export const bench: Bench = {
  name: 'memory',
  method:
    'Memory per call after a full collection, idle and after speech and keying: what is in use, and what the process has ' +
    'grown by; and what a frame allocates on the heap (sampled); against a plain `ws` echo in the same run.',
  async run(size): Promise<readonly BenchRow[]> {
    const peer = await measure(ECHO, size);
    const ours = await measure(BRIDGE, size);
    const row = (what: string, pick: (measured: Measured) => number): BenchRow => ({
      what,
      unit: 'bytes',
      ours: pick(ours),
      peer: pick(peer),
      peerName: PEER_NAME,
    });
    return [
      row('memory in use by an idle call', (measured) => measured.idleBytes),
      row('memory in use by a busy call', (measured) => measured.busyBytes),
      row('resident memory, an idle call', (measured) => measured.idleResidentBytes),
      row('resident memory, a busy call', (measured) => measured.busyResidentBytes),
      row('heap allocated per frame, in all', (measured) => measured.allocatedPerFrame),
      row('heap allocated per frame, by our code', (measured) => measured.allocatedBySourcePerFrame),
    ];
  },
};
