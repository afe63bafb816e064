import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DIGIT_NETWORK, GATE_NETWORK, HOLD_NETWORK } from '../../../src/dsp/weights.ts';
import { trialOf } from '../../../src/training/exposure.ts';
import { Random } from '../../../src/training/random.ts';
import { trainGate } from '../../../src/training/stages.ts';
import type { TrainingSetup } from '../../../src/training/stages.ts';
import { lineNoise } from '../../../src/training/voices.ts';
import { digestOfWeights } from '../../../src/training/weights-source.ts';
import { talk, VOICES } from '../../support/dsp/talk.ts';

/**
 * Goal: the committed weights are what a seeded training makes, and the training works. Method: the table's header
 * against the table, and a small training on shipped speech that needs no other program. The whole training, half an
 * hour, is repeated by `test/conformance/training.full.test.ts`.
 */

const SECONDS = 8;

function smallSetup(seed: number): TrainingSetup & { readonly reports: string[] } {
  const voices = VOICES.map((name) => ({
    name,
    samples: Float32Array.from(talk(name).subarray(0, SECONDS * 8000)),
  }));
  const reports: string[] = [];
  return {
    voices: [...voices, lineNoise(SECONDS, new Random(seed))],
    codings: ['noise', 'clip'],
    steps: { gate: 300, hold: 0, digit: 0 },
    seeds: [seed, seed + 1],
    talk: voices,
    trial: trialOf(voices, new Random(seed)),
    report: (text) => reports.push(text),
    reports,
  };
}

describe('the committed weights', () => {
  const source = readFileSync(new URL('../../../src/dsp/weights.ts', import.meta.url), 'utf8');
  const header = /\/\/ seed (\d+), voices ([0-9a-f]{16}), weights ([0-9a-f]{16})/.exec(source);

  it('name the command, the seed and the voices that they were made with', () => {
    expect(source).toContain('// Written by `npm run train`');
    expect(header).not.toBeNull();
  });

  it('are those that the trainer wrote', () => {
    expect(digestOfWeights({ GATE_NETWORK, HOLD_NETWORK, DIGIT_NETWORK })).toBe(header?.[3]);
  });

  it('would not pass with one number changed', () => {
    const values = Float32Array.from(GATE_NETWORK.values);
    values[0] = values[0]! + 0.01;
    const changed = { GATE_NETWORK: { ...GATE_NETWORK, values }, HOLD_NETWORK, DIGIT_NETWORK };
    expect(digestOfWeights(changed)).not.toBe(header?.[3]);
  });
});

describe('a small training', () => {
  const setup = smallSetup(7);
  const network = trainGate(setup, new Random(7));

  it('sees nine onsets in ten where one hop of speech in ten is suspicious', () => {
    const missed = /10\.00 % of negatives pass, ([\d.]+) % missed/.exec(setup.reports.join('\n'));
    expect(Number(missed?.[1])).toBeLessThan(10);
  });

  it('takes the candidate that exposes fewer presses', () => {
    const exposed = setup.reports.map((report) => Number(/(\d+) of \d+ exposed/.exec(report)?.[1] ?? NaN));
    expect(exposed.slice(0, 2).every((count) => count > 0)).toBe(true);
    const better = exposed[0]! <= exposed[1]! ? setup.seeds[0] : setup.seeds[1]!;
    expect(trainGate({ ...smallSetup(7), seeds: [better] }, new Random(7)).values).toEqual(network.values);
  });

  it('gives the same numbers from the same seed', () => {
    expect(trainGate(smallSetup(7), new Random(7)).values).toEqual(network.values);
  });

  it('gives others from another seed', () => {
    expect(trainGate(smallSetup(8), new Random(8)).values).not.toEqual(network.values);
  });
});
