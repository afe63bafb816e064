import { HOP_SAMPLES } from './constants.ts';
import { FIT_HOPS_MAX, pairAmplitudesInto, pairEnergy, radiansPerSample } from './pair-fit.ts';

const TONES = 8;
const HALF = HOP_SAMPLES / 2;

/** Hops kept: 40 ms, the longest time that a confirmation looks back. */
const RING = 20;

/** Noise of 16 bit rounding per sample, so that digital silence fits nothing. */
const ROUNDING_NOISE = 0.25;

/** Cosine and sine of each tone at the distances 0.5, 1.5, ... 7.5 samples from a hop's centre. */
const COSINES = table((tone, i) => Math.cos(radiansPerSample(tone) * (HALF - 0.5 - i)));
const SINES = table((tone, i) => Math.sin(radiansPerSample(tone) * (HALF - 0.5 - i)));

/** Rotation of each tone over 0, 1, ... hops: brings an older hop's sums to the phase of the newest. */
const ROTATION_COSINES = rotations(Math.cos);
const ROTATION_SINES = rotations(Math.sin);

/**
 * Correlation sums of one signal with the eight tones, per hop, and least-squares fits of tone pairs to windows of
 * whole hops. Work flows one way: `push` a hop, `accumulate` growing windows, read the fit.
 */
export class ToneBank {
  /** The pair (4 * row + column) that fits the accumulated window best. */
  bestKey = 0;
  /** Energy that this pair explains, and the window's whole energy, in squared 16 bit units. */
  pairEnergy = 0;
  windowEnergy = 0;
  /** Peak amplitudes of the two tones of the last `fitKey`: [cos row, sin row, cos column, sin column]. */
  readonly amplitudes = new Float64Array(4);

  readonly #cosineRing = new Float64Array(RING * TONES);
  readonly #sineRing = new Float64Array(RING * TONES);
  readonly #energyRing = new Float64Array(RING);
  readonly #peakRing = new Float64Array(RING);
  readonly #cosine = new Float64Array(TONES);
  readonly #sine = new Float64Array(TONES);
  readonly #even = new Float64Array(HALF);
  readonly #odd = new Float64Array(HALF);
  #newest = 0;
  #lag = 0;
  #hops = 0;

  /** Takes up the hop at `samples[at ...]`. */
  push(samples: Float64Array, at: number): void {
    this.#newest = this.#newest + 1 === RING ? 0 : this.#newest + 1;
    const even = this.#even;
    const odd = this.#odd;
    let energy = 0;
    let peak = 0;
    for (let i = 0; i < HALF; i += 1) {
      const early = samples[at + i]!;
      const late = samples[at + HOP_SAMPLES - 1 - i]!;
      even[i] = late + early;
      odd[i] = late - early;
      const a = early * early;
      const b = late * late;
      energy += a + b;
      if (a > peak) peak = a;
      if (b > peak) peak = b;
    }
    this.#energyRing[this.#newest] = energy;
    this.#peakRing[this.#newest] = peak;
    const base = this.#newest * TONES;
    for (let tone = 0; tone < TONES; tone += 1) {
      const t = tone * HALF;
      let c = 0;
      let s = 0;
      for (let i = 0; i < HALF; i += 1) {
        c += even[i]! * COSINES[t + i]!;
        s += odd[i]! * SINES[t + i]!;
      }
      this.#cosineRing[base + tone] = c;
      this.#sineRing[base + tone] = s;
    }
  }

  /** Energy of the hop `lag` hops before the newest. */
  hopEnergy(lag: number): number {
    return this.#energyRing[this.#index(lag)]!;
  }

  /** Largest squared sample of the hop `lag` hops before the newest. */
  hopPeak(lag: number): number {
    return this.#peakRing[this.#index(lag)]!;
  }

  /** Opens a window that ends `lag` hops before the newest hop, with one hop in it. */
  open(lag: number): void {
    const at = this.#index(lag);
    const base = at * TONES;
    for (let tone = 0; tone < TONES; tone += 1) {
      this.#cosine[tone] = this.#cosineRing[base + tone]!;
      this.#sine[tone] = this.#sineRing[base + tone]!;
    }
    this.windowEnergy = this.#energyRing[at]!;
    this.#lag = lag;
    this.#hops = 1;
  }

