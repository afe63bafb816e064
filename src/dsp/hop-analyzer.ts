import { HOP_SAMPLES } from './constants.ts';
import type { Decimator } from './decimator.ts';
import { enter, kernel, leave, memory, PREDICTOR_FIT } from './kernel/kernel.ts';
import {
  GATE_FEATURES,
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
  /** Length of the last exact silence in ms: whole packets are lost packets with zeros in their place. */
  lastSilenceMs = 0;
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
  #isInKernel = false;

  constructor() {
    this.#state[STATE.expected / 4] = PREDICTOR_FIT.noiseFloor;
  }

  /** Ends this call's turn in the kernel's memory; its state is safe from the next call's. */
  leave(): void {
    if (this.#isInKernel) leave(this.#state);
    this.#isInKernel = false;
  }

  /** Takes the hop that the decimator has collected. From then on the kernel's memory is this call's until `leave`. */
  take(decimator: Decimator): void {
    const energy = decimator.hopInto(HOP);
    this.lastSilenceMs = decimator.lastSilence / (8 * decimator.factor);
    const slot = this.#hops % RING_HOPS;
    this.#hops += 1;
    this.isDescribed = false;
    const isSilent = energy < SILENT_POWER * HOP_SAMPLES && !this.isAlert;
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
    if (!this.isDescribed) this.#remember(-1, 0);
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
    const { raw, innovation } = this;
    const samples = 2 * HOP_SAMPLES;
    if (raw.hopEnergy(0) + raw.hopEnergy(1) < LEAST_POWER * samples) return false;
    if (this.isThorough || this.#hops % STEADY_INTERVAL_HOPS === 0) return true;
    const now = innovation.hopEnergy(0) + innovation.hopEnergy(1);
    const before = innovation.hopEnergy(5) + innovation.hopEnergy(6);
    return (
      now > LEAST_SURPRISE * samples * memory[STATE.expected / 4]! &&
      now > LEAST_RISE * before &&
      this.#peak() * samples < CREST_MAX * now
    );
  }

  /** Largest squared sample of the last 4 ms of innovation. */
  #peak(): number {
    const peaks = STATE.innovationPeak / 4;
    const slot = this.innovation.newest;
    return Math.max(memory[peaks + slot]!, memory[peaks + (slot === 0 ? RING_HOPS : slot) - 1]!);
  }

  #describe(slot: number): void {
    kernel.describe(slot);
    this.isDescribed = true;
    const f = this.features;
    const { innovation, raw } = this;
    const expected = memory[STATE.expected / 4]! * HOP_SAMPLES;
    const floor = HOP_SAMPLES;
    const i0 = innovation.hopEnergy(0);
    const i1 = innovation.hopEnergy(1);
    const innovation2 = i0 + i1;
    const innovation3 = innovation2 + innovation.hopEnergy(2);
    const innovation4 = innovation3 + innovation.hopEnergy(3);
    const raw2 = raw.hopEnergy(0) + raw.hopEnergy(1);
    const raw3 = raw2 + raw.hopEnergy(2);
    const raw4 = raw3 + raw.hopEnergy(3);
    f[0] = share(INNOVATION_2, innovation2, 2);
    f[1] = Math.log10(innovation2 / (2 * expected) + 1e-3);
    f[2] = share(INNOVATION_3, innovation3, 3);
    f[3] = Math.log10(Math.max(0, innovation3 - best(INNOVATION_3)) / (3 * expected) + 1e-3);
    f[4] = share(INNOVATION_4, innovation4, 4);
    f[5] = share(RAW_2, raw2, 2);
    f[6] = Math.log10(best(RAW_2) / (2 * HOP_SAMPLES) + 1);
    f[7] = share(RAW_3, raw3, 3);
    f[8] = Math.log10(Math.max(0, raw3 - best(RAW_3)) / (3 * expected) + 1e-3);
    f[9] = share(RAW_4, raw4, 4);
    const four = bestKey(RAW_4);
    const column = toneSquare(SCRATCH.rawFour, 4 + (four & 3)) / (2 * HOP_SAMPLES);
    const row = toneSquare(SCRATCH.rawFour, four >> 2) / (2 * HOP_SAMPLES);
    f[10] = Math.log10((column + 1) / (row + 1));
    f[11] = share(RAW_5, raw4 + raw.hopEnergy(4), 5);
    f[12] = Math.log10((this.#peak() + 1) / (innovation2 / (2 * HOP_SAMPLES) + 1));
    f[13] = Math.log10((i0 + floor) / (i1 + floor));
    f[14] = Math.log10((innovation2 + floor) / (innovation.hopEnergy(5) + innovation.hopEnergy(6) + floor));
    this.#compareWithEarlier(bestKey(INNOVATION_2), f[0]!);
    const five = bestKey(RAW_5);
    // Power per sample of a tone: 2 |sum|^2 / n^2.
    const squared = (5 * HOP_SAMPLES) ** 2 / 2;
    this.rowPower = toneSquare(SCRATCH.rawFive, five >> 2) / squared;
    this.columnPower = toneSquare(SCRATCH.rawFive, 4 + (five & 3)) / squared;
  }

  /** A tone shows the same pair in two windows that share no sample; what speech resembles changes. */
  #compareWithEarlier(key: number, share: number): void {
    const earlier = this.#earlierKeys[this.#hops & 1]!;
    this.features[15] = this.#earlierShares[this.#hops & 1]!;
    const isSameRow = earlier >= 0 && earlier >> 2 === key >> 2;
    const isSameColumn = earlier >= 0 && (earlier & 3) === (key & 3);
    this.features[16] = (isSameRow ? 1 : 0) + (isSameColumn ? 1 : 0);
    this.#remember(key, share);
  }

  #remember(key: number, share: number): void {
    this.#earlierKeys[this.#hops & 1] = key;
    this.#earlierShares[this.#hops & 1] = share;
  }
}

function best(window: number): number {
  return memory[SCRATCH.best / 4 + window]!;
}

function share(window: number, energy: number, hops: number): number {
  return best(window) / (energy + ROUNDING_NOISE * hops * HOP_SAMPLES);
}

function bestKey(window: number): number {
  const pairs = SCRATCH.pairs / 4 + 16 * window;
  const energy = best(window);
  for (let key = 0; key < 15; key += 1) if (memory[pairs + key] === energy) return key;
  return 15;
}

/** Squared magnitude of a tone's correlation in sums that the kernel kept. */
function toneSquare(sums: number, tone: number): number {
  const c = memory[sums / 4 + tone]!;
  const s = memory[sums / 4 + TONES + tone]!;
  return c * c + s * s;
}
