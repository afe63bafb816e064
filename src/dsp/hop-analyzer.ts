import { HOP_SAMPLES } from './constants.ts';
import type { Decimator } from './decimator.ts';
import { enter, kernel, leave, memory, PREDICTOR_FIT } from './kernel/kernel.ts';
import {
  GATE_FEATURES,
  INNOVATION_WINDOWS,
  RAW_WINDOWS,
  LAG_HOPS,
  LAG_STRIDE,
  RING_HOPS,
  SCRATCH,
  STATE,
  STATE_FLOATS,
  SUMS_BYTES,
  TONES,
} from './kernel/layout.ts';
import { ROUNDING_NOISE, ToneBank } from './tone-bank.ts';

/** The predictor is fitted anew every 4 ms: a voice's spectrum does not move faster. */
const FIT_INTERVAL_HOPS = 2;

/**
 * A hop below this mean square is silence and is not analysed: -58 dBm0, 16 dB below the faintest tone that is masked.
 */
const SILENT_POWER = 400;

/**
 * The cheap first look at 4 ms. An onset is loud enough to matter (-54 dBm0), it surprises the predictor, it is no
 * weaker than what was there 10 ms ago, and it is no single pulse. Speech passes one hop in three; 0.1 % of the onsets
 * 6 dB above speech fail and 1.7 % of those as loud as the speech, found on mixtures.
 */
const LEAST_POWER = 1000;
const LEAST_SURPRISE = 0.63;
const LEAST_RISE = 0.5;
const CREST_MAX = 10;

/** Without an onset, a tone that crept in is looked for every 32 ms. */
const STEADY_INTERVAL_HOPS = 16;

/** Index of each window among the kernel's results. */
const INNOVATION_2 = 0;
const INNOVATION_3 = 1;
const INNOVATION_4 = 2;
const RAW_2 = 3;
const RAW_3 = 4;
const RAW_4 = 5;
const RAW_5 = 6;
const WINDOWS = 7;

/** Places of the kernel's results, in numbers. */
const BEST = SCRATCH.best / 4;
const RAW_ENERGY = STATE.rawEnergy / 4;
const INNOVATION_ENERGY = STATE.innovationEnergy / 4;
const INNOVATION_PEAK = STATE.innovationPeak / 4;

/** Intermediate results of one description. */
const ENERGIES = new Float64Array(WINDOWS);
const SHARES = new Float64Array(WINDOWS);
const TONE_SQUARES = new Float64Array(2);

/** Where the kernel expects the newest hop, and where it is collected before it is known to be worth a look. */
const NEWEST = STATE.samples / 4 + HOP_SAMPLES;
const HOP = new Float32Array(HOP_SAMPLES);

/** Turns core samples into what the gate decides on, hop by hop. */
export class HopAnalyzer {
  /** Features of the newest hop, if it `isDescribed`; they lie in the kernel's memory. */
  readonly features: Float32Array = memory.subarray(
    SCRATCH.features / 4,
    SCRATCH.features / 4 + GATE_FEATURES,
  );
  readonly raw = new ToneBank(STATE.rawSums, STATE.rawEnergy);
  readonly innovation = new ToneBank(STATE.innovationSums, STATE.innovationEnergy);
  /** While true the predictor keeps its shape: a suspected tone must not teach it. */
  isFrozen = false;
  /** While true every hop is described. */
  isAlert = false;
  /** While true every hop that is loud enough is described: the first look costs one onset in fifty under loud speech. */
  isThorough = true;
  /** Whether the newest hop passed the first look, so that `features` are its own. */
  isDescribed = false;
  /** Powers per sample of the strongest pair's tones over 10 ms, when described. */
  rowPower = 0;
  columnPower = 0;

  /** This call's part of the kernel's memory while another call is in it. */
  readonly #state = new Float32Array(STATE_FLOATS);
  /** Best pair and its share in the 4 ms of innovation that ended one and two hops ago. */
  readonly #earlierKeys = new Int32Array(2);
  readonly #earlierShares = new Float64Array(2);
  #hops = 0;
  #lagSlot = 0;
  #silentHops = 0;
  #lastSilence = 0;
  #samplesPerMs = 8;
  #isInKernel = false;

  constructor() {
    this.#state[STATE.expected / 4] = PREDICTOR_FIT.noiseFloor;
  }

  /** Length of the last exact silence in ms: whole packets are lost packets with zeros in their place. */
  get lastSilenceMs(): number {
    return this.#lastSilence / this.#samplesPerMs;
  }

