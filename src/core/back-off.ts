import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

export interface BackOff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** The pause before repeat number `repeat`, counted from 0: doubling, capped, and between half and all of that. */
export function backOffMs(backOff: BackOff, repeat: number, random: Random): number {
  const wholeMs = Math.min(backOff.maxMs, backOff.firstMs * 2 ** repeat);
  const jitter = (random.bytes(1)[0] ?? 0) / 255;
  return wholeMs * (0.5 + jitter / 2);
}

export function pause(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve));
}
