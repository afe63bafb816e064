/* oxlint-disable typescript/no-non-null-assertion -- typed-array reads, as in src/dsp. */
import { assert } from '../core/assert.ts';
import { HOP_SAMPLES } from '../dsp/constants.ts';
import { ABSENT_HOPS, DigitTracker, SCORE_MIN } from '../dsp/digit-tracker.ts';
import type { DigitRule } from '../dsp/digit-tracker.ts';
import { HopAnalyzer } from '../dsp/hop-analyzer.ts';
import { loadNetworks } from '../dsp/kernel/kernel.ts';
import { GATE_FEATURES } from '../dsp/kernel/layout.ts';
import { MaskGate } from '../dsp/mask-gate.ts';
import type { GateRule } from '../dsp/mask-gate.ts';
import { MaskPlan } from '../dsp/mask-plan.ts';
import type { Networks } from '../dsp/network.ts';
import { EVIDENCE_HOPS } from '../dsp/pair-evidence.ts';
import type { FeatureSet } from './feature-set.ts';
import type { Mixture, Press } from './mixture.ts';
import type { Random } from './random.ts';

const SAMPLES_PER_MS = 8;

/** The first hops describe the start of the recording, not the voice. */
const WARM_UP_HOPS = 30;

/** Looks at an onset that still come in time: hops that end 4 to 10 ms after it. */
const LOOK_FROM = 4 * SAMPLES_PER_MS;
const LOOK_TO = 10 * SAMPLES_PER_MS;

/** Frequency offset up to which a press is an example of a digit, in percent (1.8 must be accepted, 3 rejected). */
const DIGIT_OFFSET_MAX = 2;

/** A press at least this long is an example of a digit, one at most that long of something that is none, in samples. */
const DIGIT_LENGTH_MIN = 38 * SAMPLES_PER_MS;
const BURST_LENGTH_MAX = 24 * SAMPLES_PER_MS;

/** After the end of a tone its trace is still in the windows: such hops teach nothing. */
const SETTLE = 14 * SAMPLES_PER_MS;

/** A suspicion while training lasts for as long as anything speaks for it, and digits are taken as they come. */
const PATIENT = { lingeringHops: Infinity, heldHopsMax: Infinity, freezeAfterToneHops: Infinity };
const EVERY_DIGIT: DigitRule = { offNominalScoreMin: SCORE_MIN, fadedHops: ABSENT_HOPS };

/** A rule with one threshold each. What else is tuned is fixed, so that tuning the masker does not change the training. */
export function trainingRule(trigger: number, hold: number): GateRule {
  return {
    triggerScore: { wary: trigger, capture: trigger, normal: trigger },
    holdScore: { wary: hold, capture: hold, normal: hold },
    ...PATIENT,
  };
}

/**
 * While examples are collected the thresholds are low, since what the masker later meets at higher ones is among what it
 * meets here.
 */
const THRESHOLDS = trainingRule(1, -3.1);

/**
 * Of the hops in which something is suspected for longer than an age can tell, one in ten: a held note would outweigh a
 * thousand short false alarms, and without any the network never lets go of a voice.
 */
const OLD_HOPS_PER_EXAMPLE = 10;

export interface Examples {
  readonly positives: FeatureSet;
  readonly negatives: FeatureSet;
}

/** Describes every hop that is loud enough, as the networks shall know them. */
function thoroughAnalyzer(): HopAnalyzer {
  const analyzer = new HopAnalyzer();
  analyzer.isThorough = true;
  return analyzer;
}

/** Onsets of presses as positives. */
export function collectOnsets(mixture: Mixture, into: FeatureSet): void {
  const analyzer = thoroughAnalyzer();
  eachHop(analyzer, mixture, (end, press) => {
    if (
      press === undefined ||
      end < press.onset + LOOK_FROM ||
      end > Math.min(press.end, press.onset + LOOK_TO)
    )
      return;
    if (end < press.onset + LOOK_FROM + HOP_SAMPLES) into.beginGroup();
    if (analyzer.isDescribed) into.add(analyzer.features);
  });
}

