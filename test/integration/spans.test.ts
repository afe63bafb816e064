import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { FinishedSpan } from '../../src/core/tracer.ts';
import { OtelTracer } from '../../src/telemetry/otel-tracer.ts';

/**
 * Goal: a collector is told of calls, payments and requests to providers as OTLP/HTTP has it (opentelemetry-proto,
 * JSON encoding), and one that is away or hangs costs nothing but its spans. Method: collectors of every kind.
 */

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue: string } }[];
  readonly status: { readonly code?: number };
}

/** A collector that keeps what it gets, or one that never answers. */
async function collector(
  isAnswering = true,
): Promise<{ endpoint: string; paths: string[]; spans: OtlpSpan[] }> {
  const spans: OtlpSpan[] = [];
  const paths: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      paths.push(request.url ?? '');
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
        resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[];
      };
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      if (isAnswering) response.setHeader('content-type', 'application/json').end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths, spans };
}

const REQUEST: FinishedSpan = {
  name: 'provider request',
  about: 'pay_1',
  isRoot: false,
  startedAtMs: 1_790_000_000_100,
  endedAtMs: 1_790_000_000_400,
  isError: false,
  facts: { paymentId: 'pay_1', provider: 'stripe', step: 'charge' },
};
const PAYMENT: FinishedSpan = {
  ...REQUEST,
  name: 'payment',
  isRoot: true,
  startedAtMs: 1_790_000_000_000,
  endedAtMs: 1_790_000_000_500,
  isError: true,
  facts: { paymentId: 'pay_1', method: 'guided', outcome: 'failed' },
};

describe('a collector', () => {
  it('gets a payment as a trace: the request to the provider is a child of the payment', async () => {
    const { endpoint, paths, spans } = await collector();
    const tracer = new OtelTracer(endpoint, '1.2.3');
    tracer.record(REQUEST);
    tracer.record(PAYMENT);
    await tracer.close();
    expect(new Set(paths)).toEqual(new Set(['/v1/traces']));
    const [request, payment] = spans as [OtlpSpan, OtlpSpan];
    expect(request.name).toBe('provider request');
    expect(request.traceId).toBe(payment.traceId);
    expect(request.parentSpanId).toBe(payment.spanId);
    expect(payment.parentSpanId ?? '').toBe('');
    expect(payment.startTimeUnixNano).toBe('1790000000000000000');
    expect(payment.endTimeUnixNano).toBe('1790000000500000000');
    // STATUS_CODE_ERROR.
    expect([request.status.code ?? 0, payment.status.code]).toEqual([0, 2]);
    expect(payment.attributes.map(({ key, value }) => [key, value.stringValue])).toEqual([
      ['tonewall.payment.id', 'pay_1'],
      ['tonewall.payment.method', 'guided'],
      ['tonewall.outcome', 'failed'],
    ]);
  });

  it('gets no card number, whatever a fact holds', async () => {
    const { endpoint, spans } = await collector();
    const tracer = new OtelTracer(endpoint, '1.2.3');
    tracer.record({ ...PAYMENT, facts: { outcome: '5555555555554444' } });
    await tracer.close();
    expect(JSON.stringify(spans)).not.toContain('5555');
  });

  it.each([
    ['is away', async () => 'http://127.0.0.1:1'],
    ['never answers', async () => (await collector(false)).endpoint],
  ])(
    'that %s holds up neither the work nor the end for long',
    async (_, endpointOf) => {
      const tracer = new OtelTracer(await endpointOf(), '1.2.3');
      for (let n = 0; n < 10_000; n++) tracer.record(REQUEST);
      // Four exports of what the queue holds, of 5 s at most each; the rest is for a busy machine.
      const isClosed = await Promise.race([
        tracer.close().then(() => true),
        new Promise<false>((resolve) => setTimeout(() => resolve(false), 40_000)),
      ]);
      expect(isClosed).toBe(true);
    },
    60_000,
  );
});
