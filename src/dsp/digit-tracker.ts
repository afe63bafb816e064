import type { DigitCode } from '../core/digit.ts';
import { FRAME_MS, HOP_MS, HOP_SAMPLES, KEY_CODES, PEAK_AT_0_DBM0 } from './constants.ts';
import type { HopAnalyzer } from './hop-analyzer.ts';
import { COLUMN, EVIDENCE_HOPS, ROW } from './pair-evidence.ts';
import type { Group, PairEvidence } from './pair-evidence.ts';
import { radiansPerSample } from './pair-fit.ts';

/** Receives key presses; positions are hops since the start of the stream. */
export interface DigitListener {
  digitStarted(code: DigitCode, startHop: number, confidence: number): void;
  digitEnded(code: DigitCode, endHop: number): void;
}

/** A hop before any stream. */
const NEVER = -1e9;

/** Score that counts as evidence, and how many hops in a row report the digit. */
export const SCORE_MIN = 1.5;
const RUN_HOPS = 3;

/**
 * A tone this far off is still a digit (1.5 % by ETSI ES 201 235-3, 1.8 by NTT and Brazil), but on stronger evidence: what
 * speech and music bring together by chance is seldom closer. It costs 0.3 % of the presses of the conformance items, those
 * in noise and codecs, and half or more of the digits heard in audio without any.
 */
const OFF_NOMINAL_PERCENT = 1.3;
const OFF_NOMINAL_SCORE_MIN = 3;

/**
 * Frequency limit in percent: 1.8 % must be accepted (Q.24, NTT and Brazil), 3.0 % rejected (same); the middle, since
 * the measurement errs both ways.
 */
const OFFSET_PERCENT_MAX = 2.4;

/** Level limit per tone: AT&T accepts -25 and rejects -55 dBm0; we accept as far down as the peers do. */
const LEVEL_DBM0_MIN = -46;

/**
 * A tone that is this much weaker in the first or the last of four 8 ms than in the strongest started or ended in them.
 * That tells a 23 ms burst (which must not be reported, ETSI ES 201 235-3) from a 40 ms press: of three looks 2 ms
 * apart, one at least finds only 1.5 ms of the burst in an outer segment, 14.5 dB. Less than that by what noise adds.
 */
const SPREAD_DB_MAX = 12;

/**
 * A frequency that is 125 Hz off turns as far in 8 ms as the nominal one, 7.7 % of 1633 Hz, and near it the phase tells
 * an offset that is none. Such a tone cancels itself: from 5.3 % on, 8 ms hold less than a quarter of the power that
 * 4 ms do (sin x / x, squared). A true tone has about the same in both.
 */
const ALIAS_POWER_RATIO = 3;

/** A tone is there while its amplitude over 4 ms is at least half of what it was when the digit was reported. */
const PRESENT_POWER_RATIO = 0.25;

/** Time without the tone that ends a press: between the 10 ms interruption that Q.24 forgives and the shortest pause. */
export const ABSENT_HOPS = 16 / HOP_MS;

/**
 * While one of the tones has been there all the time the other has only faded, as codecs and music make it, and the press
 * goes on for longer: in a pause both are away at once. Of 800 keys of 80 ms, 6 are doubled through GSM instead of 18.
 */
const FADED_HOPS = 40 / HOP_MS;

/**
 * Digital silence this short inside a press is a lost packet with zeros in its place (20 ms), not a pause. Longer than
 * that it is one: Q.24 asks for pauses of 30 ms and more.
 */
const LOST_HOPS_MAX = 24 / HOP_MS;

/** A longer loss is followed by a look at the phase: up to three packets, and what reporting takes after them. */
const LOST_MS_MAX = 3 * FRAME_MS;
const REPORT_HOPS_MAX = 60 / HOP_MS;
const RESUME_HOPS_MAX = LOST_MS_MAX / HOP_MS + REPORT_HOPS_MAX;

/** Phase error that a measured frequency leaves after so long, in turns. */
const PHASE_TURNS_MAX = 0.07;

/** The same key again within 250 ms and 7 dB weaker is an echo (the longest line echo, G.131, and its least loss). */
const ECHO_HOPS = 250 / HOP_MS;
const ECHO_POWER_RATIO = 0.2;

/**
 * What the best score of a press is at least, unless the line has mangled it. Every press on a clean line, in noise 30 dB
 * below it, through G.711 or AMR at 12.2 kbit/s reaches 8; of those that are reported through Opus at 12 kbit/s, half do.
 */
const CLEAR_SCORE = 7;

/** What decides. The trainer has its own, everyone else the committed ones. */
export interface DigitRule {
  readonly offNominalScoreMin: number;
  readonly fadedHops: number;
}

