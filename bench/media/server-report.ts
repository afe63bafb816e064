import { setTimeout as pause } from 'node:timers/promises';
import { Session } from 'node:inspector/promises';
import type { HeapProfiler } from 'node:inspector/promises';

export interface ServerReport {
  readonly cpuMicroseconds: number;
  /** After a full collection: of the process, and what of it objects, buffers and WebAssembly use. */
  readonly residentBytes: number;
  readonly usedBytes: number;
  /** Bytes allocated on the heap since the report before: in all, and by files under `src`. */
  readonly allocatedBytes: number;
  readonly allocatedBySourceBytes: number;
}

/** Buffers that a collection has found dead are given back by another thread. */
const SWEEP_MS = 300;

/** Fine enough for a few bytes in a frame, coarse enough to cost little. */
const SAMPLING = {
  samplingInterval: 16_384,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
};

/**
 * Tells the parent where its legs connect, and on each message back what was used so far. Allocation is sampled only
 * when the process was started with `--sample`: it takes time from what is measured beside it.
 */
export function reportOnRequest(uris: readonly string[]): void {
  const allocation = process.argv.includes('--sample') ? new AllocationSampler() : null;
  void allocation?.restart();
  process.send?.({ uris });
  process.on('message', () => void answer(allocation));
  process.on('disconnect', () => process.exit(0));
}

async function answer(allocation: AllocationSampler | null): Promise<void> {
  const { user, system } = process.cpuUsage();
  const [allocatedBytes, allocatedBySourceBytes] = (await allocation?.restart()) ?? [Number.NaN, Number.NaN];
  globalThis.gc?.();
  await pause(SWEEP_MS);
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const report: ServerReport = {
    cpuMicroseconds: user + system,
    residentBytes: rss,
    usedBytes: heapUsed + external,
    allocatedBytes,
    allocatedBySourceBytes,
  };
  process.send?.(report);
}

class AllocationSampler {
  readonly #session = new Session();
  #isRunning = false;

  constructor() {
    this.#session.connect();
  }

  /** What was allocated since the last time, in all and by files under `src`. */
  async restart(): Promise<readonly [number, number]> {
    const sums: readonly [number, number] = this.#isRunning ? await this.#stop() : [0, 0];
    await this.#session.post(
      'HeapProfiler.startSampling',
      SAMPLING as HeapProfiler.StartSamplingParameterType,
    );
    this.#isRunning = true;
    return sums;
  }

  async #stop(): Promise<readonly [number, number]> {
    const { profile } = await this.#session.post('HeapProfiler.stopSampling');
    return [sizeOf(profile.head, () => true), sizeOf(profile.head, (url) => url.includes('/src/'))];
  }
}

function sizeOf(node: HeapProfiler.SamplingHeapProfileNode, counts: (url: string) => boolean): number {
  const own = counts(node.callFrame.url) ? node.selfSize : 0;
  return own + node.children.reduce((sum, child) => sum + sizeOf(child, counts), 0);
}
