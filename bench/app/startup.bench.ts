import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, BenchRow, BenchSize } from '../bench.ts';
import { Product } from '../../test/support/product.ts';

const ROUNDS: Readonly<Record<BenchSize, number>> = { smoke: 1, full: 10 };

/** The least that a Node server does before it can answer. */
const BARE_SERVER = `require('node:http').createServer().listen(0, '127.0.0.1', () => process.exit(0))`;

async function bareStartMs(): Promise<number> {
  const startedMs = performance.now();
  await once(spawn(process.execPath, ['-e', BARE_SERVER]), 'exit');
  return performance.now() - startedMs;
}

/** From the start of the process until `/readyz` is 200, the median of some. */
async function readyMs(rounds: number, environment: Readonly<Record<string, string>>): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < rounds; n++) {
    const product = await Product.start(environment);
    const askedMs = performance.now();
    const { status } = await fetch(`${product.url}/readyz`);
    if (status !== 200) throw new Error('it listens and is not ready');
    times.push(product.startMs + performance.now() - askedMs);
    await product.stop();
  }
  return median(times);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

export const bench: Bench = {
  name: 'startup',
  method:
    'From the start of the process until `/readyz` answers 200, without a compile cache and with a warm ' +
    'one, as the image has; against a bare Node process that opens one port and ends.',
  async run(size): Promise<readonly BenchRow[]> {
    const rounds = ROUNDS[size];
    const cache = mkdtempSync(join(tmpdir(), 'tonewall-cache-'));
    try {
      const bare: number[] = [];
      for (let n = 0; n < rounds; n++) bare.push(await bareStartMs());
      const peer = median(bare);
      const cold = await readyMs(rounds, { NODE_DISABLE_COMPILE_CACHE: '1' });
      // The first start with a cache fills it and is not counted.
      await readyMs(1, { NODE_COMPILE_CACHE: cache });
      const warm = await readyMs(rounds, { NODE_COMPILE_CACHE: cache });
      const row = (what: string, ours: number): BenchRow => ({
        what,
        unit: 'ms',
        ours,
        peer,
        peerName: 'bare Node',
      });
      return [row('start to ready, compile cache warm', warm), row('start to ready, no compile cache', cold)];
    } finally {
      rmSync(cache, { recursive: true });
    }
  },
};
