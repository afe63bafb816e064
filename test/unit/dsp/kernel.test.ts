import { describe, expect, it } from 'vitest';
import { KERNEL_CODE } from '../../../src/dsp/kernel/kernel-code.ts';
import { appendInput, writeNetworks } from '../../../src/dsp/kernel/kernel-port.ts';
import type { Kernel } from '../../../src/dsp/kernel/kernel-port.ts';
import * as at from '../../../src/dsp/kernel/layout.ts';
import { ScalarKernel } from '../../../src/dsp/kernel/scalar-kernel.ts';
import { hasSimd, SimdKernel } from '../../../src/dsp/kernel/simd-kernel.ts';
import { StatePool } from '../../../src/dsp/kernel/state-pool.ts';
import { COMMITTED_NETWORKS } from '../../../src/dsp/kernel/kernel.ts';
import { compileKernel } from '../../support/dsp/kernel-compiler.ts';
import { keyTones, mixed } from '../../support/dsp/key-tones.ts';
import { talk } from '../../support/dsp/talk.ts';

/**
 * Goal: the kernels compute what their comments say. Method: the same quantities in double precision, straight from
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

interface Analysed {
  readonly kernel: Kernel;
  readonly state: number;
}

function feed({ kernel, state }: Analysed, from: number, flags: number): void {
  appendInput(kernel, state, samples, from, from + 16);
  // Takes the hop, then finds no other.
  kernel.hops(state, flags);
  kernel.hops(state, flags);
}

/** A fresh state that has taken all hops up to `MOMENT`. */
function analysed(kernel: Kernel): Analysed {
  const state = new StatePool(kernel).acquire({}, 1);
  for (let from = 0; from < MOMENT; from += 16) feed({ kernel, state }, from, at.ALERT);
  return { kernel, state };
}

function floats({ kernel, state }: Analysed, bytes: number, count: number): number[] {
  return Array.from(kernel.floats.subarray((state + bytes) / 4, (state + bytes) / 4 + count));
}

const slotOf = ({ kernel, state }: Analysed): number => kernel.integers[(state + at.SLOT) / 4]!;

