import { HOP_SAMPLES } from '../constants.ts';

/** Bytes of a single precision number, of a vector of four. */
const FLOAT = 4;
const VECTOR = 16;

/** Hops of tone sums and energies that are kept: 40 ms, the longest time that the evidence for a digit looks back. */
export const RING_HOPS = 20;

/** Autocorrelations per hop, padded to whole vectors, and hops of them that are kept. */
export const LAGS = 11;
export const LAG_STRIDE = 12;
export const LAG_HOPS = 16;

export const TONES = 8;

/** Hops of a fit's window, shortest and longest. */
export const FIT_HOPS_MIN = 2;
export const FIT_HOPS_MAX = 5;

/** Inputs of the gate's network, and vectors of four hidden units. */
export const GATE_FEATURES = 17;
export const GATE_HIDDEN_VECTORS = 5;

/** Windows described per hop: the innovation's 2 to 4 hops, the raw signal's 2 to 5. */
export const INNOVATION_WINDOWS = [2, 3, 4] as const;
export const RAW_WINDOWS = [2, 3, 4, 5] as const;

/** One hop of tone sums: eight cosine sums, eight sine sums. */
export const SUMS_BYTES = 2 * TONES * FLOAT;

/** Hands out consecutive memory. */
function allocator(start: number): (bytes: number) => number {
  let next = start;
  return (bytes) => {
    const at = next;
    next += Math.ceil(bytes / VECTOR) * VECTOR;
    return at;
  };
}

const take = allocator(0);

/** One call's state, in bytes from the start of memory: what has to survive between frames. */
export const STATE = {
  /** A hop of history, then the newest hop. */
  samples: take(2 * HOP_SAMPLES * FLOAT),
  /** Predictor 1, a1 ... a10. */
  coefficients: take(LAG_STRIDE * FLOAT),
  /** Variance per sample that the predictor leaves. */
  expected: take(FLOAT),
  lags: take(LAG_HOPS * LAG_STRIDE * FLOAT),
  rawSums: take(RING_HOPS * SUMS_BYTES),
  innovationSums: take(RING_HOPS * SUMS_BYTES),
  rawEnergy: take(RING_HOPS * FLOAT),
  innovationEnergy: take(RING_HOPS * FLOAT),
  innovationPeak: take(RING_HOPS * FLOAT),
} as const;

/** Floats of one call's state. */
export const STATE_FLOATS = take(0) / FLOAT;

/** What one hop leaves for the decisions; nothing of it is needed in the next hop. */
export const SCRATCH = {
  residual: take(HOP_SAMPLES * FLOAT),
  folded: take(HOP_SAMPLES * FLOAT),
  lagSums: take(LAG_STRIDE * FLOAT),
  /** Best pair energy per window: innovation 2, 3, 4 hops, raw 2, 3, 4, 5 hops. */
  best: take((INNOVATION_WINDOWS.length + RAW_WINDOWS.length) * FLOAT),
  /** Energies of all 16 pairs per window, same order. */
  pairs: take((INNOVATION_WINDOWS.length + RAW_WINDOWS.length) * 16 * FLOAT),
  /** Accumulated sums of the raw signal in its windows of 4 and 5 hops. */
  rawFour: take(SUMS_BYTES),
  rawFive: take(SUMS_BYTES),
  /** Inputs and result of the gate's network. */
  features: take(GATE_FEATURES * FLOAT),
  score: take(FLOAT),
} as const;

/** Constants, written once. */
export const TABLE = {
  /** Per distance from the hop's centre: cosines of the eight tones, sines of the eight tones. */
  folding: take((HOP_SAMPLES / 2) * 2 * TONES * FLOAT),
  /** Per hop of distance: rotation cosines and sines of the eight tones. */
  rotation: take(FIT_HOPS_MAX * 2 * TONES * FLOAT),
  /** Per window, row and coefficient: the inverse Gram matrices of the four columns. */
  /** The gate's network: a vector row for the bias, one per input, one for the output weights. */
  network: take((GATE_FEATURES + 2) * GATE_HIDDEN_VECTORS * VECTOR),
  gram: take((FIT_HOPS_MAX - FIT_HOPS_MIN + 1) * 4 * 10 * 4 * FLOAT),
} as const;

export const SCRATCH_END = TABLE.folding;

export function gramAt(hops: number, row: number, coefficient: number): number {
  return TABLE.gram + (((hops - FIT_HOPS_MIN) * 4 + row) * 10 + coefficient) * VECTOR;
}
