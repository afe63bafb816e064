import { assert } from '../../core/assert.ts';
import { CORE_RATE_HZ, HOP_SAMPLES, TONE_HZ } from '../constants.ts';
import { DECIMATORS } from '../decimator.ts';
import type { Networks, NetworkWeights } from '../network.ts';
import { inverseGrams, radiansPerSample } from '../pair-fit.ts';
import * as at from './layout.ts';

/**
 * The arithmetic of the gate. All states and constants lie in one memory, at the byte offsets of `layout.ts`; a state
 * is named by its address. Two implementations compute the same to the last bit: `simd-kernel.ts` and its scalar twin.
 */
export interface Kernel {
  /** All of memory as numbers; other objects after `reserve`. */
  readonly floats: Float32Array;
  readonly integers: Int32Array;
  readonly shorts: Int16Array;
  /** Makes memory at least so many bytes long. */
  reserve(bytes: number): void;
  /** Prepares a zeroed state for a stream with so many input samples per core sample. */
  begin(state: number, factor: number): void;
  /**
   * Takes hops from the state's input up to the first that is described. Returns how many, plus `DESCRIBED` if the last
   * one was, or `WAITING` if it was not because a digit sounds. `flags` are `FROZEN`, `ALERT`, `THOROUGH`, `DETECT` and
   * `SOUNDING`.
   */
  hops(state: number, flags: number): number;
  /** Computes the tone sums of the whole rings, which are otherwise computed when a description needs them. */
  complete(state: number): void;
  /** The network's score of a described hop in a suspicion: its features and what was written after them. */
  hold(state: number): void;
  /** Describes the newest hop, which waits for it. */
  describe(state: number): void;
  /** Evidence for a digit in the newest 32 ms. The rings must be complete. */
  measure(state: number): void;
  /** How strong the tones of `key` are in the newest 4 ms. */
  measurePresence(state: number, key: number): void;
}

/**
 * Weights of past hops in the predictor's fit, newest first: 24 ms with a rounded taper against the edges of the
 * window, ending 6 ms ago: a tone's onset shall not train its own whitener.
 */
const TAPER = [0.15, 0.45, 0.72, 0.9, 1, 1, 1, 1, 0.9, 0.72, 0.45, 0.15];

/** Writes the constants that every kernel reads. */
export function writeConstants({ floats }: Kernel): void {
  const [folding, rotation] = [at.FOLDING / 4, at.ROTATION / 4];
  const waves = 2 * at.TONES;
  for (let tone = 0; tone < at.TONES; tone += 1) {
    const radians = radiansPerSample(tone);
    for (let i = 0; i < HOP_SAMPLES / 2; i += 1) {
      const angle = radians * (HOP_SAMPLES / 2 - 0.5 - i);
      floats[folding + i * waves + tone] = Math.cos(angle);
      floats[folding + i * waves + at.TONES + tone] = Math.sin(angle);
    }
    for (let hops = 0; hops < at.FIT_HOPS_MAX; hops += 1) {
      const angle = radians * HOP_SAMPLES * hops;
      floats[rotation + hops * waves + tone] = Math.cos(angle);
      floats[rotation + hops * waves + at.TONES + tone] = Math.sin(angle);
    }
  }
  for (let hops = 1; hops <= at.FIT_HOPS_MAX; hops += 1) writeGrams(floats, hops);
  const turn = (2 * Math.PI * at.SEGMENT_HOPS * HOP_SAMPLES) / CORE_RATE_HZ;
  floats.set(
    TONE_HZ.map((hz) => 100 / (turn * hz)),
    at.PERCENT_PER_RADIAN / 4,
  );
  floats.set(DECIMATORS[2].weights, at.DECIMATION / 4);
  floats.set(DECIMATORS[3].weights, (at.DECIMATION + at.DECIMATION_BYTES) / 4);
  const scale = 1 / (TAPER.reduce((a, b) => a + b, 0) * HOP_SAMPLES);
  floats.set(
    TAPER.map((weight) => weight * scale),
    at.TAPER / 4,
  );
}

/** Coefficient by coefficient for the four columns of a row. */
function writeGrams(floats: Float32Array, hops: number): void {
  const packed = inverseGrams(hops);
  const window = (at.GRAM + hops * at.GRAM_WINDOW_BYTES) / 4;
  for (let key = 0; key < 16; key += 1) {
    for (let i = 0; i < 10; i += 1)
      floats[window + ((key >> 2) * 10 + i) * 4 + (key & 3)] = packed[key * 10 + i]!;
  }
}

/** Replaces a kernel's networks. */
export function writeNetworks(kernel: Kernel, { gate, hold, digit }: Networks): void {
  writeNetwork(kernel, at.GATE_NETWORK, at.GATE_FEATURES, gate);
  writeNetwork(kernel, at.HOLD_NETWORK, at.HOLD_FEATURES, hold);
  writeNetwork(kernel, at.DIGIT_NETWORK, at.DIGIT_FEATURES, digit);
}

/** Units are rounded up to whole pairs of vectors with weights of zero. */
function writeNetwork(kernel: Kernel, place: number, size: number, network: NetworkWeights): void {
  const { inputs, hidden, values } = network;
  assert(inputs === size && hidden <= at.HIDDEN_MAX, 'the network has another size');
  const { floats, integers } = kernel;
  const row = at.NETWORK_ROW_BYTES / 4;
  const table = (place + at.NETWORK_ROWS) / 4;
  const outputs = hidden * (inputs + 1);
  floats.fill(0, table, table + (inputs + 2) * row);
  for (let h = 0; h < hidden; h += 1) {
    for (let i = 0; i <= inputs; i += 1) floats[table + i * row + h] = values[h * (inputs + 1) + i]!;
    floats[table + (inputs + 1) * row + h] = values[outputs + 1 + h]!;
  }
  floats[(place + at.NETWORK_BIAS) / 4] = values[outputs]!;
  integers[place / 4] = Math.ceil(hidden / 8);
}

/** Appends `samples[from ... to)` to a state's input: at most one frame between two calls of `hops`. */
export function appendInput(
  { integers, shorts }: Kernel,
  state: number,
  samples: Int16Array,
  from: number,
  to: number,
): void {
  const fill = integers[(state + at.INPUT_FILL) / 4]!;
  assert(fill + to - from <= at.INPUT_SAMPLES, 'the input is full');
  const place = (state + at.INPUT) / 2 + fill;
  if (from === 0 && to === samples.length) shorts.set(samples, place);
  else for (let i = from; i < to; i += 1) shorts[place + i - from] = samples[i]!;
  integers[(state + at.INPUT_FILL) / 4] = fill + to - from;
}
