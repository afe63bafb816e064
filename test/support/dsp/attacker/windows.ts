import { powerSpectrum } from '../fourier.ts';
import { COLUMNS_HZ, ROWS_HZ } from '../key-tones.ts';
import type { AttackScene } from './attack-scene.ts';
import { dot, factorize, orthonormal, solve } from './linear-algebra.ts';

type Window = readonly [anchor: 'onset' | 'end', fromMs: number, toMs: number, areProductsHeard?: boolean];

/**
 * Windows in ms: before and after the onset, before and after the end, since codecs and echoes smear to where no tone
 * was. In three of them, where the mask sounds, the products of two tones are looked for too.
 */
const WINDOWS: readonly Window[] = [
  ['onset', -20, 0],
  ['onset', -10, 0],
  ['onset', -5, 0],
  ['onset', 0, 3],
  ['onset', 0, 5],
  ['onset', 0, 10],
  ['onset', 0, 20],
  ['onset', 20, 40, true],
  ['end', -20, 0, true],
  ['end', -10, 0],
  ['end', -5, 0],
  ['end', 0, 5],
  ['end', 0, 10],
  ['end', 0, 20],
  ['end', 20, 40, true],
  ['end', 40, 80],
  ['end', 60, 120],
];

const TONES_HZ = [...ROWS_HZ, ...COLUMNS_HZ];

/** Energy below which a window holds nothing, in squared 16 bit units. */
const NOTHING = 10;

/** Where the sines and cosines of each key's two tones stand among those of all tones. */
const COLUMNS_OF: readonly (readonly number[])[] = Array.from({ length: 16 }, (_, key) => {
  const [row, column] = [2 * (key >> 2), 8 + 2 * (key & 3)];
  return [row, row + 1, column, column + 1];
});

/** What one window says of every press. */
export interface WindowReading {
  readonly name: string;
  /** Per press, log-likelihood of each key with the power of the background unknown. */
  readonly likelihoods: readonly Float64Array[];
  /** Per press, energies in logarithm, of the tones also as shares. */
  readonly energies: readonly number[][];
}

/** Listens through every window for tones, their products and pairs, deaf to the mask tone and to direct current. */
export function readWindows(scene: AttackScene): WindowReading[] {
  const maskHz = strongestLine(scene);
  return WINDOWS.map(([anchor, fromMs, toMs, areProductsHeard = false]) => {
    const length = scene.ms(toMs - fromMs);
    const listener = new WindowListener(length, scene.attack.rateHz, maskHz, areProductsHeard);
    const likelihoods: Float64Array[] = [];
    const energies: number[][] = [];
    const { presses } = scene.attack;
    for (const [i, press] of presses.entries()) {
      const start = press[anchor] + scene.ms(fromMs);
      const next = presses[i + 1]?.onset ?? scene.heard.length;
      const limit = anchor === 'end' && fromMs >= 0 ? next - scene.ms(1) : scene.heard.length;
      const window = new Float64Array(length);
      window.set(scene.heard.subarray(Math.max(0, start), Math.max(0, Math.min(limit, start + length))));
      const heard = listener.hear(window);
      likelihoods.push(heard.likelihoods);
      energies.push(heard.energies);
    }
    return { name: `${anchor} ${fromMs} to ${toMs} ms`, likelihoods, energies };
  });
}

class WindowListener {
  readonly #deafTo: readonly Float64Array[];
  /** Orthonormal sine and cosine per tone and product, then those of the tones as they are for the pairs. */
  readonly #templates: TemplateBank;
  readonly #lines: number;
  /** Per key, the factorised Gram matrix of its two tones. */
  readonly #grams: readonly Float64Array[];
  readonly #match = new Float64Array(4);
  readonly #solution = new Float64Array(4);