  /** Lengthens the open window into the past, up to `hops` hops. */
  extend(hops: number): void {
    const cosine = this.#cosine;
    const sine = this.#sine;
    while (this.#hops < hops) {
      const at = this.#index(this.#lag + this.#hops);
      const base = at * TONES;
      const turn = this.#hops * TONES;
      for (let tone = 0; tone < TONES; tone += 1) {
        const c = this.#cosineRing[base + tone]!;
        const s = this.#sineRing[base + tone]!;
        const rc = ROTATION_COSINES[turn + tone]!;
        const rs = ROTATION_SINES[turn + tone]!;
        cosine[tone]! += c * rc + s * rs;
        sine[tone]! += s * rc - c * rs;
      }
      this.windowEnergy += this.#energyRing[at]!;
      this.#hops += 1;
    }
  }

  /** Fits the open window with the best pair among the two strongest rows and columns; returns the explained share. */
  fitBest(): number {
    const cosine = this.#cosine;
    const sine = this.#sine;
    const rows = strongestTwo(cosine, sine, 0);
    const columns = strongestTwo(cosine, sine, 4);
    let best = -1;
    for (let i = 0; i < 4; i += 1) {
      const row = i < 2 ? rows >> 2 : rows & 3;
      const column = i & 1 ? columns >> 2 : columns & 3;
      const energy = pairEnergy(this.#hops, 4 * row + column, cosine, sine);
      if (energy > best) {
        best = energy;
        this.bestKey = 4 * row + column;
      }
    }
    this.pairEnergy = best;
    return this.#share(best);
  }

  /** Fits the open window with one pair, fills `amplitudes`, and returns the explained share of the energy. */
  fitKey(key: number): number {
    this.pairEnergy = pairEnergy(this.#hops, key, this.#cosine, this.#sine);
    pairAmplitudesInto(this.amplitudes, this.#hops, key, this.#cosine, this.#sine);
    return this.#share(this.pairEnergy);
  }

  /** Energy of one tone in the open window by itself, as if no other were there. */
  toneEnergy(tone: number): number {
    const c = this.#cosine[tone]!;
    const s = this.#sine[tone]!;
    return (2 * (c * c + s * s)) / (this.#hops * HOP_SAMPLES);
  }

  wipe(): void {
    this.#cosineRing.fill(0);
    this.#sineRing.fill(0);
    this.#energyRing.fill(0);
    this.#peakRing.fill(0);
    this.#cosine.fill(0);
    this.#sine.fill(0);
    this.#even.fill(0);
    this.#odd.fill(0);
    this.amplitudes.fill(0);
    this.pairEnergy = 0;
    this.windowEnergy = 0;
  }

  #share(energy: number): number {
    return energy / (this.windowEnergy + ROUNDING_NOISE * this.#hops * HOP_SAMPLES);
  }

  #index(lag: number): number {
    const at = this.#newest - lag;
    return at < 0 ? at + RING : at;
  }
}

/** Indices of the strongest and second strongest of four tones from `first` on, packed as 4 * second + strongest. */
function strongestTwo(cosine: Float64Array, sine: Float64Array, first: number): number {
  let top = -1;
  let topAt = 0;
  let second = -1;
  let secondAt = 0;
  for (let i = 0; i < 4; i += 1) {
    const c = cosine[first + i]!;
    const s = sine[first + i]!;
    const power = c * c + s * s;
    if (power > top) {
      second = top;
      secondAt = topAt;
      top = power;
      topAt = i;
    } else if (power > second) {
      second = power;
      secondAt = i;
    }
  }
  return 4 * secondAt + topAt;
}

function table(value: (tone: number, i: number) => number): Float64Array {
  return Float64Array.from({ length: TONES * HALF }, (_, k) => value(Math.floor(k / HALF), k % HALF));
}

function rotations(of: (angle: number) => number): Float64Array {
  const hops = Math.max(FIT_HOPS_MAX, 2);
  return Float64Array.from({ length: hops * TONES }, (_, k) =>
    of(radiansPerSample(k % TONES) * HOP_SAMPLES * Math.floor(k / TONES)),
  );
}
