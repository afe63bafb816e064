import { fileURLToPath } from 'node:url';
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { ServerDeps } from '../http/server-deps.ts';
import type { PrometheusMeter } from '../telemetry/prometheus-meter.ts';
import type { LogSink } from '../telemetry/standard-output.ts';
import { LocalMedia } from '../vonage/media-host.ts';
import type { MediaHost } from '../vonage/media-host.ts';
import { WorkerPool } from '../worker/worker-pool.ts';

/** Where audio is carried, and what its processes tell about themselves. */
export interface MediaPart {
  readonly host: MediaHost;
  readonly isMediaOverloaded: () => boolean;
  /** The metrics of every process together. */
  readonly metrics: ServerDeps['metrics'];
}

/** With one worker the main process carries media itself; with more, each of them a share. */
export function openMediaPart(
  { workers, logLevel, overloadLatenessMs }: Config,
  shared: {
    readonly clock: Clock;
    readonly meter: PrometheusMeter;
    readonly logger: Logger;
    readonly logSink: LogSink;
  },
  opened: AsyncDisposableStack,
): MediaPart {
  const { meter } = shared;
  if (workers === 1) return { host: new LocalMedia(shared), isMediaOverloaded: () => false, metrics: meter };
  const script = fileURLToPath(new URL('./media-worker.ts', import.meta.url));
  const pool = new WorkerPool({ workers, script, logLevel, overloadLatenessMs }, shared);
  opened.defer(() => pool.close());
  const { contentType } = meter;
  const text = async (): Promise<string> => meter.textWith(await pool.metrics());
  return { host: pool, isMediaOverloaded: () => pool.isOverloaded, metrics: { contentType, text } };
}
