import { createHash } from 'node:crypto';
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import type { Context, SpanContext } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import type { IdGenerator } from '@opentelemetry/sdk-trace';
import { blockCardNumbers } from '../core/digit-filter.ts';
import type { FinishedSpan, SpanFacts, Tracer } from '../core/tracer.ts';

/** A collector that is slower than this has not answered; what waits beyond the queue is dropped. */
const EXPORT_MS = 5000;
const QUEUE_MAX = 2048;

const SERVICE = 'tonewall';
const ATTRIBUTES: Readonly<Record<keyof SpanFacts, string>> = {
  callId: 'tonewall.call.id',
  paymentId: 'tonewall.payment.id',
  topology: 'tonewall.topology',
  method: 'tonewall.payment.method',
  provider: 'tonewall.provider',
  step: 'tonewall.step',
  outcome: 'tonewall.outcome',
};

/** Sends spans to an OpenTelemetry collector over OTLP/HTTP. */
export class OtelTracer implements Tracer {
  readonly #provider: TracerProvider;
  readonly #ids = new ChosenIds();

  /** `endpoint`: base address of the collector, as OTEL_EXPORTER_OTLP_ENDPOINT has it. */
  constructor(endpoint: string, version: string) {
    const exporter = new OTLPTraceExporter({ url: `${endpoint}/v1/traces`, timeoutMillis: EXPORT_MS });
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': SERVICE, 'service.version': version }),
      idGenerator: this.#ids,
      spanProcessors: [
        new BatchSpanProcessor({ exporter, maxQueueSize: QUEUE_MAX, exportTimeoutMillis: EXPORT_MS }),
      ],
    });
  }

  record({ name, about, isRoot, startedAtMs, endedAtMs, isError, facts }: FinishedSpan): void {
    const root = rootOf(about);
    this.#ids.root = isRoot ? root : null;
    const parent: Context = isRoot ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, root);
    const span = this.#provider
      .getTracer(SERVICE)
      .startSpan(name, { startTime: startedAtMs, attributes: attributesOf(facts) }, parent);
    if (isError) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endedAtMs);
  }

  /** Sends what waits, for at most as long as one export may take. */
  async close(): Promise<void> {
    await this.#provider.shutdown().catch(() => undefined);
  }
}

/** A root's ids follow from what it is about, so that its parts need not know it. */
class ChosenIds implements IdGenerator {
  root: SpanContext | null = null;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.root?.traceId ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.root?.spanId ?? this.#random.generateSpanId();
  }
}

function rootOf(about: string): SpanContext {
  const hash = createHash('sha256').update(about).digest('hex');
  return { traceId: hash.slice(0, 32), spanId: hash.slice(32, 48), traceFlags: TraceFlags.SAMPLED };
}

/** Through the last filter, as everything that leaves. */
function attributesOf(facts: SpanFacts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      ATTRIBUTES[name as keyof SpanFacts],
      blockCardNumbers(value as string).text,
    ]),
  );
}
