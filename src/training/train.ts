/* oxlint-disable typescript/no-non-null-assertion -- typed-array reads, as in src/dsp. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DIGIT_FEATURES, GATE_FEATURES, HOLD_FEATURES } from '../dsp/kernel/layout.ts';
import type { Networks, NetworkWeights } from '../dsp/network.ts';
import { DIGIT_NETWORK, GATE_NETWORK, HOLD_NETWORK } from '../dsp/weights.ts';
import { changeSpeed, degrade, losePackets, telephoneBand } from './augmentation.ts';
import type { Degradation } from './augmentation.ts';
import { BOOTSTRAP_DIGIT, BOOTSTRAP_HOLD } from './bootstrap-networks.ts';
import { collectDigits, collectHolds, collectOnsets, collectSpeech } from './feature-collector.ts';
import type { Examples } from './feature-collector.ts';
import { FeatureSet } from './feature-set.ts';
import { pressKeys } from './mixture.ts';
import type { PressStyle } from './mixture.ts';
import { scoresOf, trainNetwork } from './network-trainer.ts';
import { Random } from './random.ts';
import { loadSpeechCorpus } from './speech-corpus.ts';
import type { Recording } from './speech-corpus.ts';
import { weightsSource } from './weights-source.ts';

const SEED = 20261123;
const CORPUS = join(tmpdir(), 'tonewall-training');
const RATE = 8000;
const OUTPUT = new URL('../dsp/weights.ts', import.meta.url);

const SPEEDS = [0.75, 1.25, 1.5] as const;
const DEGRADATIONS: readonly Degradation[] = [
  'none',
  'mu-law',
  'gsm',
  'gsm-twice',
  'amr',
  'amr-12.2',
  'opus',
  'opus-24',
  'echo',
  'noise',
  'clip',
];
/** Those that leave a tone where it was: an echo would be labelled as speech. */
const CODINGS = DEGRADATIONS.filter((kind) => kind !== 'none' && kind !== 'echo');

/** Of a long recording this much, so that no voice outweighs the others. */
const VOICE_SECONDS = 300;

const ONSETS: PressStyle = {
  ratioDb: [-6, 25],
  lengthMs: [15, 120],
  offsetPercent: 2.5,
  pauseMs: [120, 250],
};
const HOLDS: PressStyle = { ratioDb: [-3, 25], lengthMs: [20, 110], offsetPercent: 2.5, pauseMs: [120, 250] };
const DIGITS: PressStyle = { ratioDb: [-3, 25], lengthMs: [40, 100], offsetPercent: 2, pauseMs: [80, 200] };
const BURSTS: PressStyle = { ratioDb: [3, 35], lengthMs: [15, 24], offsetPercent: 2, pauseMs: [60, 120] };
const QUIET: Pick<PressStyle, 'ratioDb'> = { ratioDb: [1, 45] };

/** Of the hops without a tone, a sixth is enough and fits into memory. */
const SPEECH_SHARE = 0.15;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { out: { type: 'string' } } });
main(positionals, values.out ?? OUTPUT);

/**
 * `node src/training/train.ts [--out FILE] [STAGE ...]`: trains the stages named (gate, hold, digit), or all; the
 * others keep their committed weights.
 */
function main(stages: readonly string[], output: string | URL): void {
  const isDue = (stage: string): boolean => stages.length === 0 || stages.includes(stage);
  const recorded = loadSpeechCorpus(CORPUS).map(({ name, samples }) => ({
    name,
    samples: samples.subarray(0, VOICE_SECONDS * RATE),
  }));
  const voices = [...recorded, { name: 'noise', samples: lineNoise(200, new Random(SEED)) }];
  const networks = { GATE_NETWORK, HOLD_NETWORK, DIGIT_NETWORK };
  if (isDue('gate')) networks.GATE_NETWORK = trainGate(voices, new Random(SEED + 1));
  writeFileSync(output, weightsSource(networks));
  if (isDue('hold')) {
    const start = { gate: networks.GATE_NETWORK, hold: BOOTSTRAP_HOLD, digit: BOOTSTRAP_DIGIT };
    networks.HOLD_NETWORK = trainHold(voices, start, new Random(SEED + 2));
  }
  writeFileSync(output, weightsSource(networks));
  if (isDue('digit')) {
    const trained = { gate: networks.GATE_NETWORK, hold: networks.HOLD_NETWORK, digit: BOOTSTRAP_DIGIT };
    networks.DIGIT_NETWORK = trainDigit(voices, trained, new Random(SEED + 3));
  }
  writeFileSync(output, weightsSource(networks));
}

