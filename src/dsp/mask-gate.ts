import { FRAME_MS, HOP_MS } from './constants.ts';
import type { DigitTracker } from './digit-tracker.ts';
import type { HopAnalyzer } from './hop-analyzer.ts';
import { GATE_FEATURES } from './kernel/layout.ts';
import type { MaskPlan } from './mask-plan.ts';
import { isDismissed, isSettled, LINGERING_HOPS, phaseWithEvidence, tailMs } from './suspicion.ts';
import type { Caution, Phase, Sensitivity } from './suspicion.ts';

/** Gate score from which a hop is suspicious. Found with the attacker and on held-out voices. */
const TRIGGER_SCORE: Readonly<Record<Caution, number>> = { wary: -1, capture: 2.4, normal: 3.2 };

/** Hold score from which a suspicion goes on. */
const HOLD_SCORE: Readonly<Record<Caution, number>> = { wary: -2.8, capture: -2.8, normal: -2.8 };

/**
 * How long the hold score carries a suspicion on without another onset or a digit. In loud noise it would do so for ever,
 * and the agent would hear nothing but the mask after the first key.
 */
const HELD_HOPS_MAX = 500 / HOP_MS;

/** How long a mangled press makes wary: between two digits callers look at their card for a few seconds. */
const WARY_HOPS = 5000 / HOP_MS;

/** A tone that crept in without an onset: a pair explains this share of 10 ms, whatever the innovation says. */
const STRONG_SHARE = 0.7;
/** The feature that holds it. */
const STEADY_SHARE = 11;

/** Both tones of it are above this power per sample, squared 16 bit units: -47 dBm0. */
const STRONG_POWER = 50;

/**
 * How far back a suspicion marks what has not left. Most onsets are seen within 10 ms; through a codec that needs 20 ms
 * to build a tone up (AMR at 4.75 kbit/s) they take longer.
 */
const LOOK_BACK_MS = 20;

/**
 * A whitener frozen for longer than this describes a voice that has moved on. Longer than a press of 140 ms, since one
 * that learns the tone no longer sees it.
 */
const FREEZE_HOPS_MAX = 250 / HOP_MS;

/** The same, once a digit is confirmed, after the last of its tone: under a loud voice it comes and goes. */
const FREEZE_AFTER_TONE_HOPS = 600 / HOP_MS;

/** Score of a hop that the first look has dismissed: far below any threshold. */
const UNLOOKED_SCORE = -10;

const SCORES = 8;

/** A suspicion older than this is simply old. */
const AGE_HOPS_MAX = 20;

/** Times in input samples, which depend on the stream. */
export interface GateTiming {
  readonly samplesPerMs: number;
  /** Delay of the analysis against the input. */
  readonly analysisDelaySamples: number;
  readonly lookaheadSamples: number;
}

/** What decides. The trainer has its own, everyone else the committed ones. */
export interface GateRule {
  readonly triggerScore: Readonly<Record<Caution, number>>;
  readonly holdScore: Readonly<Record<Caution, number>>;
  readonly lingeringHops: number;
  readonly heldHopsMax: number;
  readonly freezeAfterToneHops: number;
}

const COMMITTED_RULE: GateRule = {
  triggerScore: TRIGGER_SCORE,
  holdScore: HOLD_SCORE,
  lingeringHops: LINGERING_HOPS,
  heldHopsMax: HELD_HOPS_MAX,
  freezeAfterToneHops: FREEZE_AFTER_TONE_HOPS,
};

/** Decides per hop what must not reach the agent, and marks it in the plan. */
export class MaskGate {
  sensitivity: Sensitivity = 'capture';

  readonly #analyzer: HopAnalyzer;
  readonly #tracker: DigitTracker;
  readonly #plan: MaskPlan;
  readonly #timing: GateTiming;
  readonly #scores = new Float64Array(SCORES);
  #markedFrom = 0;
  #sinceHop = 0;
  #evidenceHop = 0;
  /** The last hop with an onset or a digit. */
  #onsetHop = 0;
  /** The last hop with a digit or a pair that explains nearly everything. */
  #toneHop = 0;
  #phase: Phase = 'quiet';
  #caution: Caution = 'capture';

  readonly #rule: GateRule;

  constructor(
    analyzer: HopAnalyzer,
    tracker: DigitTracker,
    plan: MaskPlan,
    timing: GateTiming,
    rule: GateRule = COMMITTED_RULE,
  ) {
    this.#rule = rule;
    this.#analyzer = analyzer;
    this.#tracker = tracker;
    this.#plan = plan;
    this.#timing = timing;
  }

  /** What the hold network is asked about, on every hop of a suspicion. */
  get holdFeatures(): Float32Array {
    return this.#analyzer.holdFeatures;
  }

  /** Nothing that comes in leaves. */
  get isSuspicious(): boolean {
    return this.#phase !== 'quiet';
  }