const COMMITTED_RULE: DigitRule = { offNominalScoreMin: OFF_NOMINAL_SCORE_MIN, fadedHops: FADED_HOPS };

/** Follows key presses while something tone-like is in the signal. */
export class DigitTracker {
  readonly #analyzer: HopAnalyzer;
  readonly #evidence: PairEvidence;
  readonly #listener: DigitListener;
  readonly #rule: DigitRule;
  /** Key of the press that is going on, or -1. */
  #key = -1;
  #run = 0;
  #runKey = -1;
  #absent = 0;
  #wasAway = false;
  #zeros = 0;
  #emptyHop = NEVER;
  /** Power of the press's tones when it was reported. */
  readonly #power = new Float64Array(2);
  #lastKey = -1;
  #lastEndHop = NEVER;
  #lastPower = 0;
  #isReported = false;
  #bestScore = 0;
  #mangledHop = NEVER;
  /** Complex amplitudes of row and column when the press was last seen whole, and how far off they were. */
  readonly #real = new Float64Array(2);
  readonly #imaginary = new Float64Array(2);
  readonly #offsetPercent = new Float64Array(2);
  #phaseHop = NEVER;

  constructor(analyzer: HopAnalyzer, listener: DigitListener, rule: DigitRule = COMMITTED_RULE) {
    this.#rule = rule;
    this.#analyzer = analyzer;
    this.#evidence = analyzer.evidence;
    this.#listener = listener;
  }

  get isSounding(): boolean {
    return this.#key >= 0;
  }

  /** When the last press ended that the line had mangled. */
  get mangledHop(): number {
    return this.#mangledHop;
  }

