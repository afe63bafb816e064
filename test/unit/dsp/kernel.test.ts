import { describe, expect, it } from 'vitest';
import { Decimator } from '../../../src/dsp/decimator.ts';
import { HopAnalyzer } from '../../../src/dsp/hop-analyzer.ts';
import { kernel } from '../../../src/dsp/kernel/kernel.ts';
import { SCRATCH, STATE } from '../../../src/dsp/kernel/layout.ts';
import { keyTones, mixed } from '../../support/dsp/key-tones.ts';
import { talk } from '../../support/dsp/talk.ts';

/**
 * Goal: the vector code computes what its comments say. Method: the same quantities in double precision, straight from
 * their definitions, at one moment in speech with a key press in it.
 */

const TONES_HZ = [697, 770, 852, 941, 1209, 1336, 1477, 1633];
const MOMENT = 16 * 60;
const ORDER = 10;

const samples = mixed(
  keyTones({ rateHz: 8000, digits: '8', toneMs: 100, pauseMs: 100, marginMs: 100 }).samples,
  talk('rms').subarray(16_000, 24_000),
  -6,
);

/** Runs the analyzer to `MOMENT` and leaves the call's state in the kernel. */
function analyzed(): HopAnalyzer {
  const [decimator, analyzer] = [new Decimator(8000), new HopAnalyzer()];
  analyzer.isAlert = true;
  for (let at = 0; at < MOMENT; at += 16) {
    decimator.collect(samples, at, at + 16);
    analyzer.take(decimator);
  }
  return analyzer;
}

function floats(bytes: number, count: number): number[] {
  return Array.from(kernel.memory.subarray(bytes / 4, bytes / 4 + count));
}

describe('the kernel', () => {
  it('correlates the newest hop with the eight tones about its centre', () => {
    const slot = analyzed().raw.newest;
    const sums = floats(STATE.rawSums + slot * 64, 16);
    const expected = [Math.cos, Math.sin].flatMap((wave) =>
      TONES_HZ.map((hz) => {
        let sum = 0;
        for (let i = 0; i < 16; i += 1)
          sum += samples[MOMENT - 16 + i]! * wave(((2 * Math.PI * hz) / 8000) * (i - 7.5));
        return sum;
      }),
    );
    for (const [i, value] of expected.entries()) expect(sums[i]! / 1e4).toBeCloseTo(value / 1e4, 3);
  });

  it('leaves of the hop what its predictor does not predict', () => {
    analyzed();
    const predictor = floats(STATE.coefficients, 11).slice(1);
    const residual = floats(SCRATCH.residual, 16);
    for (let i = 0; i < 16; i += 1) {
      const n = MOMENT - 16 + i;
      const expected = predictor.reduce((sum, a, k) => sum + a * samples[n - 1 - k]!, samples[n]!);
      expect(residual[i]! / 1000).toBeCloseTo(expected / 1000, 3);
    }
  });

  it('fits the predictor to the weighed autocorrelation', () => {
    analyzed();
    // Newest hop first, three hops before the last even hop; solved here by Gaussian elimination.
    const weights = [0.15, 0.45, 0.72, 0.9, 1, 1, 1, 1, 0.9, 0.72, 0.45, 0.15];
    const last = 58 * 16;
    const r = Array.from({ length: ORDER + 1 }, (_, lag) => {
      let sum = 0;
      for (const [w, weight] of weights.entries()) {
        const from = last - (4 + w) * 16 + 16 - 16;
        for (let n = from; n < from + 16; n += 1)
          sum += (weight * samples[n]! * samples[n - lag]!) / (16 * 8.44);
      }
      return sum;
    });
    r[0] = r[0]! * 1.0003 + 4;
    const matrix = Array.from({ length: ORDER }, (_, i) => [
      ...Array.from({ length: ORDER }, (_unused, j) => r[Math.abs(i - j)]!),
      -r[i + 1]!,
    ]);
    const solution = solve(matrix);
    const predictor = floats(STATE.coefficients, 11).slice(1);
    for (const [k, value] of solution.entries()) expect(predictor[k]!).toBeCloseTo(value, 2);
  });

  it('finds the energy of the least-squares fit of every pair', () => {
    analyzed();
    // The last of the seven windows: 10 ms of the raw signal.
    const energies = floats(SCRATCH.pairs + 6 * 64, 16);
    for (const key of [0, 5, 9, 15]) {
      const window = Array.from(samples.subarray(MOMENT - 80, MOMENT));
      const tones = [TONES_HZ[key >> 2]!, TONES_HZ[4 + (key & 3)]!];
      expect(energies[key]! / 1e6).toBeCloseTo(fitEnergy(window, tones) / 1e6, 1);
    }
  });

  it('gives the same scores for a call whether or not another runs between its frames', () => {
    const run = (isDisturbed: boolean): number[] => {
      const [decimator, analyzer, other, otherDecimator] = [
        new Decimator(8000),
        new HopAnalyzer(),
        new HopAnalyzer(),
        new Decimator(8000),
      ];
      const shares: number[] = [];
      for (let at = 0; at + 16 <= 8000; at += 16) {
        decimator.collect(samples, at, at + 16);
        analyzer.take(decimator);
        shares.push(analyzer.raw.hopEnergy(0), analyzer.innovation.hopEnergy(0));
        analyzer.leave();
        if (!isDisturbed) continue;
        otherDecimator.collect(samples, 8000 - at - 16, 8000 - at);
        other.take(otherDecimator);
        other.leave();
      }
      return shares;
    };
    expect(run(true)).toEqual(run(false));
  });
});

/** Solves [A | b] by elimination with pivots. */
function solve(rows: number[][]): number[] {
  const n = rows.length;
  for (let c = 0; c < n; c += 1) {
    const pivot = rows.findIndex(
      (row, r) => r >= c && Math.abs(row[c]!) === Math.max(...rows.slice(c).map((x) => Math.abs(x[c]!))),
    );
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    for (let r = 0; r < n; r += 1) {
      if (r === c) continue;
      const factor = rows[r]![c]! / rows[c]![c]!;
      rows[r] = rows[r]!.map((value, j) => value - factor * rows[c]![j]!);
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}

/** Energy of a window in the span of the tones' cosines and sines, regularised by a thousandth of its length. */
function fitEnergy(window: readonly number[], tonesHz: readonly number[]): number {
  const basis = tonesHz.flatMap((hz) =>
    [Math.cos, Math.sin].map((wave) => window.map((_, n) => wave(((2 * Math.PI * hz) / 8000) * n))),
  );
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const right = basis.map((vector) => dot(vector, window));
  const rows = basis.map((vector, i) => [
    ...basis.map((other, j) => dot(vector, other) + (i === j ? 1e-3 * window.length : 0)),
    right[i]!,
  ]);
  return dot(solve(rows), right);
}