  /** One hop; `hop` counts from 0. */
  update(hop: number): void {
    const analyzer = this.#analyzer;
    const newest = hop % SCORES;
    this.#caution = hop - this.#tracker.mangledHop < WARY_HOPS ? 'wary' : this.sensitivity;
    // Scores of hops that a press goes through are asked for by nobody: it ends after at least eight without it.
    const isPresent = this.#tracker.goesOn();
    if (this.#tracker.isSounding && !isPresent && !analyzer.isDescribed) analyzer.describe();
    // In a typed array, since a number in a field may be boxed at every change.
    if (analyzer.isDescribed) analyzer.scoreInto(this.#scores, newest);
    else this.#scores[newest] = UNLOOKED_SCORE;
    const isStrong = analyzer.isDescribed && this.#isStrong();
    if (isStrong) this.#toneHop = hop;
    const isTriggered = isStrong || this.#scores[newest]! > this.#rule.triggerScore[this.#caution];
    if (this.#phase === 'quiet') {
      if (!isTriggered) return;
      this.#suspect(hop);
    }
    this.#follow(hop, isTriggered, isPresent);
  }

  wipe(): void {
    this.#scores.fill(0);
    this.#phase = 'quiet';
    this.#analyzer.isFrozen = false;
    this.#analyzer.isAlert = false;
  }

  #isStrong(): boolean {
    const { features, rowPower, columnPower } = this.#analyzer;
    return features[STEADY_SHARE]! > STRONG_SHARE && rowPower > STRONG_POWER && columnPower > STRONG_POWER;
  }

  #suspect(hop: number): void {
    const { samplesPerMs, analysisDelaySamples } = this.#timing;
    const from = this.#endOf(hop) - analysisDelaySamples - LOOK_BACK_MS * samplesPerMs;
    this.#phase = 'suspected';
    this.#analyzer.isFrozen = true;
    this.#analyzer.isAlert = true;
    this.#sinceHop = hop;
    this.#evidenceHop = hop;
    this.#markedFrom = this.#frameStart(from);
    this.#plan.mark(this.#markedFrom, this.#endOf(hop));
  }

  #follow(hop: number, isTriggered: boolean, isPresent: boolean): void {
    // One hop ahead, so that nothing can leave between two decisions however short the look-ahead is.
    this.#plan.mark(this.#endOf(hop), this.#endOf(hop + 1));
    this.#tracker.update(hop, isPresent);
    this.#describeSuspicion(hop);
    const isDigit = this.#tracker.isSounding;
    this.#analyzer.isSounding = isDigit;
    if (isTriggered || isDigit) this.#onsetHop = hop;
    const { heldHopsMax, lingeringHops } = this.#rule;
    if (hop - this.#onsetHop < heldHopsMax && (hop === this.#onsetHop || this.#isHeld())) {
      this.#evidenceHop = hop;
      this.#phase = phaseWithEvidence(this.#phase, hop - this.#sinceHop + 1, isDigit, lingeringHops);
    }
    if (isDigit) this.#toneHop = hop;
    this.#analyzer.isFrozen = this.#isFreezing(hop);
    const quiet = hop - this.#evidenceHop;
    const span = this.#evidenceHop - this.#sinceHop + 1;
    if (isDismissed(this.#phase, span, quiet)) this.#release(this.#markedFrom, hop);
    else if (isSettled(quiet)) {
      const end = this.#tailEnd();
      if (this.#endOf(hop) >= end) this.#release(end, hop);
    }
  }

  /** Is the suspected tone still there? Judged on the hop's features, how long it has lasted and the latest scores. */
  #isHeld(): boolean {
    return this.#analyzer.holdScore() > this.#rule.holdScore[this.#caution];
  }

  #isFreezing(hop: number): boolean {
    if (this.#phase === 'confirmed') return hop - this.#toneHop < this.#rule.freezeAfterToneHops;
    return hop - this.#sinceHop < FREEZE_HOPS_MAX;
  }

  #describeSuspicion(hop: number): void {
    const scores = this.#scores;
    let four = 0;
    for (let i = 0; i < SCORES / 2; i += 1) four += scores[(hop - i + SCORES) % SCORES]!;
    let eight = 0;
    for (let i = 0; i < SCORES; i += 1) eight += scores[i]!;
    const { holdFeatures } = this.#analyzer;
    holdFeatures[GATE_FEATURES] = Math.min(hop - this.#sinceHop, AGE_HOPS_MAX) / AGE_HOPS_MAX;
    holdFeatures[GATE_FEATURES + 1] = four / (SCORES / 2);
    holdFeatures[GATE_FEATURES + 2] = eight / SCORES;
  }

  #tailEnd(): number {
    const { samplesPerMs } = this.#timing;
    const end = this.#endOf(this.#evidenceHop) + tailMs(this.#phase, this.#caution) * samplesPerMs;
    return this.#phase === 'confirmed' ? this.#frameStart(end + FRAME_MS * samplesPerMs - 1) : end;
  }

  #release(from: number, hop: number): void {
    this.#plan.clear(from, this.#endOf(hop + 1));
    this.#phase = 'quiet';
    this.#analyzer.isFrozen = false;
    this.#analyzer.isAlert = false;
    this.#analyzer.isSounding = false;
    this.#tracker.rest(hop);
  }

  /** Input position at which a hop is complete. */
  #endOf(hop: number): number {
    return (hop + 1) * HOP_MS * this.#timing.samplesPerMs;
  }

  /** Start of the outgoing frame that carries a position: mask edges on this grid say only in which frame a key was. */
  #frameStart(position: number): number {
    const { samplesPerMs, lookaheadSamples } = this.#timing;
    const frame = FRAME_MS * samplesPerMs;
    return Math.floor((position + lookaheadSamples) / frame) * frame - lookaheadSamples;
  }
}
