import { HOP_SAMPLES } from '../constants.ts';
import {
  gramAt,
  INNOVATION_WINDOWS,
  LAG_HOPS,
  LAG_STRIDE,
  LAGS,
  RAW_WINDOWS,
  RING_HOPS,
  SCRATCH,
  STATE,
  SUMS_BYTES,
  TABLE,
  TONES,
} from './layout.ts';
import {
  abs,
  absVector,
  add,
  addI32,
  addVectors,
  div,
  divVectors,
  f32,
  F32,
  get,
  I32,
  i32,
  isNegative,
  lane,
  less,
  loadSplat,
  loadVector,
  max,
  maxVectors,
  mul,
  mulVectors,
  neg,
  select,
  set,
  shuffle,
  store,
  storeVector,
  sub,
  subI32,
  subVectors,
  splat,
  V128,
} from './wasm-code.ts';
import type { Code, WasmFunction } from './wasm-code.ts';

/** Constants of the predictor's fit that the caller chooses. */
export interface FitConstants {
  /** Weight per hop, newest first, and how many hops before now the newest is. */
  readonly weights: readonly number[];
  readonly delayHops: number;
  readonly conditioning: number;
  readonly noiseFloor: number;
}

const VECTORS = HOP_SAMPLES / 4;
const NEWEST = STATE.samples + 4 * HOP_SAMPLES;

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const sumOf = (terms: readonly Code[], plus: (a: Code, b: Code) => Code): Code =>
  terms.reduce((a, b) => plus(a, b));

/** Sum of the four lanes of a local. */
const across = (local: number): Code =>
  sumOf(
    range(4).map((i) => lane(get(local), i)),
    add,
  );

/** Locals of `analyze`: parameters, byte offsets into the rings, vectors of the hop, accumulators, the predictor. */
const ANALYZE = {
  slot: 0,
  lagSlot: 1,
  sumsAt: 2,
  floatAt: 3,
  lagAt: 4,
  hop: [5, 6, 7, 8],
  sum: 9,
  tones: [10, 11, 12, 13],
};
const coefficient = (k: number): number => 13 + k;

/**
 * `analyze(slot, lagSlot)`: takes up the newest hop. Residual of the predictor, autocorrelations, and for the signal
 * and its residual the tone sums and energies go into the rings. Slots count hops. The hop becomes history.
 */
export function analyzeFunction(): WasmFunction {
  const scaled = (local: number, factor: number): Code => [...get(local), ...i32(factor), 0x6c];
  return {
    name: 'analyze',
    parameters: 2,
    locals: [I32, I32, I32, ...range(9 + LAGS - 1).map(() => V128)],
    body: [
      ...set(ANALYZE.sumsAt, scaled(ANALYZE.slot, SUMS_BYTES)),
      ...set(ANALYZE.floatAt, scaled(ANALYZE.slot, 4)),
      ...set(ANALYZE.lagAt, scaled(ANALYZE.lagSlot, 4 * LAG_STRIDE)),
      ...residualOfHop(),
      ...loadHop(NEWEST),
      ...autocorrelationOfHop(),
      ...energyOfHop(STATE.rawEnergy),
      ...toneSumsOfHop(STATE.rawSums),
      ...ANALYZE.hop.flatMap((local, v) => storeVector(STATE.samples + 16 * v, get(local))),
      ...loadHop(SCRATCH.residual),
      ...energyOfHop(STATE.innovationEnergy),
      ...peakOfHop(STATE.innovationPeak),
      ...toneSumsOfHop(STATE.innovationSums),
    ],
  };
}

function loadHop(from: number): Code {
  return ANALYZE.hop.flatMap((local, v) => set(local, loadVector(from + 16 * v)));
}

function residualOfHop(): Code {
  const predictor = range(LAGS - 1).map((i) => i + 1);
  return [
    ...predictor.flatMap((k) => set(coefficient(k), loadSplat(STATE.coefficients + 4 * k))),
    ...range(VECTORS).flatMap((v) => {
      const terms = predictor.map((k) =>
        mulVectors(get(coefficient(k)), loadVector(NEWEST + 16 * v - 4 * k)),
      );
      return storeVector(
        SCRATCH.residual + 16 * v,
        sumOf([loadVector(NEWEST + 16 * v), ...terms], addVectors),
      );
    }),
  ];
}

function autocorrelationOfHop(): Code {
  return range(LAGS).flatMap((lag) => {
    const products = ANALYZE.hop.map((local, v) =>
      mulVectors(get(local), loadVector(NEWEST + 16 * v - 4 * lag)),
    );
    return [
      ...set(ANALYZE.sum, sumOf(products, addVectors)),
      ...store(STATE.lags + 4 * lag, across(ANALYZE.sum), get(ANALYZE.lagAt)),
    ];
  });
}

const squaresOfHop = (): Code[] => ANALYZE.hop.map((local) => mulVectors(get(local), get(local)));

