import { DIGIT_FEATURES, GATE_FEATURES, HOLD_FEATURES } from '../dsp/kernel/layout.ts';
import type { Networks, NetworkWeights } from '../dsp/network.ts';
import { BOOTSTRAP_DIGIT, BOOTSTRAP_HOLD } from './bootstrap-networks.ts';
import { degrade, losePackets, telephoneBand } from './augmentation.ts';
import type { Degradation } from './augmentation.ts';
import { collectDigits, collectHolds, collectOnsets, collectSpeech } from './feature-collector.ts';
import type { Examples } from './feature-collector.ts';
import { exposedPresses, missedOnsets } from './exposure.ts';
import type { Exposure, Trial } from './exposure.ts';
import { FeatureSet } from './feature-set.ts';
import { pressKeys } from './mixture.ts';
import type { Mixture, PressStyle } from './mixture.ts';
import { meanOf, trainNetwork } from './network-trainer.ts';
import type { TrainingPlan } from './network-trainer.ts';
import type { Random } from './random.ts';
import type { Recording } from './speech-corpus.ts';
import { tradeOf } from './trade.ts';
import { extremes, lineNoise, NOISE, variants } from './voices.ts';

type Coding = Exclude<Degradation, 'none' | 'echo'>;

/** What the three stages share. */
export interface TrainingSetup {
  readonly voices: readonly Recording[];
  /** Hours of voices that no tone is laid over. */
  readonly talk: readonly Recording[];
  /** What is done to voices and tones alike that leaves a tone where it was: an echo would be labelled as speech. */
  readonly codings: readonly Coding[];
  readonly steps: { readonly gate: number; readonly hold: number; readonly digit: number };
  /** Seeds of the candidates; the trial decides which of them gate and hold are. */
  readonly seeds: readonly [number, ...number[]];
  readonly trial: Trial;
  readonly report: (text: string) => void;
}

/** Softer than any press that a gate sees: what it cannot see teaches it where the border is. */
const ONSETS: PressStyle = {
  ratioDb: [-12, 10],
  lengthMs: [15, 120],
  offsetPercent: 2.5,
  pauseMs: [120, 250],
};
const HOLDS: PressStyle = { ratioDb: [-8, 20], lengthMs: [20, 110], offsetPercent: 2.5, pauseMs: [120, 250] };
const DIGITS: PressStyle = { ratioDb: [-3, 25], lengthMs: [40, 100], offsetPercent: 2, pauseMs: [80, 200] };
/** Digits that noise nearly covers: rare under voices, and what tells most receivers apart. */
const NOISY_DIGITS: PressStyle = { ...DIGITS, ratioDb: [1, 8] };
const NOISY_LINES = 4;
const BURSTS: PressStyle = { ratioDb: [3, 35], lengthMs: [15, 24], offsetPercent: 2, pauseMs: [60, 120] };
const QUIET: Pick<PressStyle, 'ratioDb'> = { ratioDb: [1, 45] };

/** The codecs that leave least of a tone, on quiet lines of their own. */
const HARD_LINES: readonly Coding[] = ['opus', 'opus', 'opus', 'opus', 'amr', 'amr', 'amr', 'amr'];
const HARD_LINE_SECONDS = 200;

const HIDDEN = 16;

/** Of the hops without a tone, a part is enough and fits into memory. */
const SPEECH_SHARE = 0.15;
const TALK_SHARE = 0.05;

/** Does a key tone begin here? Learned from onsets in voices and on quiet lines, as they are and coded. */
export function trainGate(setup: TrainingSetup, random: Random): NetworkWeights {
  const positives = new FeatureSet(GATE_FEATURES);
  const negatives = new FeatureSet(GATE_FEATURES);
  for (const voice of setup.talk) {
    for (const samples of variants(voice)) collectSpeech(samples, TALK_SHARE, random, negatives);
  }
  for (const voice of setup.voices) {
    const coded = degrade(voice.samples, random.pick(setup.codings), random);
    collectSpeech(coded, SPEECH_SHARE, random, negatives);
    const mixture = pressKeys(voice.samples, styleFor(voice, ONSETS), random);
    collectOnsets(mixture, positives);
    for (const kind of codingsFor(voice, setup, random)) {
      collectOnsets({ ...mixture, samples: degrade(mixture.samples, kind, random) }, positives);
    }
  }
  for (const mixture of hardLines(ONSETS, setup, random)) collectOnsets(mixture, positives);
  const examples = { positives, negatives };
  // One network: the gate runs on every loud hop, the others only while something is suspected.
  const plan = { steps: setup.steps.gate, isOnePerGroup: true, mayJoin: false };
  const network = chosen(setup, examples, plan, (candidate) =>
    missedOnsets({ gate: candidate, hold: BOOTSTRAP_HOLD, digit: BOOTSTRAP_DIGIT }, setup.trial),
  );
  setup.report(tradeOf('gate', network, examples, 1 / SPEECH_SHARE));
  return network;
}

