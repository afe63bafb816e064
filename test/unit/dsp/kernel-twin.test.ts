import { describe, expect, it } from 'vitest';
import type { SampleRate } from '../../../src/core/sample-rate.ts';
import { HopAnalyzer } from '../../../src/dsp/hop-analyzer.ts';
import { writeNetworks } from '../../../src/dsp/kernel/kernel-port.ts';
import type { Kernel } from '../../../src/dsp/kernel/kernel-port.ts';
import { ScalarKernel } from '../../../src/dsp/kernel/scalar-kernel.ts';
import { SimdKernel } from '../../../src/dsp/kernel/simd-kernel.ts';
import { StatePool } from '../../../src/dsp/kernel/state-pool.ts';
import { COMMITTED_NETWORKS } from '../../../src/dsp/kernel/kernel.ts';
import { GATE_FEATURES } from '../../../src/dsp/kernel/layout.ts';
import { COLUMN, ROW } from '../../../src/dsp/pair-evidence.ts';
import { keyTones, mixed } from '../../support/dsp/key-tones.ts';
import { masked } from '../../support/dsp/masked.ts';
import type { MaskedSignal } from '../../support/dsp/masked.ts';
import { resampled } from '../../support/dsp/resampled.ts';
import { talk } from '../../support/dsp/talk.ts';

/**
 * Goal: the vector kernel and its readable twin are one algorithm. Method: both over the same speech and keying; their
 * steps are the same single precision operations, so their results are equal to the last bit.
 */

const keying = mixed(
  keyTones({ rateHz: 8000, digits: '4000123456789010*#', toneMs: 60, pauseMs: 60 }).samples,
  talk('scotland'),
  -12,
);
const signal = new Int16Array([...talk('rms').subarray(0, 24_000), ...new Int16Array(800), ...keying]);

function poolOf(kernel: Kernel): StatePool {
  writeNetworks(kernel, COMMITTED_NETWORKS);
  return new StatePool(kernel);
}

function descriptionsWith(kernel: Kernel): number[] {
  const analyzer = new HopAnalyzer(poolOf(kernel));
  analyzer.isThorough = true;
  const score = new Float64Array(1);
  const descriptions: number[] = [];
  for (let at = 0; at + 16 <= signal.length; at += 16) {
    analyzer.collect(signal, at, at + 16);
    while (analyzer.next()) {
      if (!analyzer.isDescribed) continue;
      analyzer.scoreInto(score, 0);
      descriptions.push(at, ...analyzer.features, analyzer.rowPower, analyzer.columnPower, score[0]!);
    }
  }
  return descriptions;
}

function suspicionsWith(kernel: Kernel): number[] {
  const analyzer = new HopAnalyzer(poolOf(kernel));
  analyzer.isAlert = true;
  const { evidence } = analyzer;
  const suspicions: number[] = [];
  for (let at = 0; at + 16 <= signal.length; at += 16) {
    analyzer.collect(signal, at, at + 16);
    while (analyzer.next()) {
      analyzer.measure();
      analyzer.measurePresence((at >> 4) % 16);
      analyzer.holdFeatures.set([0.5, at % 3, -1], GATE_FEATURES);
      suspicions.push(analyzer.holdScore(), evidence.key, evidence.score, ...evidence.features);
      for (const group of [ROW, COLUMN]) {
        suspicions.push(evidence.offsetPercent(group), evidence.dbm0(group), evidence.spreadDb(group));
        suspicions.push(evidence.real(group), evidence.imaginary(group), evidence.presentPower(group));
      }
    }
  }
  return suspicions;
}

function maskedWith(kernel: Kernel, rate: SampleRate): MaskedSignal {
  const samples = Int16Array.from(resampled(signal, 8000, rate), (sample) =>
    Math.max(-32768, Math.min(32767, Math.round(sample))),
  );
  return masked(samples, rate, {}, [rate / 50], poolOf(kernel));
}

describe('the scalar twin', () => {
  it('describes speech and keying as the vector kernel does, to the last bit', () => {
    const descriptions = descriptionsWith(new ScalarKernel());
    expect(descriptions.length).toBeGreaterThan(21 * 1000);
    expect(descriptions).toEqual(descriptionsWith(new SimdKernel()));
  });

  it('measures the evidence for digits as the vector kernel does, to the last bit', () => {
    const suspicions = suspicionsWith(new ScalarKernel());
    expect(suspicions.length).toBeGreaterThan(29 * 1000);
    expect(suspicions.every(Number.isFinite)).toBe(true);
    expect(suspicions).toEqual(suspicionsWith(new SimdKernel()));
  });

  it.each([8000, 16_000, 24_000] as const)('masks and reports the same at %i Hz', (rate) => {
    const scalar = maskedWith(new ScalarKernel(), rate);
    expect(scalar.digits.length).toBeGreaterThan(15);
    expect(scalar).toEqual(maskedWith(new SimdKernel(), rate));
  });
});