function energyOfHop(to: number): Code {
  return [
    ...set(ANALYZE.sum, sumOf(squaresOfHop(), addVectors)),
    ...store(to, across(ANALYZE.sum), get(ANALYZE.floatAt)),
  ];
}

function peakOfHop(to: number): Code {
  const highest = sumOf(
    range(4).map((i) => lane(get(ANALYZE.sum), i)),
    max,
  );
  return [
    ...set(ANALYZE.sum, sumOf(squaresOfHop(), maxVectors)),
    ...store(to, highest, get(ANALYZE.floatAt)),
  ];
}

/** Cosines are even and sines odd about the hop's centre: folding the hop there halves the products. */
function toneSumsOfHop(to: number): Code {
  const { hop, tones, sumsAt } = ANALYZE;
  const reversed = (v: number): Code => shuffle(get(hop[3 - v]!), [3, 2, 1, 0]);
  const product = (part: number, i: number): Code =>
    mulVectors(
      loadSplat(SCRATCH.folded + (part < 2 ? 0 : 32) + 4 * i),
      loadVector(TABLE.folding + 64 * i + 16 * part),
    );
  return [
    ...range(2).flatMap((v) => [
      ...storeVector(SCRATCH.folded + 16 * v, addVectors(reversed(v), get(hop[v]!))),
      ...storeVector(SCRATCH.folded + 32 + 16 * v, subVectors(reversed(v), get(hop[v]!))),
    ]),
    ...tones.flatMap((local, part) => {
      const products = range(HOP_SAMPLES / 2).map((i) => product(part, i));
      return set(local, sumOf(products, addVectors));
    }),
    ...tones.flatMap((local, part) => storeVector(to + 16 * part, get(local), get(sumsAt))),
  ];
}

/** `fit(lagSlot)`: weighs the autocorrelations of past hops and solves for the predictor (Levinson and Durbin). */
export function fitFunction({ weights, delayHops, conditioning, noiseFloor }: FitConstants): WasmFunction {
  const at = 1;
  const vectors = [2, 3, 4];
  const a = (i: number): number => 4 + i;
  const r = (i: number): number => 15 + i;
  const next = (i: number): number => 26 + i;
  const [error, reflection] = [37, 38];
  const scale = 1 / (weights.reduce((x, y) => x + y, 0) * HOP_SAMPLES);
  const bytes = 4 * LAG_STRIDE;

  const weighed = weights.flatMap((weight, w) => {
    const back = (delayHops + w) * bytes;
    const wrapped = select(addI32(get(at), i32(LAG_HOPS * bytes)), get(at), isNegative(get(at)));
    return [
      ...set(at, subI32([...get(0), ...i32(bytes), 0x6c], i32(back))),
      ...set(at, wrapped),
      ...vectors.flatMap((local, v) => {
        const term = mulVectors(splat(f32(weight * scale)), loadVector(STATE.lags + 16 * v, get(at)));
        return set(local, w === 0 ? term : addVectors(get(local), term));
      }),
    ];
  });
  const lags = range(LAGS).flatMap((i) => {
    const value = lane(get(vectors[i >> 2]!), i & 3);
    return set(r(i), i === 0 ? add(mul(value, f32(conditioning)), f32(noiseFloor)) : value);
  });
  const order = (i: number): Code => {
    const inner = range(i - 1).map((j) => mul(get(a(j + 1)), get(r(i - 1 - j))));
    return [
      ...set(reflection, neg(div(sumOf([get(r(i)), ...inner], add), get(error)))),
      // The sums of a fading signal need not be positive definite: an unstable order is left out.
      ...set(reflection, select(get(reflection), f32(0), less(abs(get(reflection)), f32(0.9999)))),
      ...range(i - 1).flatMap((j) =>
        set(next(j + 1), add(get(a(j + 1)), mul(get(reflection), get(a(i - 1 - j))))),
      ),
      ...range(i - 1).flatMap((j) => set(a(j + 1), get(next(j + 1)))),
      ...set(a(i), get(reflection)),
      ...set(error, mul(get(error), sub(f32(1), mul(get(reflection), get(reflection))))),
    ];
  };
  return {
    name: 'fit',
    parameters: 1,
    locals: [I32, V128, V128, V128, ...range(34).map(() => F32)],
    body: [
      ...weighed,
      ...lags,
      ...set(error, get(r(0))),
      ...range(LAGS - 1).flatMap((i) => order(i + 1)),
      ...range(LAGS - 1).flatMap((i) => store(STATE.coefficients + 4 * (i + 1), get(a(i + 1)))),
      ...store(STATE.expected, max(get(error), f32(noiseFloor))),
    ],
  };
}

/** Locals of `describe`: the slot, a byte offset, accumulated sums, an older hop's sums, and those of one fit. */
const DESCRIBE = {
  slot: 0,
  at: 1,
  sums: [2, 3, 4, 5],
  older: [6, 7, 8, 9],
  a: 10,
  b: 11,
  energy: 12,
  best: 13,
};

