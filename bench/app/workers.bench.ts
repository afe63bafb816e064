import { availableParallelism } from 'node:os';
import type { Bench, BenchRow, BenchSize } from '../bench.ts';
import { loadLegs, openLegs, percentile } from '../media/leg-load.ts';
import { callerFrames } from '../media/media-server.ts';
import { Product } from '../../test/support/product.ts';
import { createLoopbackCalls } from './loopback-calls.ts';

const SIZES = { smoke: { calls: 4, seconds: 1 }, full: { calls: 100, seconds: 15 } } as const;
const WORKERS = Math.max(2, availableParallelism() - 1);

interface Measured {
  readonly cpuMicroseconds: number;
  readonly p99Ms: number;
  readonly residentBytes: number;
}

async function measure(workers: number, { calls, seconds }: (typeof SIZES)[BenchSize]): Promise<Measured> {
  const product = await Product.start({ TONEWALL_WORKERS: String(workers) });
  try {
    const { uris } = await createLoopbackCalls(product, calls);
    const legs = await openLegs(uris);
    const before = await product.metrics();
    const load = await loadLegs(legs, await callerFrames(), seconds * 1000);
    const after = await product.metrics();
    const grown = (name: string): number => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    return {
      cpuMicroseconds: (grown('process_cpu_seconds_total') * 1e6) / (calls * seconds),
      p99Ms: percentile(load.latenciesMs, 0.99),
      residentBytes: after.get('process_resident_memory_bytes') ?? Number.NaN,
    };
  } finally {
    await product.stop();
  }
}

export const bench: Bench = {
  name: 'workers',
  method: `Calls of speech and keying on the whole product with media in ${WORKERS} workers, against the same with one process; processor time and memory of all processes together.`,
  async run(size): Promise<readonly BenchRow[]> {
    const peer = await measure(1, SIZES[size]);
    const ours = await measure(WORKERS, SIZES[size]);
    const row = (what: string, unit: string, pick: (measured: Measured) => number): BenchRow => ({
      what,
      unit,
      ours: pick(ours),
      peer: pick(peer),
      peerName: 'one process',
    });
    return [
      row('processor time per call-second', 'µs', (measured) => measured.cpuMicroseconds),
      row('frame to frame, p99', 'ms', (measured) => measured.p99Ms),
      row('resident memory', 'bytes', (measured) => measured.residentBytes),
    ];
  },
};
