import type { HeapProfiler } from 'node:inspector/promises';
import { Session } from 'node:inspector/promises';
import { Masker } from '../../../src/dsp/masker.ts';
import { DEFAULTS } from './masked.ts';
import { talk } from './talk.ts';

/** Prints what the files of `src/dsp` allocate per frame of speech, in bytes, once the compiler has settled. */

const FRAMES = 20_000;
const NOBODY = { digitStarted() {}, digitEnded() {}, maskStarted() {}, maskEnded() {} };

const samples = talk('rms');
const frames = Array.from({ length: 1400 }, (_, i) => samples.subarray(160 * i, 160 * (i + 1)));
const output = new Int16Array(160);
const masker = new Masker({ ...DEFAULTS, sampleRate: 8000 }, NOBODY);

function run(): void {
  for (let i = 0; i < FRAMES; i += 1) masker.process(frames[i % 1400]!, output);
}

function sizeOf(node: HeapProfiler.SamplingHeapProfileNode): number {
  const own = node.callFrame.url.includes('/src/dsp/') ? node.selfSize : 0;
  return own + node.children.reduce((sum, child) => sum + sizeOf(child), 0);
}

run();
run();
const session = new Session();
session.connect();
const options = {
  samplingInterval: 4096,
  includeObjectsCollectedByMajorGC: true,
  includeObjectsCollectedByMinorGC: true,
};
await session.post('HeapProfiler.startSampling', options as HeapProfiler.StartSamplingParameterType);
run();
const { profile } = await session.post('HeapProfiler.stopSampling');
console.log((sizeOf(profile.head) / FRAMES).toFixed(2));