/** Is the suspected tone still there? Learned from what the trained gate suspects. */
export function trainHold(setup: TrainingSetup, networks: Networks, random: Random): NetworkWeights {
  const examples: Examples = {
    positives: new FeatureSet(HOLD_FEATURES),
    negatives: new FeatureSet(HOLD_FEATURES),
  };
  for (const voice of setup.talk) {
    for (const samples of variants(voice)) collectHolds({ samples, presses: [] }, networks, examples);
  }
  for (const voice of setup.voices) {
    const coded = degrade(voice.samples, random.pick(setup.codings), random);
    collectHolds({ samples: coded, presses: [] }, networks, examples);
    const mixture = pressKeys(voice.samples, styleFor(voice, HOLDS), random);
    for (const kind of ['none', ...codingsFor(voice, setup, random)] as const) {
      collectHolds({ ...mixture, samples: degrade(mixture.samples, kind, random) }, networks, examples);
    }
  }
  for (const mixture of hardLines(HOLDS, setup, random)) collectHolds(mixture, networks, examples);
  const plan = { steps: setup.steps.hold, isOnePerGroup: false, mayJoin: true };
  const network = chosen(setup, examples, plan, (candidate) =>
    exposedPresses({ ...networks, hold: candidate }, setup.trial),
  );
  setup.report(tradeOf('hold', network, examples, 1));
  return network;
}

/** Is it a digit that must be reported? Learned from what gate and hold let the receiver see. */
export function trainDigit(setup: TrainingSetup, networks: Networks, random: Random): NetworkWeights {
  const examples: Examples = {
    positives: new FeatureSet(DIGIT_FEATURES),
    negatives: new FeatureSet(DIGIT_FEATURES),
  };
  const collect = (background: Float32Array, style: PressStyle, kind: Degradation): void => {
    const { samples, presses } = pressKeys(background, style, random);
    collectDigits({ samples: degrade(samples, kind, random), presses }, networks, examples);
  };
  for (const voice of setup.talk) {
    const lossy = losePackets(voice.samples, 0.05, random);
    for (const samples of [...variants(voice), ...extremes(voice), lossy]) {
      collectDigits({ samples, presses: [] }, networks, examples);
    }
  }
  for (const voice of setup.voices) {
    const style = styleFor(voice, DIGITS);
    for (const kind of ['none', ...setup.codings, 'echo'] as const) collect(voice.samples, style, kind);
    collect(telephoneBand(voice.samples), style, 'none');
    collect(voice.samples, BURSTS, 'none');
    collect(voice.samples, BURSTS, random.pick(setup.codings));
  }
  for (let line = 0; line < NOISY_LINES; line += 1) {
    collect(lineNoise(HARD_LINE_SECONDS, random).samples, NOISY_DIGITS, 'none');
  }
  const [first, second] = setup.seeds;
  const trained = (seed: number): NetworkWeights => {
    const plan = { hidden: HIDDEN, steps: setup.steps.digit, seed, isOnePerGroup: false };
    return trainNetwork(examples.positives, examples.negatives, plan);
  };
  const network = second === undefined ? trained(first) : meanOf(trained(first), trained(second));
  setup.report(tradeOf('digit', network, examples, 1));
  return network;
}

/** Of networks that differ by their seed, the one that exposes fewest presses, or the mean of the two best. */
function chosen(
  { seeds, report }: TrainingSetup,
  { positives, negatives }: Examples,
  plan: Pick<TrainingPlan, 'steps' | 'isOnePerGroup'> & { readonly mayJoin: boolean },
  judge: (candidate: NetworkWeights) => Exposure,
): NetworkWeights {
  const tried = (name: string, network: NetworkWeights): Candidate => {
    const { exposed, presses, triggerScore, holdScore } = judge(network);
    report(`${name}: ${exposed} of ${presses} exposed (thresholds ${triggerScore.toFixed(2)}, ${holdScore})`);
    return { network, exposed };
  };
  const ranked = seeds
    .map((seed) =>
      tried(`seed ${seed}`, trainNetwork(positives, negatives, { hidden: HIDDEN, seed, ...plan })),
    )
    .toSorted((a, b) => a.exposed - b.exposed);
  const [best, next] = ranked as [Candidate, Candidate?];
  if (next === undefined || !plan.mayJoin) return best.network;
  const joined = tried('the two best', meanOf(best.network, next.network));
  return joined.exposed < best.exposed ? joined.network : best.network;
}

interface Candidate {
  readonly network: NetworkWeights;
  readonly exposed: number;
}

/** Presses on quiet lines through the codecs that hide them best. */
function hardLines(style: PressStyle, { codings }: TrainingSetup, random: Random): Mixture[] {
  return HARD_LINES.filter((kind) => codings.includes(kind)).map((kind) => {
    const line = lineNoise(HARD_LINE_SECONDS, random);
    const mixture = pressKeys(line.samples, { ...style, ...QUIET }, random);
    return { ...mixture, samples: degrade(mixture.samples, kind, random) };
  });
}

/** A quiet line tells what a codec makes of a tone by itself: there all of them, under a voice any two. */
function codingsFor(voice: Recording, { codings }: TrainingSetup, random: Random): readonly Coding[] {
  return voice.name === NOISE ? codings : [random.pick(codings), random.pick(codings)];
}

function styleFor(voice: Recording, style: PressStyle): PressStyle {
  return voice.name === NOISE ? { ...style, ...QUIET } : style;
}