function trainGate(voices: readonly Recording[], random: Random): NetworkWeights {
  const positives = new FeatureSet(GATE_FEATURES);
  const negatives = new FeatureSet(GATE_FEATURES);
  for (const voice of voices) {
    for (const samples of variants(voice)) collectSpeech(samples, SPEECH_SHARE, random, negatives);
    const coded = degrade(voice.samples, random.pick(CODINGS), random);
    collectSpeech(coded, SPEECH_SHARE, random, negatives);
    const mixture = pressKeys(voice.samples, styleFor(voice, ONSETS), random);
    collectOnsets(mixture, positives);
    // A quiet line tells what a codec makes of an onset by itself; under a voice any two do.
    const kinds = voice.name === 'noise' ? CODINGS : [random.pick(CODINGS), random.pick(CODINGS)];
    for (const kind of kinds) {
      collectOnsets({ ...mixture, samples: degrade(mixture.samples, kind, random) }, positives);
    }
  }
  const network = trainNetwork(positives, negatives, {
    hidden: 16,
    steps: 8000,
    seed: SEED,
    isOnePerGroup: true,
  });
  report('gate', network, { positives, negatives }, 1 / SPEECH_SHARE);
  return network;
}

function trainHold(voices: readonly Recording[], networks: Networks, random: Random): NetworkWeights {
  const examples: Examples = {
    positives: new FeatureSet(HOLD_FEATURES),
    negatives: new FeatureSet(HOLD_FEATURES),
  };
  for (const voice of voices) {
    for (const samples of variants(voice)) collectHolds({ samples, presses: [] }, networks, examples);
    for (const samples of [voice.samples, telephoneBand(voice.samples)]) {
      const mixture = pressKeys(samples, styleFor(voice, HOLDS), random);
      for (const kind of ['none', random.pick(CODINGS)] as const) {
        collectHolds({ ...mixture, samples: degrade(mixture.samples, kind, random) }, networks, examples);
      }
    }
  }
  const plan = { hidden: 16, steps: 12000, seed: SEED + 1, isOnePerGroup: false };
  const network = trainNetwork(examples.positives, examples.negatives, plan);
  report('hold', network, examples, 1);
  return network;
}

function trainDigit(voices: readonly Recording[], networks: Networks, random: Random): NetworkWeights {
  const examples: Examples = {
    positives: new FeatureSet(DIGIT_FEATURES),
    negatives: new FeatureSet(DIGIT_FEATURES),
  };
  const collect = (samples: Float32Array, style: PressStyle, kind: Degradation): void => {
    const mixture = pressKeys(samples, style, random);
    const degraded = degrade(mixture.samples, kind, random);
    collectDigits({ ...mixture, samples: degraded }, networks, examples);
  };
  for (const voice of voices) {
    for (const samples of [...variants(voice), ...extremes(voice)]) {
      collectDigits({ samples, presses: [] }, networks, examples);
      const lossy = losePackets(samples, 0.05, random);
      collectDigits({ samples: lossy, presses: [] }, networks, examples);
    }
    const style = styleFor(voice, DIGITS);
    for (const kind of DEGRADATIONS) collect(voice.samples, style, kind);
    collect(telephoneBand(voice.samples), style, 'none');
    collect(voice.samples, BURSTS, 'none');
    collect(voice.samples, BURSTS, random.pick(CODINGS));
  }
  const plan = { hidden: 16, steps: 16000, seed: SEED + 2, isOnePerGroup: false };
  const network = trainNetwork(examples.positives, examples.negatives, plan);
  report('digit', network, examples, 1);
  return network;
}

function variants(voice: Recording): Float32Array[] {
  if (voice.name === 'noise') return [voice.samples];
  return [
    voice.samples,
    telephoneBand(voice.samples),
    ...SPEEDS.map((speed) => changeSpeed(voice.samples, speed)),
  ];
}

/** Voices that nobody has, band-limited: what a receiver's talk-off is tried with. */
function extremes(voice: Recording): Float32Array[] {
  if (voice.name === 'noise') return [];
  return [0.7, 0.8, 0.9, 1.1, 1.4].map((speed) => telephoneBand(changeSpeed(voice.samples, speed)));
}

function styleFor(voice: Recording, style: PressStyle): PressStyle {
  return voice.name === 'noise' ? { ...style, ...QUIET } : style;
}

/** White noise whose level changes every half second, from a digital to a very noisy line. */
function lineNoise(seconds: number, random: Random): Float32Array {
  const samples = new Float32Array(seconds * RATE);
  let peak = 1;
  for (let i = 0; i < samples.length; i += 1) {
    if (i % 4000 === 0) peak = 10 ** random.between(0.3, 2.6);
    samples[i] = peak * random.normal();
  }
  return samples;
}

/** The trade of a threshold: false alarms against misses. */
function report(name: string, network: NetworkWeights, examples: Examples, weight: number): void {
  const bad = scoresOf(network, examples.negatives).sort();
  const good = scoresOf(network, examples.positives);
  const groups = examples.positives.groups;
  const best =
    groups.length === 0
      ? good
      : Float64Array.from(groups, (from, i) =>
          good.subarray(from, groups[i + 1] ?? good.length).reduce((a, b) => Math.max(a, b), -99),
        );
  console.log(
    `${name}: ${examples.positives.rows} positive and ${examples.negatives.rows} negative rows (x ${weight.toFixed(1)})`,
  );
  for (const share of [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]) {
    const limit = bad[Math.floor(bad.length * (1 - share))] ?? 0;
    const missed = best.filter((score) => score <= limit).length / best.length;
    console.log(
      `  threshold ${limit.toFixed(2)}: ${(100 * share).toFixed(2)} % of negatives pass, ${(100 * missed).toFixed(2)} % missed`,
    );
  }
}