  /** Is the press that is going on in the newest 4 ms? Then it is after `update` as well. */
  goesOn(): boolean {
    if (this.#key < 0 || this.#analyzer.isHopEmpty) return false;
    this.#analyzer.measurePresence(this.#key);
    return this.#isPresent(ROW) && this.#isPresent(COLUMN);
  }

  /** One hop while the gate is suspicious; `isPresent` says what `goesOn` has said. */
  update(hop: number, isPresent: boolean): void {
    this.#analyzer.measure();
    if (this.#analyzer.isHopEmpty) this.#emptyHop = hop;
    const { key, score } = this.#evidence;
    const isDigit = score > this.#scoreMin() && this.isWithinLimits();
    if (!isDigit) this.#run = Math.max(0, this.#run - 1);
    else if (key === this.#runKey) this.#run += 1;
    else {
      this.#runKey = key;
      this.#run = 1;
    }
    if (this.#key >= 0) {
      if (score > this.#bestScore) this.#bestScore = score;
      this.#checkPresence(hop, isPresent);
    }
    if (this.#run >= RUN_HOPS && this.#runKey !== this.#key) {
      if (this.#isAlias()) this.#run = 0;
      else this.#report(hop, this.#resumes(hop));
    }
    if (isDigit && this.#key === key) this.#rememberPhase(hop);
  }

  /** The gate is quiet: whatever press was going on is over. */
  rest(hop: number): void {
    if (this.#key >= 0) this.#end(hop);
    this.#run = 0;
    this.#runKey = -1;
  }

  /** Input was lost: what was half seen is worth nothing, and a tone that goes on is the same press. */
  forgive(): void {
    this.#run = 0;
    this.#runKey = -1;
    this.#absent = 0;
  }

  wipe(): void {
    this.#real.fill(0);
    this.#imaginary.fill(0);
    this.#offsetPercent.fill(0);
    this.#key = -1;
    this.#runKey = -1;
    this.#lastKey = -1;
    this.#run = 0;
    this.#mangledHop = NEVER;
  }

  /** What was measured last could be a digit by frequency, level and duration, whatever the network says. */
  isWithinLimits(): boolean {
    return this.#isToneWithinLimits(ROW) && this.#isToneWithinLimits(COLUMN);
  }

  /** Is a tone of the press in what `goesOn` has measured? */
  #isPresent(group: Group): boolean {
    return this.#evidence.presentPower(group) > PRESENT_POWER_RATIO * this.#power[group]!;
  }

  #scoreMin(): number {
    const isNominal = this.#isNominal(ROW) && this.#isNominal(COLUMN);
    return isNominal ? SCORE_MIN : this.#rule.offNominalScoreMin;
  }

  #isNominal(group: Group): boolean {
    return Math.abs(this.#evidence.offsetPercent(group)) <= OFF_NOMINAL_PERCENT;
  }

  #isToneWithinLimits(group: Group): boolean {
    const e = this.#evidence;
    return (
      Math.abs(e.offsetPercent(group)) <= OFFSET_PERCENT_MAX &&
      e.dbm0(group) >= LEVEL_DBM0_MIN &&
      e.spreadDb(group) <= SPREAD_DB_MAX
    );
  }

  /** Is a tone of the pair that would be reported far beside its frequency? */
  #isAlias(): boolean {
    const e = this.#evidence;
    this.#analyzer.measurePresence(e.key);
    const row = e.presentPower(ROW) / powerOf(e.dbm0(ROW));
    const column = e.presentPower(COLUMN) / powerOf(e.dbm0(COLUMN));
    return row > ALIAS_POWER_RATIO || column > ALIAS_POWER_RATIO;
  }

  #rememberPhase(hop: number): void {
    const e = this.#evidence;
    this.#phaseHop = hop;
    for (let group = 0; group < 2; group += 1) {
      this.#real[group] = e.real(group as Group);
      this.#imaginary[group] = e.imaginary(group as Group);
      this.#offsetPercent[group] = e.offsetPercent(group as Group);
    }
  }

  /**
   * Does the tone go on where it was cut by lost packets? Zeros took the place of whole packets, and both tones come
   * out of them with the phase that they would have had; of two presses one in sixty would.
   */
  #resumes(hop: number): boolean {
    if (this.#evidence.key !== this.#lastKey || hop - this.#phaseHop > RESUME_HOPS_MAX) return false;
    if (hop - this.#emptyHop > REPORT_HOPS_MAX) return false;
    const silenceMs = this.#analyzer.lastSilenceMs;
    if (silenceMs < FRAME_MS || silenceMs > LOST_MS_MAX || silenceMs % FRAME_MS !== 0) return false;
    return this.#isInPhase(hop, ROW) && this.#isInPhase(hop, COLUMN);
  }

  #isInPhase(hop: number, group: Group): boolean {
    const e = this.#evidence;
    const tone = group === ROW ? e.key >> 2 : 4 + (e.key & 3);
    const advance = radiansPerSample(tone) * (1 + this.#offsetPercent[group]! / 100) * HOP_SAMPLES;
    const phase = Math.atan2(this.#imaginary[group]!, this.#real[group]!);
    const expected = phase + (hop - this.#phaseHop) * advance;
    const turns = (Math.atan2(e.imaginary(group), e.real(group)) - expected) / (2 * Math.PI);
    return Math.abs(turns - Math.round(turns)) < PHASE_TURNS_MAX;
  }

  #report(hop: number, isResumed: boolean): void {
    const { key, score } = this.#evidence;
    if (this.#key >= 0) this.#end(hop - EVIDENCE_HOPS);
    this.#power[ROW] = powerOf(this.#evidence.dbm0(ROW));
    this.#power[COLUMN] = powerOf(this.#evidence.dbm0(COLUMN));
    const power = this.#power[ROW] + this.#power[COLUMN];
    const isEcho =
      key === this.#lastKey &&
      hop - this.#lastEndHop < ECHO_HOPS &&
      power < ECHO_POWER_RATIO * this.#lastPower;
    this.#key = key;
    this.#bestScore = score;
    this.#lastKey = key;
    this.#absent = 0;
    this.#wasAway = false;
    this.#zeros = 0;
    this.#isReported = !isEcho && !isResumed;
    if (!this.#isReported) return;
    this.#lastPower = power;
    const start = hop + 1 - EVIDENCE_HOPS - (RUN_HOPS - 1);
    this.#listener.digitStarted(KEY_CODES[key]!, start, 1 / (1 + Math.exp(-score)));
  }

  #checkPresence(hop: number, isPresent: boolean): void {
    this.#zeros = this.#emptyHop === hop ? this.#zeros + 1 : 0;
    if (this.#zeros > 0 && this.#zeros <= LOST_HOPS_MAX) return;
    if (this.#zeros > LOST_HOPS_MAX) {
      this.#end(hop + 1 - this.#zeros);
      return;
    }
    if (isPresent) {
      this.#absent = 0;
      this.#wasAway = false;
      return;
    }
    this.#absent += 1;
    if (!this.#isPresent(ROW) && !this.#isPresent(COLUMN)) this.#wasAway = true;
    if (this.#absent >= (this.#wasAway ? ABSENT_HOPS : this.#rule.fadedHops))
      this.#end(hop + 1 - this.#absent);
  }

  #end(hop: number): void {
    this.#lastEndHop = hop;
    if (this.#bestScore < CLEAR_SCORE) this.#mangledHop = hop;
    if (this.#isReported) this.#listener.digitEnded(KEY_CODES[this.#key]!, hop);
    this.#key = -1;
    this.#run = 0;
    this.#runKey = -1;
  }
}

/** Squared amplitude of a sine of that level. */
function powerOf(dbm0: number): number {
  return PEAK_AT_0_DBM0 * PEAK_AT_0_DBM0 * 10 ** (dbm0 / 10);
}