/** A share of the hops of a recording without presses, as negatives. */
export function collectSpeech(samples: Float32Array, share: number, random: Random, into: FeatureSet): void {
  const analyzer = thoroughAnalyzer();
  eachHop(analyzer, { samples, presses: [] }, () => {
    if (analyzer.isDescribed && random.next() < share) into.add(analyzer.features);
  });
}

/** What the gate sees while it is suspicious: is the tone still there? */
export function collectHolds(mixture: Mixture, networks: Networks, into: Examples): void {
  const { analyzer, gate } = suspiciousChain(networks, thoroughAnalyzer(), THRESHOLDS);
  let old = 0;
  eachHop(analyzer, mixture, (end, press, hop) => {
    gate.update(hop);
    if (!gate.isSuspicious) return;
    if (press === undefined && gate.holdFeatures[GATE_FEATURES]! >= 1) {
      old += 1;
      if (old % OLD_HOPS_PER_EXAMPLE !== 0) return;
    }
    if (press === undefined) into.negatives.add(gate.holdFeatures);
    else if (end >= press.onset + LOOK_FROM && end <= press.end) into.positives.add(gate.holdFeatures);
    else if (end > press.end + SETTLE) into.negatives.add(gate.holdFeatures);
  });
}

/** What the tracker asks the network about while the gate is suspicious: is it a digit that must be reported? */
export function collectDigits(mixture: Mixture, networks: Networks, into: Examples): void {
  const { analyzer, tracker, gate } = suspiciousChain(networks, thoroughAnalyzer(), THRESHOLDS);
  eachHop(analyzer, mixture, (end, press, hop) => {
    gate.update(hop);
    if (!gate.isSuspicious || !tracker.isWithinLimits()) return;
    const { evidence } = analyzer;
    if (press === undefined || press.end - press.onset <= BURST_LENGTH_MAX)
      into.negatives.add(evidence.features);
    else if (end >= press.onset + EVIDENCE_HOPS * HOP_SAMPLES && end <= press.end && isExample(press)) {
      (evidence.key === press.key ? into.positives : into.negatives).add(evidence.features);
    }
  });
}

function isExample(press: Press): boolean {
  return press.end - press.onset >= DIGIT_LENGTH_MIN && press.offsetPercent <= DIGIT_OFFSET_MAX;
}

interface Chain {
  readonly analyzer: HopAnalyzer;
  readonly tracker: DigitTracker;
  readonly gate: MaskGate;
}

/** The masker's own chain without its audio path. */
export function suspiciousChain(networks: Networks, analyzer: HopAnalyzer, rule: GateRule): Chain {
  loadNetworks(networks);
  const listener = { digitStarted: () => {}, digitEnded: () => {} };
  const tracker = new DigitTracker(analyzer, listener, EVERY_DIGIT);
  const timing = {
    samplesPerMs: SAMPLES_PER_MS,
    analysisDelaySamples: 0,
    lookaheadSamples: 10 * SAMPLES_PER_MS,
  };
  const gate = new MaskGate(analyzer, tracker, new MaskPlan(8000, 100), timing, rule);
  return { analyzer, tracker, gate };
}

/** Calls back per hop with the sample after it and the press that began last, from 2 ms before its onset on. */
export function eachHop(
  analyzer: HopAnalyzer,
  mixture: Mixture,
  visit: (end: number, press: Press | undefined, hop: number) => void,
): void {
  const samples = Int16Array.from(mixture.samples, (sample) =>
    Math.max(-32768, Math.min(32767, Math.round(sample))),
  );
  let at = 0;
  for (let hop = 0, end = HOP_SAMPLES; end <= samples.length; hop += 1, end += HOP_SAMPLES) {
    analyzer.collect(samples, end - HOP_SAMPLES, end);
    analyzer.next();
    while (at < mixture.presses.length && mixture.presses[at]!.onset < end + HOP_SAMPLES) at += 1;
    if (hop >= WARM_UP_HOPS) visit(end, mixture.presses[at - 1], hop);
    assert(!analyzer.next(), 'a hop of input is one hop');
  }
}
