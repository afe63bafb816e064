import { readWav } from '../../src/audio-file/wav.ts';
import { speechPath } from '../../src/simulator/spoken-lines.ts';
import { resampled } from '../support/dsp/resampled.ts';
import { Product } from '../support/product.ts';
import { SeededRandom } from '../support/simulation/seeded-random.ts';
import { SoakCall } from './soak-call.ts';
import type { Speech } from './soak-call.ts';
import { Tally } from './tally.ts';

const SAMPLE_MS = 5000;

export interface SoakPlan {
  /** No new call begins after this; those that are under way come to their end. */
  readonly seconds: number;
  readonly seed: number;
  /** Calls at the same time. */
  readonly calls: number;
  readonly print: (line: string) => void;
}

/**
 * Plays calls with speech, keying, a bad network and a failing provider on the product in a process of its own, and
 * judges: what agents heard, what became of payments, what is left in the process. The seed decides what happens;
 * real clocks decide when.
 */
export async function runSoak({ seconds, seed, calls, print }: SoakPlan): Promise<Tally> {
  const tally = new Tally();
  const product = await Product.start();
  const speech = await loadSpeech();
  const endMs = performance.now() + seconds * 1000;
  const sampler = setInterval(() => void sampleMemory(product, tally), SAMPLE_MS);
  try {
    const line = async (index: number): Promise<void> => {
      for (let call = 0; call === 0 || performance.now() < endMs; call++) {
        const random = new SeededRandom(seed + 7919 * index + 104_729 * call);
        await new SoakCall({ product, speech, tally }, random).run().catch((error: unknown) => {
          tally.problem(`a call broke off: ${error instanceof Error ? error.message : String(error)}`);
        });
        if (call % 10 === 9)
          print(`line ${index + 1}: ${call + 1} calls, ${tally.problems.length} problems so far`);
      }
    };
    await Promise.all(Array.from({ length: calls }, (_, index) => line(index)));
    await judgeRemains(product, tally);
  } finally {
    clearInterval(sampler);
    await product.stop();
  }
  tally.judge();
  return tally;
}

async function loadSpeech(): Promise<Speech> {
  const lines = await Promise.all(
    (['caller-talking', 'caller-ready', 'agent-greeting', 'agent-expiry'] as const).map(async (line) => {
      const { channels } = await readWav(speechPath(line));
      return channels[0] ?? new Int16Array();
    }),
  );
  const at = (rateHz: number): Int16Array[] =>
    lines.map((samples) => Int16Array.from(resampled(samples, 16_000, rateHz), Math.round));
  return { 8000: at(8000), 16_000: lines, 24_000: at(24_000) };
}

async function sampleMemory(product: Product, tally: Tally): Promise<void> {
  const heapBytes = (await product.metrics()).get('nodejs_heap_size_used_bytes');
  if (heapBytes !== undefined) tally.memory(heapBytes);
}

/** When every call has ended, nothing may be left of them, and nothing may have been in doubt but what we did. */
async function judgeRemains(product: Product, tally: Tally): Promise<void> {
  const metrics = await product.metrics();
  const mustBeZero = [
    'tonewall_calls',
    'tonewall_mask_active',
    'tonewall_failclosed_total{cause="error"}',
    'tonewall_failclosed_total{cause="output-check"}',
    ...['log', 'event', 'http', 'metric'].map((sink) => `tonewall_digit_leak_blocked_total{sink="${sink}"}`),
  ];
  for (const name of mustBeZero)
    if (metrics.get(name) !== 0) tally.problem(`${name} is ${metrics.get(name)} at the end`);
}