  /** Ends this call's turn in the kernel's memory; its state is safe from the next call's. */
  leave(): void {
    if (this.#isInKernel) leave(this.#state);
    this.#isInKernel = false;
  }

  /** Takes the hop that the decimator has collected. From then on the kernel's memory is this call's until `leave`. */
  take(decimator: Decimator): void {
    decimator.hopInto(HOP);
    this.#lastSilence = decimator.lastSilence;
    this.#samplesPerMs = 8 * decimator.factor;
    const slot = this.#hops % RING_HOPS;
    this.#hops += 1;
    this.isDescribed = false;
    const isSilent = decimator.hopEnergy < SILENT_POWER * HOP_SAMPLES && !this.isAlert;
    this.#silentHops = isSilent ? this.#silentHops + 1 : 0;
    // When every ring holds silence already, one more silent hop changes nothing.
    if (this.#silentHops > RING_HOPS) return;
    this.#enter();
    this.raw.newest = slot;
    this.innovation.newest = slot;
    if (!isSilent && !this.isFrozen && this.#hops % FIT_INTERVAL_HOPS === 1) kernel.fit(this.#lagSlot);
    this.#lagSlot = this.#lagSlot + 1 === LAG_HOPS ? 0 : this.#lagSlot + 1;
    if (isSilent) this.#skip(slot);
    else {
      for (let i = 0; i < HOP_SAMPLES; i += 1) memory[NEWEST + i] = HOP[i]!;
      kernel.analyze(slot, this.#lagSlot);
      if (this.isAlert || this.#deservesLook()) this.#describe(slot);
    }
    if (!this.isDescribed) this.#forgetHop();
  }

  wipe(): void {
    HOP.fill(0);
    this.#state.fill(0);
    this.#silentHops = 0;
    this.#state[STATE.expected / 4] = PREDICTOR_FIT.noiseFloor;
    this.#earlierKeys.fill(0);
    this.#earlierShares.fill(0);
    this.raw.wipe();
    this.innovation.wipe();
  }

  #enter(): void {
    if (!this.#isInKernel) enter(this.#state);
    this.#isInKernel = true;
  }

  /** A silent hop counts as zeros. */
  #skip(slot: number): void {
    memory.fill(0, STATE.samples / 4, STATE.samples / 4 + HOP_SAMPLES);
    const sums = (slot * SUMS_BYTES) / 4;
    memory.fill(0, STATE.rawSums / 4 + sums, STATE.rawSums / 4 + sums + 2 * TONES);
    memory.fill(0, STATE.innovationSums / 4 + sums, STATE.innovationSums / 4 + sums + 2 * TONES);
    const lags = STATE.lags / 4 + this.#lagSlot * LAG_STRIDE;
    memory.fill(0, lags, lags + LAG_STRIDE);
    memory[STATE.rawEnergy / 4 + slot] = 0;
    memory[STATE.innovationEnergy / 4 + slot] = 0;
    memory[STATE.innovationPeak / 4 + slot] = 0;
  }

  #deservesLook(): boolean {
    const samples = 2 * HOP_SAMPLES;
    const now = this.raw.newest;
    const last = earlierSlot(now, 1);
    if (memory[RAW_ENERGY + now]! + memory[RAW_ENERGY + last]! < LEAST_POWER * samples) return false;
    if (this.isThorough || this.#hops % STEADY_INTERVAL_HOPS === 0) return true;
    const energy = memory[INNOVATION_ENERGY + now]! + memory[INNOVATION_ENERGY + last]!;
    const before =
      memory[INNOVATION_ENERGY + earlierSlot(now, 5)]! + memory[INNOVATION_ENERGY + earlierSlot(now, 6)]!;
    const peak = Math.max(memory[INNOVATION_PEAK + now]!, memory[INNOVATION_PEAK + last]!);
    return (
      energy > LEAST_SURPRISE * samples * memory[STATE.expected / 4]! &&
      energy > LEAST_RISE * before &&
      peak * samples < CREST_MAX * energy
    );
  }

  /** Numbers stay in typed arrays and local variables here: a number returned by a function may be boxed. */
  #describe(slot: number): void {
    kernel.describe(slot);
    this.isDescribed = true;
    sumWindows(ENERGIES, INNOVATION_2, INNOVATION_ENERGY, slot, INNOVATION_WINDOWS);
    sumWindows(ENERGIES, RAW_2, RAW_ENERGY, slot, RAW_WINDOWS);
    shareWindows(ENERGIES);
    const f = this.features;
    const expected = memory[STATE.expected / 4]! * HOP_SAMPLES;
    const floor = HOP_SAMPLES;
    const innovation2 = ENERGIES[INNOVATION_2]!;
    const last = earlierSlot(slot, 1);
    const now = memory[INNOVATION_ENERGY + slot]!;
    const before =
      memory[INNOVATION_ENERGY + earlierSlot(slot, 5)]! + memory[INNOVATION_ENERGY + earlierSlot(slot, 6)]!;
    const peak = Math.max(memory[INNOVATION_PEAK + slot]!, memory[INNOVATION_PEAK + last]!);
    const innovationRest = Math.max(0, ENERGIES[INNOVATION_3]! - memory[BEST + INNOVATION_3]!);
    const rawRest = Math.max(0, ENERGIES[RAW_3]! - memory[BEST + RAW_3]!);
    f[0] = SHARES[INNOVATION_2]!;
    f[1] = Math.log10(innovation2 / (2 * expected) + 1e-3);
    f[2] = SHARES[INNOVATION_3]!;
    f[3] = Math.log10(innovationRest / (3 * expected) + 1e-3);
    f[4] = SHARES[INNOVATION_4]!;
    f[5] = SHARES[RAW_2]!;
    f[6] = Math.log10(memory[BEST + RAW_2]! / (2 * HOP_SAMPLES) + 1);
    f[7] = SHARES[RAW_3]!;
    f[8] = Math.log10(rawRest / (3 * expected) + 1e-3);
    f[9] = SHARES[RAW_4]!;
    squareTones(TONE_SQUARES, SCRATCH.rawFour, bestKey(RAW_4));
    const squared4 = 2 * HOP_SAMPLES;
    f[10] = Math.log10((TONE_SQUARES[1]! / squared4 + 1) / (TONE_SQUARES[0]! / squared4 + 1));
    f[11] = SHARES[RAW_5]!;
    f[12] = Math.log10((peak + 1) / (innovation2 / (2 * HOP_SAMPLES) + 1));
    f[13] = Math.log10((now + floor) / (memory[INNOVATION_ENERGY + last]! + floor));
    f[14] = Math.log10((innovation2 + floor) / (before + floor));
    this.#compareWithEarlier(bestKey(INNOVATION_2));
    squareTones(TONE_SQUARES, SCRATCH.rawFive, bestKey(RAW_5));
    // Power per sample of a tone: 2 |sum|^2 / n^2.
    const squared5 = (5 * HOP_SAMPLES) ** 2 / 2;
    this.rowPower = TONE_SQUARES[0]! / squared5;
    this.columnPower = TONE_SQUARES[1]! / squared5;
  }

  /** A tone shows the same pair in two windows that share no sample; what speech resembles changes. */
  #compareWithEarlier(key: number): void {
    const slot = this.#hops & 1;
    const earlier = this.#earlierKeys[slot]!;
    this.features[15] = this.#earlierShares[slot]!;
    const isSameRow = earlier >= 0 && earlier >> 2 === key >> 2;
    const isSameColumn = earlier >= 0 && (earlier & 3) === (key & 3);
    this.features[16] = (isSameRow ? 1 : 0) + (isSameColumn ? 1 : 0);
    this.#earlierKeys[slot] = key;
    this.#earlierShares[slot] = SHARES[INNOVATION_2]!;
  }

  /** A hop that was not looked at resembles nothing. */
  #forgetHop(): void {
    this.#earlierKeys[this.#hops & 1] = -1;
    this.#earlierShares[this.#hops & 1] = 0;
  }
}

/** Ring slot of the hop `lag` hops before `slot`. */
function earlierSlot(slot: number, lag: number): number {
  return slot < lag ? slot - lag + RING_HOPS : slot - lag;
}

/** Energies of windows of ascending length that end with the hop in `slot`, into `out[first ...]`. */
function sumWindows(
  out: Float64Array,
  first: number,
  ring: number,
  slot: number,
  hops: readonly number[],
): void {
  let sum = 0;
  let at = 0;
  for (let i = 0; i < hops.length; i += 1) {
    for (; at < hops[i]!; at += 1) sum += memory[ring + earlierSlot(slot, at)]!;
    out[first + i] = sum;
  }
}

/** Share of each window that its best pair explains, into `SHARES`. */
function shareWindows(energies: Float64Array): void {
  for (let window = 0; window < WINDOWS; window += 1) {
    const noise = ROUNDING_NOISE * HOP_SAMPLES * (window < RAW_2 ? window + 2 : window - RAW_2 + 2);
    SHARES[window] = memory[BEST + window]! / (energies[window]! + noise);
  }
}

function bestKey(window: number): number {
  const pairs = SCRATCH.pairs / 4 + 16 * window;
  const energy = memory[BEST + window]!;
  for (let key = 0; key < 15; key += 1) if (memory[pairs + key] === energy) return key;
  return 15;
}

/** Squared correlations of a pair's tones, row and column, in sums that the kernel kept. */
function squareTones(out: Float64Array, sums: number, key: number): void {
  for (let group = 0; group < 2; group += 1) {
    const tone = group === 0 ? key >> 2 : 4 + (key & 3);
    const c = memory[sums / 4 + tone]!;
    const s = memory[sums / 4 + TONES + tone]!;
    out[group] = c * c + s * s;
  }
}
