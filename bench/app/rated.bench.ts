import { setTimeout as pause } from 'node:timers/promises';
import type { Bench, BenchRow, BenchSize } from '../bench.ts';
import { loadLegs, openLegs, percentile } from '../media/leg-load.ts';
import type { LoadResult } from '../media/leg-load.ts';
import { callerFrames } from '../media/media-server.ts';
import { Product } from '../../test/support/product.ts';
import { createLoopbackCalls } from './loopback-calls.ts';

/** `calls` is what the machine of the README is rated for: three quarters of what `capacity` found, rounded. */
const SIZES = { smoke: { calls: 4, seconds: 2 }, full: { calls: 200, seconds: 30 } } as const;

type Size = (typeof SIZES)[BenchSize];

interface Attempts {
  /** Refused with 503 and `CAPACITY_EXCEEDED`. */
  refused: number;
  /** Whatever else they were answered with. */
  others: number;
}

/** As many new calls again as there are, evenly over the time. */
async function attempt(product: Product, { calls, seconds }: Size): Promise<Attempts> {
  const attempts: Attempts = { refused: 0, others: 0 };
  const startedMs = performance.now();
  const answers: Promise<void>[] = [];
  for (let n = 0; n < calls; n++) {
    await pause(Math.max(0, startedMs + (n * seconds * 1000) / calls - performance.now()));
    answers.push(attemptOne(product, n, attempts));
  }
  await Promise.all(answers);
  return attempts;
}

async function attemptOne(product: Product, n: number, attempts: Attempts): Promise<void> {
  const response = await fetch(`${product.url}/v1/calls`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${product.keys[n % product.keys.length]}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ topology: 'loopback', sampleRate: 16_000 }),
  });
  const { code } = (await response.json()) as { readonly code?: string };
  if (response.status === 503 && code === 'CAPACITY_EXCEEDED') attempts.refused += 1;
  else attempts.others += 1;
}

async function measure(size: Size) {
  const product = await Product.start({
    TONEWALL_MAX_CALLS: String(size.calls),
    TONEWALL_OVERLOAD_LATENESS_MS: '50',
  });
  try {
    const frames = await callerFrames();
    const legs = await openLegs((await createLoopbackCalls(product, size.calls)).uris);
    const alone = await loadLegs(legs, frames, size.seconds * 1000);
    const [beside, attempts] = await Promise.all([
      loadLegs(legs, frames, size.seconds * 1000),
      attempt(product, size),
    ]);
    return { alone, beside, attempts };
  } finally {
    await product.stop();
  }
}

export const bench: Bench = {
  name: 'rated',
  method:
    'The whole product at `TONEWALL_MAX_CALLS`, all calls with speech and keying, while as many new calls again are ' +
    'attempted; against the same calls without the attempts, in the same process before.',
  async run(name): Promise<readonly BenchRow[]> {
    const size = SIZES[name];
    const { alone, beside, attempts } = await measure(size);
    const row = (what: string, unit: string, pick: (load: LoadResult) => number): BenchRow => ({
      what,
      unit,
      ours: pick(beside),
      peer: pick(alone),
      peerName: 'without attempts',
    });
    const asked = { unit: '', peer: size.calls, peerName: 'attempted' };
    return [
      row('frame to frame, p50', 'ms', (load) => percentile(load.latenciesMs, 0.5)),
      row('frame to frame, p99', 'ms', (load) => percentile(load.latenciesMs, 0.99)),
      row('frame to frame, p99.9', 'ms', (load) => percentile(load.latenciesMs, 0.999)),
      row('frames lost', '', (load) => load.framesLost),
      row('lateness of the generator, p99', 'ms', (load) => load.generatorLatenessMs),
      { what: 'attempts refused with CAPACITY_EXCEEDED', ours: attempts.refused, ...asked },
      { what: 'attempts answered otherwise', ours: attempts.others, ...asked },
    ];
  },
};