/** `describe(slot)`: fits all 16 pairs to the windows that end with the hop in `slot`. */
export function describeFunction(): WasmFunction {
  const keep = (to: number): Code =>
    DESCRIBE.sums.flatMap((local, part) => storeVector(to + 16 * part, get(local)));
  const windows = (ring: number, list: readonly number[], first: number): Code =>
    list.flatMap((hops, i) => [
      ...(i === 0 ? openWindow(ring) : []),
      ...extendWindow(ring, hops - 1),
      ...fitWindow(first + i, hops),
      ...(ring === STATE.rawSums && hops === 4 ? keep(SCRATCH.rawFour) : []),
      ...(ring === STATE.rawSums && hops === 5 ? keep(SCRATCH.rawFive) : []),
    ]);
  return {
    name: 'describe',
    parameters: 1,
    locals: [I32, ...range(12).map(() => V128)],
    body: [
      ...windows(STATE.innovationSums, INNOVATION_WINDOWS, 0),
      ...windows(STATE.rawSums, RAW_WINDOWS, INNOVATION_WINDOWS.length),
    ],
  };
}

function openWindow(ring: number): Code {
  const { slot, at, sums } = DESCRIBE;
  return [
    ...set(at, [...get(slot), ...i32(SUMS_BYTES), 0x6c]),
    ...sums.flatMap((local, part) => set(local, loadVector(ring + 16 * part, get(at)))),
  ];
}

/** Adds the hop before the window, turned to the phase of the newest, which is `distance` hops later. */
function extendWindow(ring: number, distance: number): Code {
  const { at, sums, older } = DESCRIBE;
  return [
    ...set(at, subI32(get(at), i32(SUMS_BYTES))),
    ...set(at, select(addI32(get(at), i32(RING_HOPS * SUMS_BYTES)), get(at), isNegative(get(at)))),
    ...older.flatMap((local, part) => set(local, loadVector(ring + 16 * part, get(at)))),
    ...range(2).flatMap((half) => {
      const turn = TABLE.rotation + distance * 2 * TONES * 4 + 16 * half;
      const [c, s] = [get(older[half]!), get(older[half + 2]!)];
      const [rc, rs] = [loadVector(turn), loadVector(turn + 4 * TONES)];
      const [cosine, sine] = [sums[half]!, sums[half + 2]!];
      return [
        ...set(cosine, addVectors(get(cosine), addVectors(mulVectors(c, rc), mulVectors(s, rs)))),
        ...set(sine, addVectors(get(sine), subVectors(mulVectors(s, rc), mulVectors(c, rs)))),
      ];
    }),
  ];
}

/** Energies of all pairs, four columns at a time, and the best of them. */
function fitWindow(window: number, hops: number): Code {
  const { sums, a, b, energy, best } = DESCRIBE;
  const [cosRows, c, sinRows, d] = sums.map((local) => get(local)) as [Code, Code, Code, Code];
  const highest = sumOf(
    range(4).map((i) => lane(get(best), i)),
    max,
  );
  return [
    ...range(4).flatMap((row) => {
      const q = (i: number): Code => loadVector(gramAt(hops, row, i));
      const dot = (first: number, values: readonly Code[]): Code =>
        sumOf(
          values.map((value, i) => mulVectors(q(first + i), value)),
          addVectors,
        );
      const terms = [
        mulVectors(get(a), dot(0, [get(a), get(b), c, d])),
        mulVectors(get(b), dot(4, [get(b), c, d])),
        mulVectors(c, dot(7, [c, d])),
        mulVectors(mulVectors(d, d), q(9)),
      ];
      return [
        ...set(a, splat(lane(cosRows, row))),
        ...set(b, splat(lane(sinRows, row))),
        ...set(energy, sumOf(terms, addVectors)),
        ...storeVector(SCRATCH.pairs + 64 * window + 16 * row, get(energy)),
        ...set(best, row === 0 ? get(energy) : maxVectors(get(best), get(energy))),
      ];
    }),
    ...store(SCRATCH.best + 4 * window, highest),
  ];
}

/**
 * `score()`: the gate's network on the features, five vectors of hidden units at a time. Weights lie input by input,
 * the bias first.
 */
export function scoreFunction(inputs: number, vectors: number): WasmFunction {
  const hidden = range(vectors);
  const row = (i: number, v: number): Code => loadVector(TABLE.network + 16 * (i * vectors + v));
  const output = (v: number): Code =>
    mulVectors(row(inputs + 1, v), divVectors(get(v), addVectors(absVector(get(v)), splat(f32(1)))));
  return {
    name: 'score',
    parameters: 0,
    locals: hidden.map(() => V128),
    body: [
      ...hidden.flatMap((v) => {
        const terms = range(inputs).map((i) =>
          mulVectors(loadSplat(SCRATCH.features + 4 * i), row(i + 1, v)),
        );
        return set(v, sumOf([row(0, v), ...terms], addVectors));
      }),
      ...set(
        0,
        sumOf(
          hidden.map((v) => output(v)),
          addVectors,
        ),
      ),
      ...store(SCRATCH.score, across(0)),
    ],
  };
}
