import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Bench, BenchRow, BenchSize } from '../bench.ts';
import { percentile } from '../media/leg-load.ts';
import { LegClient } from '../../test/support/leg-client.ts';
import { Product } from '../../test/support/product.ts';

const SIZES = { smoke: { screens: 10, keys: 5 }, full: { screens: 500, keys: 30 } } as const;
const KEY_PAUSE_MS = 100;

/** Reads a stream of events and calls back whenever one of this name begins. */
async function watch(
  url: string,
  headers: Record<string, string>,
  name: string,
  seen: () => void,
): Promise<() => void> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  if (!response.ok || response.body === null)
    throw new Error(`the stream was answered with ${response.status}`);
  const read = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    for await (const chunk of body)
      for (const line of Buffer.from(chunk).toString().split('\n')) if (line === `event: ${name}`) seen();
  };
  read(response.body).catch(() => undefined);
  return () => abort.abort();
}

/** From a key pressed on each of many calls to the event on its screen. */
async function measureOurs({ screens, keys }: (typeof SIZES)[BenchSize]): Promise<Float64Array> {
  const product = await Product.start();
  const latenciesMs: number[] = [];
  const stops: (() => void)[] = [];
  try {
    const legs: { readonly leg: LegClient; pressedMs: number }[] = [];
    for (let n = 0; n < screens; n++) {
      const call = await product.request('POST', '/v1/calls', { topology: 'loopback', sampleRate: 8000 }, n);
      const { caller } = call['legs'] as { readonly caller: { readonly uri: string } };
      const entry = { leg: await LegClient.connect(caller.uri, 8000), pressedMs: 0 };
      legs.push(entry);
      const asked = { callId: call['id'], profileId: 'card', amount: '1.00' };
      const payment = await product.request('POST', '/v1/payments', asked, n);
      const authorization = `Bearer ${payment['agentToken'] as string}`;
      const seen = (): void => void latenciesMs.push(performance.now() - entry.pressedMs);
      stops.push(await watch(payment['eventsUrl'] as string, { authorization }, 'field-progress', seen));
    }
    for (let key = 0; key < keys; key++) {
      for (const entry of legs) {
        entry.pressedMs = performance.now();
        // A card number is never complete: the caller empties the field in time.
        entry.leg.tellKey(key % 5 === 4 ? '*' : '4');
      }
      await new Promise((resolve) => setTimeout(resolve, KEY_PAUSE_MS));
    }
    return Float64Array.from(latenciesMs).toSorted();
  } finally {
    for (const stop of stops) stop();
    await product.stop();
  }
}

/** One request to a plain server that writes to as many streams. */
async function measurePlain({ screens, keys }: (typeof SIZES)[BenchSize]): Promise<Float64Array> {
  const child = fork(new URL('./plain-server.ts', import.meta.url));
  const latenciesMs: number[] = [];
  const stops: (() => void)[] = [];
  try {
    const [url] = (await once(child, 'message')) as [string];
    let publishedMs = 0;
    const seen = (): void => void latenciesMs.push(performance.now() - publishedMs);
    for (let n = 0; n < screens; n++) stops.push(await watch(`${url}/events`, {}, 'field-progress', seen));
    for (let key = 0; key < keys; key++) {
      publishedMs = performance.now();
      await fetch(`${url}/publish`, { method: 'POST', body: '{}' });
      await new Promise((resolve) => setTimeout(resolve, KEY_PAUSE_MS));
    }
    return Float64Array.from(latenciesMs).toSorted();
  } finally {
    for (const stop of stops) stop();
    child.disconnect();
  }
}

export const bench: Bench = {
  name: 'events',
  method:
    'A key pressed at the same time on every call: from the message on the media socket to the asterisk on the agent’s ' +
    'event stream. Against plain `node:http` that writes one request’s event to as many streams.',
  async run(name): Promise<readonly BenchRow[]> {
    const size = SIZES[name];
    const peer = await measurePlain(size);
    const ours = await measureOurs(size);
    const peerName = 'node:http';
    const row = (what: string, share: number): BenchRow => ({
      what,
      unit: 'ms',
      ours: percentile(ours, share),
      peer: percentile(peer, share),
      peerName,
    });
    const due = size.screens * size.keys;
    return [
      row('key to screen, p50', 0.5),
      row('key to screen, p99', 0.99),
      { what: 'events missing', unit: '', ours: due - ours.length, peer: due - peer.length, peerName },
    ];
  },
};
