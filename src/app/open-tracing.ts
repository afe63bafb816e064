import type { Config } from '../config/config.ts';
import type { Tracer } from '../core/tracer.ts';
import packageJson from '../../package.json' with { type: 'json' };

/** Sends spans if a collector is configured; the library is loaded for that only. */
export async function openTracing(
  { otlpEndpoint }: Config,
  opened: AsyncDisposableStack,
): Promise<{ readonly tracer?: Tracer }> {
  if (otlpEndpoint === null) return {};
  const { OtelTracer } = await import('../telemetry/otel-tracer.ts');
  const tracer = new OtelTracer(otlpEndpoint, packageJson.version);
  opened.defer(() => tracer.close());
  return { tracer };
}