describe.each([
  ['vector', SimdKernel],
  ['scalar', ScalarKernel],
])('the %s kernel', (_name, KernelClass) => {
  it('correlates the newest hop with the eight tones about its centre', () => {
    const analysis = analysed(new KernelClass());
    const sums = floats(analysis, at.RAW_SUMS + slotOf(analysis) * at.SUMS_BYTES, 16);
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
    const analysis = analysed(new KernelClass());
    const predictor = floats(analysis, at.COEFFICIENTS, 11).slice(1);
    const residual = floats(analysis, at.INNOVATION_SAMPLES + slotOf(analysis) * at.SUMS_BYTES, 16);
    for (let i = 0; i < 16; i += 1) {
      const n = MOMENT - 16 + i;
      const expected = predictor.reduce((sum, a, k) => sum + a * samples[n - 1 - k]!, samples[n]!);
      expect(residual[i]! / 1000).toBeCloseTo(expected / 1000, 3);
    }
  });

  it('fits the predictor to the weighed autocorrelation', () => {
    const analysis = analysed(new KernelClass());
    // Newest hop first, three hops before the last even hop; solved here by Gaussian elimination.
    const weights = [0.15, 0.45, 0.72, 0.9, 1, 1, 1, 1, 0.9, 0.72, 0.45, 0.15];
    const last = 58 * 16;
    const r = Array.from({ length: ORDER + 1 }, (_, lag) => {
      let sum = 0;
      for (const [w, weight] of weights.entries()) {
        const from = last - (4 + w) * 16;
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
    const predictor = floats(analysis, at.COEFFICIENTS, 11).slice(1);
    for (const [k, value] of solve(matrix).entries()) expect(predictor[k]!).toBeCloseTo(value, 2);
  });

  it('finds the energy of the least-squares fit of the best pair', () => {
    const analysis = analysed(new KernelClass());
    // The last of the seven windows: 10 ms of the raw signal.
    const [best] = floats(analysis, at.BESTS + 6 * 4, 1);
    const window = Array.from(samples.subarray(MOMENT - 80, MOMENT));
    const energies = Array.from({ length: 16 }, (_, key) =>
      fitEnergy(window, [TONES_HZ[key >> 2]!, TONES_HZ[4 + (key & 3)]!]),
    );
    expect(best! / 1e6).toBeCloseTo(Math.max(...energies) / 1e6, 1);
  });

  it('measures how the tones of the strongest pair move over 32 ms', () => {
    const { kernel, state } = analysed(new KernelClass());
    kernel.measure(state);
    const analysis = { kernel, state };
    // Least squares of each 8 ms, newest first, phase from the centre of its last hop.
    const row = 2 * Math.PI * 852;
    const column = 2 * Math.PI * 1336;
    const segments = [0, 1, 2, 3].map((segment) => {
      const end = MOMENT - 64 * segment;
      const window = Array.from(samples.subarray(end - 64, end));
      const angles = window.map((_, n) => (n - 64 + 8.5) / 8000);
      const fit = fitOf(
        window,
        [row, column].flatMap((w) => [
          angles.map((t) => Math.cos(w * t)),
          angles.map((t) => Math.sin(w * t)),
        ]),
      );
      return { fit, energy: window.reduce((sum, value) => sum + value * value, 0) };
    });
    expect(kernel.integers[(state + at.DIGIT_KEY) / 4]).toBe(9);
    const shares = segments.map(({ fit, energy }) => fit.energy / (energy + 16));
    const [least, mean] = floats(analysis, at.DIGIT, 2);
    expect(least).toBeCloseTo(Math.min(...shares), 4);
    expect(mean).toBeCloseTo(shares.reduce((a, b) => a + b) / 4, 4);
    for (const [group, radians] of [row, column].entries()) {
      const tones = segments.map(({ fit }) => [fit.values[2 * group]!, -fit.values[2 * group + 1]!] as const);
      const powers = tones.map(([re, im]) => re * re + im * im);
      const [level, spread] = [at.LEVELS, at.SPREADS].map((place) => floats(analysis, place, 2)[group]!);
      const full = (32768 * 10 ** (-3.14 / 20)) ** 2;
      expect(level).toBeCloseTo(10 * Math.log10(powers.reduce((a, b) => a + b) / 4 / full), 3);
      expect(spread).toBeCloseTo(10 * Math.log10((Math.max(...powers) + 1) / (Math.min(...powers) + 1)), 3);
      const products = tones.slice(1).map(([re, im], i) => {
        const [newRe, newIm] = tones[i]!;
        const turn = Math.atan2(newIm * re - newRe * im, newRe * re + newIm * im) - radians * 0.008;
        const length = Math.hypot(re, im) * Math.hypot(newRe, newIm);
        return { re: length * Math.cos(turn), im: length * Math.sin(turn), length };
      });
      const sum = (part: 're' | 'im' | 'length'): number => products.reduce((total, p) => total + p[part], 0);
      const advance = Math.atan2(sum('im'), sum('re'));
      expect(floats(analysis, at.OFFSETS, 2)[group]).toBeCloseTo((100 * advance) / (radians * 0.008), 3);
      const [, jitter, , coherence] = floats(analysis, at.DIGIT + 8 + 16 * group, 4);
      expect(jitter).toBeCloseTo(1 - Math.hypot(sum('re'), sum('im')) / sum('length'), 4);
      const steady = tones.map(([re, im], s) => {
        const angle = (advance + radians * 0.008) * s;
        return [
          re * Math.cos(angle) - im * Math.sin(angle),
          im * Math.cos(angle) + re * Math.sin(angle),
        ] as const;
      });
      const whole = steady.reduce(([re, im], [a, b]) => [re + a, im + b], [0, 0]);
      expect(coherence).toBeCloseTo(
        (whole[0] ** 2 + whole[1] ** 2) / (4 * powers.reduce((a, b) => a + b)),
        4,
      );
    }
  });

  it('gives the same results for a call whether or not another runs between its hops', () => {
    const run = (isDisturbed: boolean): number[] => {
      const pool = new StatePool(new KernelClass());
      const { kernel } = pool;
      writeNetworks(kernel, COMMITTED_NETWORKS);
      const [state, other] = [pool.acquire({}, 1), pool.acquire({}, 1)];
      const scores: number[] = [];
      for (let from = 0; from + 16 <= 8000; from += 16) {
        feed({ kernel, state }, from, at.ALERT);
        scores.push(...floats({ kernel, state }, at.SCORE, 1));
        if (isDisturbed) feed({ kernel, state: other }, 8000 - from - 16, at.ALERT);
      }
      return scores;
    };
    expect(run(true)).toEqual(run(false));
  });

  it('keeps every state when memory grows, and zeroes what is given back', () => {
    const pool = new StatePool(new KernelClass());
    const { kernel } = pool;
    const owners = Array.from({ length: 100 }, () => ({}));
    const states = owners.map((owner) => pool.acquire(owner, 1));
    expect(new Set(states).size).toBe(100);
    const [first] = states;
    feed({ kernel, state: first! }, 1600, at.ALERT);
    const before = floats({ kernel, state: first! }, 0, at.STATE_BYTES / 4);
    const more = Array.from({ length: 100 }, () => pool.acquire({}, 1));
    expect(more).not.toContain(first);
    expect(floats({ kernel, state: first! }, 0, at.STATE_BYTES / 4)).toEqual(before);
    pool.release(owners[0]!, first!);
    expect(new Set(floats({ kernel, state: first! }, 0, at.STATE_BYTES / 4))).toEqual(new Set([0]));
    expect(pool.acquire({}, 1)).toBe(first);
  });
});

describe('the compiled kernel', () => {
  it('is what its source compiles to', { timeout: 60_000 }, async () => {
    expect(Buffer.from(await compileKernel()).equals(Buffer.from(KERNEL_CODE, 'base64'))).toBe(true);
  });

  it('runs here', () => {
    expect(hasSimd()).toBe(true);
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
  return fitOf(window, basis).energy;
}

/** The same fit's amplitudes as well, for any basis. */
function fitOf(
  window: readonly number[],
  basis: readonly (readonly number[])[],
): { readonly values: readonly number[]; readonly energy: number } {
  const dot = (a: readonly number[], b: readonly number[]): number =>
    a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const right = basis.map((vector) => dot(vector, window));
  const rows = basis.map((vector, i) => [
    ...basis.map((other, j) => dot(vector, other) + (i === j ? 1e-3 * window.length : 0)),
    right[i]!,
  ]);
  const values = solve(rows);
  return { values, energy: dot(values, right) };
}