  constructor(length: number, rateHz: number, maskHz: number, areProductsHeard: boolean) {
    const wave = (hz: number): Float64Array[] =>
      [Math.sin, Math.cos].map((of) =>
        Float64Array.from({ length }, (_, n) => of((2 * Math.PI * hz * n) / rateHz)),
      );
    this.#deafTo = orthonormal([
      new Float64Array(length).fill(1),
      ...(maskHz > 50 && length * 200 >= rateHz ? wave(maskHz) : []),
    ]);
    const heard = [...TONES_HZ, ...(areProductsHeard ? products(rateHz) : [])];
    const lines = heard.flatMap((hz) => orthonormal(wave(hz), this.#deafTo));
    const tones = TONES_HZ.flatMap(wave).map((column) => without(column, this.#deafTo));
    this.#lines = heard.length;
    this.#templates = new TemplateBank([...lines, ...tones]);
    this.#grams = COLUMNS_OF.map((columns) => {
      const pair = columns.map((at) => tones[at]!);
      const gram = Float64Array.from({ length: 16 }, (_, at) => dot(pair[at >> 2]!, pair[at & 3]!));
      for (let i = 0; i < 4; i += 1) gram[5 * i]! += 1e-9 * length;
      factorize(gram, 4);
      return gram;
    });
  }

  hear(window: Float64Array): { likelihoods: Float64Array; energies: number[] } {
    const rest = without(window, this.#deafTo);
    const matches = this.#templates.matches(rest);
    const total = dot(rest, rest) + 1;
    const energies = [Math.log(total)];
    for (let i = 0; i < this.#lines; i += 1) {
      const energy = matches[2 * i]! ** 2 + matches[2 * i + 1]! ** 2;
      energies.push(Math.log(energy + 1));
      if (i < TONES_HZ.length) energies.push(energy / total);
    }
    const tones = 2 * this.#lines;
    const likelihoods = Float64Array.from(this.#grams, (gram, key) => {
      const [match, solution] = [this.#match, this.#solution];
      for (const [i, at] of COLUMNS_OF[key]!.entries()) match[i] = matches[tones + at]!;
      solution.set(match);
      solve(gram, 4, solution);
      const share = Math.min(0.9999, Math.max(0, dot(match, solution) / total));
      return total < NOTHING ? 0 : -0.5 * (rest.length - 4) * Math.log(1 - share);
    });
    return { likelihoods, energies };
  }
}

/** Correlates with many templates at once, four per pass, since this is where the attacker's time goes. */
class TemplateBank {
  readonly #length: number;
  readonly #rows: Float64Array;
  readonly #count: number;

  constructor(templates: readonly Float64Array[]) {
    this.#length = templates[0]!.length;
    this.#count = templates.length;
    this.#rows = new Float64Array(Math.ceil(templates.length / 4) * 4 * this.#length);
    for (const [i, template] of templates.entries()) this.#rows.set(template, i * this.#length);
  }

  matches(samples: Float64Array): Float64Array {
    const [rows, length] = [this.#rows, this.#length];
    const out = new Float64Array(Math.ceil(this.#count / 4) * 4);
    for (let i = 0; i < this.#count; i += 4) {
      const first = i * length;
      let a = 0;
      let b = 0;
      let c = 0;
      let d = 0;
      for (let n = 0; n < length; n += 1) {
        const sample = samples[n]!;
        const at = first + n;
        a += rows[at]! * sample;
        b += rows[at + length]! * sample;
        c += rows[at + 2 * length]! * sample;
        d += rows[at + 3 * length]! * sample;
      }
      out[i] = a;
      out[i + 1] = b;
      out[i + 2] = c;
      out[i + 3] = d;
    }
    return out;
  }
}

/** Differences, sums and second harmonics: what a mask that is not linear would make of the tones. */
function products(rateHz: number): number[] {
  const limit = rateHz / 2 - 100;
  const differences = new Set(ROWS_HZ.flatMap((row) => COLUMNS_HZ.map((column) => column - row)));
  const sums = ROWS_HZ.flatMap((row) => COLUMNS_HZ.map((column) => column + row));
  const harmonics = TONES_HZ.map((hz) => 2 * hz);
  return [...differences, ...harmonics, ...sums].filter((hz) => hz < limit);
}

function without(samples: Float64Array, basis: readonly Float64Array[]): Float64Array {
  const rest = Float64Array.from(samples);
  for (const vector of basis) {
    const share = dot(vector, rest);
    for (let n = 0; n < rest.length; n += 1) rest[n]! -= share * vector[n]!;
  }
  return rest;
}

/** Frequency of what the presses have in common, the mask tone; from 40 ms of each of a hundred. */
function strongestLine({ attack, heard }: AttackScene): number {
  const length = Math.round(0.04 * attack.rateHz);
  const sum = new Float64Array(4097);
  for (const { onset } of attack.presses.slice(0, 100)) {
    const frame = new Float64Array(8192);
    for (let n = 0; n < length; n += 1)
      frame[n] = (heard[onset + n] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / (length - 1)));
    for (const [bin, power] of powerSpectrum(frame).entries()) sum[bin]! += power;
  }
  return (sum.indexOf(Math.max(...sum)) * attack.rateHz) / 8192;
}
