import { HOP_SAMPLES } from '../constants.ts';
import { inverseGrams, radiansPerSample } from '../pair-fit.ts';
import { analyzeFunction, describeFunction, fitFunction, scoreFunction } from './functions.ts';
import type { FitConstants } from './functions.ts';
import {
  FIT_HOPS_MAX,
  FIT_HOPS_MIN,
  GATE_FEATURES,
  GATE_HIDDEN_VECTORS,
  gramAt,
  SCRATCH,
  SCRATCH_END,
  STATE_FLOATS,
  TABLE,
  TONES,
} from './layout.ts';
import { assert } from '../../core/assert.ts';
import type { NetworkWeights } from '../network.ts';
import { GATE_NETWORK } from '../weights.ts';
import { moduleOf } from './wasm-code.ts';

/** The part of WebAssembly that is used; TypeScript declares it for browsers only. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** Order-dependent constants of the predictor's fit, see `hop-analyzer.ts` for what they mean to the gate. */
export const PREDICTOR_FIT: FitConstants = {
  // 24 ms with a rounded taper against the edges of the window, ending 6 ms ago: a tone's onset shall not train its
  // own whitener.
  weights: [0.15, 0.45, 0.72, 0.9, 1, 1, 1, 1, 0.9, 0.72, 0.45, 0.15],
  delayHops: 3,
  // 35 dB below the signal: bounds how deep the whitener notches a steady vowel.
  conditioning: 1.0003,
  // Squared 16 bit units per sample: a quiet line must not make the filter ring.
  noiseFloor: 4,
};

/** The exported functions; slots count hops in their rings. */
export interface Kernel {
  analyze(slot: number, lagSlot: number): void;
  fit(lagSlot: number): void;
  describe(slot: number): void;
  score(): void;
  /** All of memory as single precision numbers: one call's state first. */
  readonly memory: Float32Array;
}

/**
 * The arithmetic of the gate as WebAssembly with 128 bit vectors, four times as fast as scalar JavaScript. One
 * instance serves all calls of the process: a call's state is copied in before its frame and out after it (4 KB).
 */
export const kernel: Kernel = instantiate();

/** All of the kernel's memory as single precision numbers: one call's state first. */
export const memory: Float32Array = kernel.memory;

const gateBias = new Float64Array(1);
loadGateNetwork(GATE_NETWORK);

const stateView = kernel.memory.subarray(0, STATE_FLOATS);

/** Copies a call's state in. */
export function enter(state: Float32Array): void {
  kernel.memory.set(state);
}

/** Copies a call's state out. */
export function leave(state: Float32Array): void {
  state.set(stateView);
}

/** Leaves nothing of any call in the shared memory. */
export function wipeKernel(): void {
  kernel.memory.fill(0, 0, SCRATCH_END / 4);
}

/** Writes the gate's score of the features of the hop that was described last; a returned number might be boxed. */
export function gateScoreInto(out: Float64Array, at: number): void {
  kernel.score();
  out[at] = memory[SCRATCH.score / 4]! + gateBias[0]!;
}

/** Replaces the gate's network, for the trainer; the committed one is loaded at the start. */
export function loadGateNetwork({ inputs, hidden, values }: NetworkWeights): void {
  const units = 4 * GATE_HIDDEN_VECTORS;
  assert(inputs === GATE_FEATURES && hidden <= units, 'the gate network has another size');
  const table = TABLE.network / 4;
  const outputs = hidden * (inputs + 1);
  kernel.memory.fill(0, table, table + (inputs + 2) * units);
  for (let h = 0; h < hidden; h += 1) {
    for (let i = 0; i <= inputs; i += 1) kernel.memory[table + i * units + h] = values[h * (inputs + 1) + i]!;
    kernel.memory[table + (inputs + 1) * units + h] = values[outputs + 1 + h]!;
  }
  gateBias[0] = values[outputs]!;
}

function instantiate(): Kernel {
  const code = moduleOf([
    analyzeFunction(),
    fitFunction(PREDICTOR_FIT),
    describeFunction(),
    scoreFunction(GATE_FEATURES, GATE_HIDDEN_VECTORS),
  ]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code));
  const { memory, analyze, fit, describe, score } = exports as Omit<Kernel, 'memory'> & {
    readonly memory: { readonly buffer: ArrayBuffer };
  };
  const floats = new Float32Array(memory.buffer);
  writeTables(floats);
  return { analyze, fit, describe, score, memory: floats };
}

function writeTables(memory: Float32Array): void {
  for (let tone = 0; tone < TONES; tone += 1) {
    const radians = radiansPerSample(tone);
    for (let i = 0; i < HOP_SAMPLES / 2; i += 1) {
      const angle = radians * (HOP_SAMPLES / 2 - 0.5 - i);
      memory[TABLE.folding / 4 + i * 2 * TONES + tone] = Math.cos(angle);
      memory[TABLE.folding / 4 + (i * 2 + 1) * TONES + tone] = Math.sin(angle);
    }
    for (let hops = 0; hops < FIT_HOPS_MAX; hops += 1) {
      const angle = radians * HOP_SAMPLES * hops;
      memory[TABLE.rotation / 4 + hops * 2 * TONES + tone] = Math.cos(angle);
      memory[TABLE.rotation / 4 + (hops * 2 + 1) * TONES + tone] = Math.sin(angle);
    }
  }
  for (let hops = FIT_HOPS_MIN; hops <= FIT_HOPS_MAX; hops += 1) {
    const packed = inverseGrams(hops);
    for (let key = 0; key < 16; key += 1) {
      for (let i = 0; i < 10; i += 1)
        memory[gramAt(hops, key >> 2, i) / 4 + (key & 3)] = packed[key * 10 + i]!;
    }
  }
}
