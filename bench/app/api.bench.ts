import { fork } from 'node:child_process';
import { once } from 'node:events';
import autocannon from 'autocannon';
import type { Bench, BenchRow, BenchSize } from '../bench.ts';
import { loadLegs, openLegs, percentile } from '../media/leg-load.ts';
import type { LoadResult } from '../media/leg-load.ts';
import { callerFrames } from '../media/media-server.ts';
import { Product } from '../../test/support/product.ts';
import { createLoopbackCalls } from './loopback-calls.ts';

const SIZES = {
  smoke: { payments: 100, calls: 4, seconds: 2, connections: 4 },
  full: { payments: 3500, calls: 300, seconds: 10, connections: 20 },
} as const;

type Size = (typeof SIZES)[BenchSize];

/** Each request opens the payment of another call. */
async function postPayments(
  product: Product,
  ids: readonly string[],
  size: Size,
): Promise<autocannon.Result> {
  let next = 0;
  return autocannon({
    url: `${product.url}/v1/payments`,
    connections: size.connections,
    amount: ids.length,
    requests: [
      {
        method: 'POST',
        setupRequest: (request) => {
          const n = next++;
          return {
            ...request,
            headers: {
              authorization: `Bearer ${product.keys[n % product.keys.length]}`,
              'content-type': 'application/json',
              'idempotency-key': `bench-${n}`,
            },
            body: JSON.stringify({ callId: ids[n % ids.length], profileId: 'card', amount: '42.50' }),
          };
        },
      },
    ],
  });
}

async function postPlain(size: Size): Promise<autocannon.Result> {
  const child = fork(new URL('./plain-server.ts', import.meta.url));
  try {
    const [url] = (await once(child, 'message')) as [string];
    return await autocannon({
      url,
      method: 'POST',
      connections: size.connections,
      amount: size.payments,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ callId: 'call_'.padEnd(30, 'x'), profileId: 'card', amount: '42.50' }),
    });
  } finally {
    child.disconnect();
  }
}

/** Requests while calls run, and what that does to the calls. */
async function measureOurs(size: Size) {
  const product = await Product.start();
  try {
    const running = await createLoopbackCalls(product, size.calls);
    const waiting = await createLoopbackCalls(product, size.payments);
    const legs = await openLegs(running.uris);
    const frames = await callerFrames();
    const alone = await loadLegs(legs, frames, size.seconds * 1000);
    let beside: LoadResult | null = null;
    const load = loadLegs(legs, frames, size.seconds * 1000).then((result) => (beside = result));
    const requests = await postPayments(product, waiting.ids, size);
    await load;
    return { requests, alone, beside: beside ?? alone };
  } finally {
    await product.stop();
  }
}

export const bench: Bench = {
  name: 'api',
  method:
    'POST /v1/payments by autocannon, each on a call of its own and committed to the journal, while other calls run in the ' +
    'same process; against plain `node:http` that parses JSON and stores nothing. Media latency with and without the requests.',
  async run(name): Promise<readonly BenchRow[]> {
    const size = SIZES[name];
    const plain = await postPlain(size);
    const { requests, alone, beside } = await measureOurs(size);
    const peerName = 'node:http';
    const p99 = (load: LoadResult): number => percentile(load.latenciesMs, 0.99);
    return [
      {
        what: 'payments opened',
        unit: '/s',
        ours: requests.requests.average,
        peer: plain.requests.average,
        peerName,
      },
      { what: 'answer, p99', unit: 'ms', ours: requests.latency.p99, peer: plain.latency.p99, peerName },
      {
        what: 'answers that were not 2xx',
        unit: '',
        ours: requests.non2xx + requests.errors,
        peer: plain.non2xx,
        peerName,
      },
      {
        what: 'frame to frame beside it, p99',
        unit: 'ms',
        ours: p99(beside),
        peer: p99(alone),
        peerName: 'without requests',
      },
    ];
  },
};
