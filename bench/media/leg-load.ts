import { RawLeg } from './raw-leg.ts';

const FRAME_MS = 20;
/** Sockets that are opened at the same time. */
const DIALS = 50;
/** Frames at the beginning whose latency is not counted: the compiler and the sockets warm up. */
const WARM_UP_MS = 1000;

export interface LoadResult {
  /** Ascending. */
  readonly latenciesMs: Float64Array;
  /** How late the generator itself sent, at the 99th percentile. A late generator measures itself. */
  readonly generatorLatenessMs: number;
  readonly framesLost: number;
}

interface LoadedLeg {
  readonly leg: RawLeg;
  readonly offsetMs: number;
  /** Where in the material it begins: keys are not pressed on all calls at the same moment. */
  readonly firstFrame: number;
  readonly sentAtMs: Float64Array;
  sent: number;
  received: number;
}

/** Opens a leg for each address. */
export async function openLegs(uris: readonly string[]): Promise<RawLeg[]> {
  const legs: RawLeg[] = [];
  for (let at = 0; at < uris.length; at += DIALS)
    legs.push(...(await Promise.all(uris.slice(at, at + DIALS).map((uri) => RawLeg.open(uri)))));
  return legs;
}

/**
 * Sends frames on every leg, on schedule whether or not the server answers, so that a slow answer counts against
 * every frame behind it (no coordinated omission). Latency: from the moment a frame left to its answer; how late it
 * left is reported beside it. Every leg begins elsewhere in the material. The legs stay open.
 */
export async function loadLegs(
  opened: readonly RawLeg[],
  frames: readonly Buffer[],
  durationMs: number,
): Promise<LoadResult> {
  const count = Math.floor(durationMs / FRAME_MS);
  const legs = opened.map((leg, index): LoadedLeg => ({
    leg,
    offsetMs: (index * FRAME_MS) / opened.length,
    firstFrame: Math.floor((index * frames.length) / opened.length),
    sentAtMs: new Float64Array(count),
    sent: 0,
    received: 0,
  }));
  const latenciesMs: number[] = [];
  const latenessMs: number[] = [];
  const startedAt = performance.now() + FRAME_MS;
  for (const loaded of legs) listen(loaded, startedAt, Math.min(WARM_UP_MS, durationMs / 4), latenciesMs);
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now() - startedAt;
      for (const loaded of legs) sendDue(loaded, now, frames, count, latenessMs);
      if (now > durationMs + 1000) {
        clearInterval(timer);
        resolve();
      }
    }, 1);
  });
  return {
    latenciesMs: Float64Array.from(latenciesMs).toSorted(),
    generatorLatenessMs: percentile(Float64Array.from(latenessMs).toSorted(), 0.99),
    framesLost: legs.reduce((sum, loaded) => sum + loaded.sent - loaded.received, 0),
  };
}

/** `sorted` ascending; `share` of 0 to 1. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function listen(loaded: LoadedLeg, startedAt: number, fromMs: number, latenciesMs: number[]): void {
  loaded.leg.onFrame(() => {
    const now = performance.now() - startedAt;
    if (now >= fromMs) latenciesMs.push(now - (loaded.sentAtMs[loaded.received] ?? 0));
    loaded.received += 1;
  });
}

function sendDue(
  loaded: LoadedLeg,
  now: number,
  frames: readonly Buffer[],
  count: number,
  latenessMs: number[],
): void {
  for (;;) {
    const dueMs = loaded.offsetMs + loaded.sent * FRAME_MS;
    if (loaded.sent >= count || dueMs > now) return;
    latenessMs.push(now - dueMs);
    loaded.sentAtMs[loaded.sent] = now;
    loaded.leg.send(frames[(loaded.firstFrame + loaded.sent) % frames.length]!);
    loaded.sent += 1;
  }
}
