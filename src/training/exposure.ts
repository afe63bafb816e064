import { HOP_SAMPLES } from '../dsp/constants.ts';
import { HopAnalyzer } from '../dsp/hop-analyzer.ts';
import type { GateRule } from '../dsp/mask-gate.ts';
import type { Networks } from '../dsp/network.ts';
import { eachHop, suspiciousChain, trainingRule } from './feature-collector.ts';
import { pressKeys } from './mixture.ts';
import type { Mixture, Press, PressStyle } from './mixture.ts';
import type { Random } from './random.ts';
import type { Recording } from './speech-corpus.ts';

/**
 * How networks are chosen: presses that the gate sees too late in voices it was not fitted to, at false alarms that
 * every candidate has the same of.
 */
export interface Trial {
  /** Voices alone: whatever is suspected in them is a false alarm. */
  readonly quiet: readonly Mixture[];
  /** The same under presses as loud as the voice and softer. */
  readonly keyed: readonly Mixture[];
}

/** What a candidate reached. */
export interface Exposure {
  readonly exposed: number;
  readonly presses: number;
  readonly triggerScore: number;
  readonly holdScore: number;
}

const SOFT: PressStyle = { ratioDb: [-7, 1], lengthMs: [60, 140], offsetPercent: 0.5, pauseMs: [150, 200] };

/** Of every recording, since a trial runs a hundred times. */
const TRIAL_SECONDS = 60;
const RATE = 8000;

/** Share of the time that may be suspicious: what capture alters of such voices, half of it without a hold. */
const SUSPICIOUS_MAX = 0.012;
const TRIGGERED_MAX = 0.006;

/** A press that is not suspected this long after its onset has begun to leave. */
const LOOKAHEAD_SAMPLES = 10 * (RATE / 1000);

const HOLD_SCORES = [-2.8, -2.2] as const;
/** Nothing goes on but what triggers again. */
const NO_HOLD = Infinity;
const TRIGGER_RANGE = [-2, 8] as const;
const HALVINGS = 7;

export function trialOf(voices: readonly Recording[], random: Random): Trial {
  const parts = voices.map(({ samples }) => samples.subarray(0, TRIAL_SECONDS * RATE));
  return {
    quiet: parts.map((samples) => ({ samples, presses: [] })),
    keyed: parts.map((samples) => pressKeys(samples, SOFT, random)),
  };
}

/** What a gate by itself reaches: presses that do not trigger it in time. */
export function missedOnsets(networks: Networks, trial: Trial): Exposure {
  const triggerScore = triggerFor(networks, trial, NO_HOLD, TRIGGERED_MAX);
  const rule = trainingRule(triggerScore, NO_HOLD);
  const exposed = total(trial.keyed, (mixture) => {
    const seen = new Set<number>();
    eachSuspicion(networks, rule, mixture, (isSuspicious, end, press) => {
      if (!isSuspicious || press === undefined) return;
      if (end > press.onset && end <= press.onset + LOOKAHEAD_SAMPLES) seen.add(press.onset);
    });
    return mixture.presses.length - seen.size;
  });
  return { exposed, presses: pressesOf(trial), triggerScore, holdScore: NO_HOLD };
}

/** What gate and hold reach: presses that are not suspected from their onset to their end, at the best threshold. */
export function exposedPresses(networks: Networks, trial: Trial): Exposure {
  const found = HOLD_SCORES.map((holdScore): Exposure => {
    const triggerScore = triggerFor(networks, trial, holdScore, SUSPICIOUS_MAX);
    const rule = trainingRule(triggerScore, holdScore);
    const exposed = total(trial.keyed, (mixture) => {
      const open = new Set<number>();
      eachSuspicion(networks, rule, mixture, (isSuspicious, end, press) => {
        if (isSuspicious || press === undefined) return;
        if (end >= press.onset + LOOKAHEAD_SAMPLES && end <= press.end) open.add(press.onset);
      });
      return open.size;
    });
    return { exposed, presses: pressesOf(trial), triggerScore, holdScore };
  });
  return found.reduce((best, one) => (one.exposed < best.exposed ? one : best));
}

/** The lowest trigger with which no more than `share` of the voices alone is suspicious. */
function triggerFor(networks: Networks, { quiet }: Trial, holdScore: number, share: number): number {
  let [low, high] = TRIGGER_RANGE as readonly [number, number];
  const hops = total(quiet, ({ samples }) => Math.floor(samples.length / HOP_SAMPLES));
  for (let i = 0; i < HALVINGS; i += 1) {
    const middle = (low + high) / 2;
    let suspicious = 0;
    for (const voice of quiet) {
      eachSuspicion(networks, trainingRule(middle, holdScore), voice, (isSuspicious) => {
        if (isSuspicious) suspicious += 1;
      });
    }
    if (suspicious > share * hops) low = middle;
    else high = middle;
  }
  return high;
}

function eachSuspicion(
  networks: Networks,
  rule: GateRule,
  mixture: Mixture,
  visit: (isSuspicious: boolean, end: number, press: Press | undefined) => void,
): void {
  const { analyzer, gate } = suspiciousChain(networks, new HopAnalyzer(), rule);
  eachHop(analyzer, mixture, (end, press, hop) => {
    gate.update(hop);
    visit(gate.isSuspicious, end, press);
  });
}

function pressesOf({ keyed }: Trial): number {
  return total(keyed, ({ presses }) => presses.length);
}

function total(mixtures: readonly Mixture[], count: (mixture: Mixture) => number): number {
  return mixtures.reduce((sum, mixture) => sum + count(mixture), 0);
}
