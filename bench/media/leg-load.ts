import { WebSocket } from 'ws';

const FRAME_MS = 20;

export interface LoadResult {
  readonly latenciesMs: Float64Array;
  /** How late the generator itself sent, at the 99th percentile. A late generator measures itself. */
  readonly generatorLatenessMs: number;
  readonly framesLost: number;
}

interface LoadedLeg {
  readonly socket: WebSocket;
  readonly offsetMs: number;
  readonly sentAtMs: Float64Array;
  sent: number;
  received: number;
}

/**
 * Sends frames on every leg, on schedule whether or not the server answers, so that a slow answer counts against
 * every frame behind it (no coordinated omission). Latency: from the moment a frame left to its answer; how late it
 * left is reported beside it.
 */
export async function loadLegs(
  uris: readonly string[],
  frames: readonly Buffer[],
  durationMs: number,
): Promise<LoadResult> {
  const count = Math.floor(durationMs / FRAME_MS);
  const legs = await Promise.all(
    uris.map((uri, index) => openLeg(uri, (index * FRAME_MS) / uris.length, count)),
  );
  const latenciesMs: number[] = [];
  const latenessMs: number[] = [];
  const startedAt = performance.now() + FRAME_MS;
  for (const leg of legs) listen(leg, startedAt, latenciesMs);
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now() - startedAt;
      for (const leg of legs) sendDue(leg, now, frames, count, latenessMs);
      if (now > durationMs + 1000) {
        clearInterval(timer);
        resolve();
      }
    }, 1);
  });
  for (const leg of legs) leg.socket.terminate();
  return {
    latenciesMs: Float64Array.from(latenciesMs).toSorted(),
    generatorLatenessMs: percentile(Float64Array.from(latenessMs).toSorted(), 0.99),
    framesLost: legs.reduce((sum, leg) => sum + leg.sent - leg.received, 0),
  };
}

/** `sorted` ascending; `share` of 0 to 1. */
export function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

async function openLeg(uri: string, offsetMs: number, count: number): Promise<LoadedLeg> {
  const socket = new WebSocket(uri, { perMessageDeflate: false });
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.send('{"event":"websocket:connected","content-type":"audio/l16;rate=16000"}');
  return { socket, offsetMs, sentAtMs: new Float64Array(count), sent: 0, received: 0 };
}

function listen(leg: LoadedLeg, startedAt: number, latenciesMs: number[]): void {
  leg.socket.on('message', (_data, isBinary) => {
    if (!isBinary) return;
    latenciesMs.push(performance.now() - startedAt - (leg.sentAtMs[leg.received] ?? 0));
    leg.received += 1;
  });
}

function sendDue(
  leg: LoadedLeg,
  now: number,
  frames: readonly Buffer[],
  count: number,
  latenessMs: number[],
): void {
  for (;;) {
    const dueMs = leg.offsetMs + leg.sent * FRAME_MS;
    if (leg.sent >= count || dueMs > now) return;
    latenessMs.push(now - dueMs);
    leg.sentAtMs[leg.sent] = now;
    leg.socket.send(frames[leg.sent % frames.length] ?? Buffer.alloc(0));
    leg.sent += 1;
  }
}
