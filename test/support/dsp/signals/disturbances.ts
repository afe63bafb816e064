import { normal } from '../attacker/statistics.ts';
import { background } from '../held-out.ts';
import { peakOf, toInt16 } from '../key-tones.ts';
import { resampled } from '../resampled.ts';

/** What lines, networks and rooms do to a sequence of presses. Each returns a new signal. */

/** Power of a pair with the given level per tone. */
function pairPower(dbm0: number): number {
  return peakOf(dbm0) ** 2;
}

function scaledTo(signal: Float64Array, power: number): Float64Array {
  const own = signal.reduce((sum, value) => sum + value * value, 0) / signal.length;
  const gain = Math.sqrt(power / own);
  return signal.map((value) => gain * value);
}

function sum(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, n) => value + b[n]!);
}

/** White noise of the telephone band, so many dB below a pair. */
export function withBandNoise(
  signal: Float64Array,
  dbm0: number,
  snrDb: number,
  rateHz: number,
  random: () => number,
): Float64Array {
  const noise = telephoneBand(
    Float64Array.from(signal, () => normal(random)),
    rateHz,
  );
  return sum(signal, scaledTo(noise, pairPower(dbm0) * 10 ** (-snrDb / 10)));
}

/** Speech or music without pauses, so many dB below a pair. */
export function withBackground(
  signal: Float64Array,
  kind: 'speech' | 'music',
  ratioDb: number,
  rateHz: number,
  random: () => number,
  dbm0 = -10,
): Float64Array {
  const pool = background(kind, rateHz);
  const start = Math.floor(random() * pool.length);
  const piece = Float64Array.from(signal, (_, n) => pool[(start + n) % pool.length]!);
  return sum(signal, scaledTo(piece, pairPower(dbm0) * 10 ** (-ratioDb / 10)));
}

/** Sines over the whole signal, given as frequency and level. */
export function withSines(
  signal: Float64Array,
  sines: readonly (readonly [hz: number, dbm0: number])[],
  rateHz: number,
): Float64Array {
  return signal.map((value, n) =>
    sines.reduce(
      (total, [hz, dbm0]) => total + peakOf(dbm0) * Math.sin((2 * Math.PI * hz * n) / rateHz),
      value,
    ),
  );
}

export function withEcho(signal: Float64Array, delaySamples: number, lossDb: number): Float64Array {
  const gain = 10 ** (-lossDb / 20);
  return signal.map((value, n) => value + (n < delaySamples ? 0 : gain * signal[n - delaySamples]!));
}

/** The diffuse tail of a room: 150 ms to -60 dB, 10 dB below the direct sound, as a speakerphone hears it. */
export function withRoom(signal: Float64Array, rateHz: number, random: () => number): Float64Array {
  const length = 0.15 * rateHz;
  const tail = Float64Array.from({ length }, (_, n) => normal(random) * Math.exp((-6.9 * n) / length));
  const energy = tail.reduce((total, value) => total + value * value, 0);
  const response = tail.map((value) => value * Math.sqrt(0.1 / energy));
  response[0]! += 1;
  return signal.map((_, n) => {
    let value = 0;
    for (let k = 0; k < length && k <= n; k += 1) value += response[k]! * signal[n - k]!;
    return value;
  });
}

/** Frames of 20 ms that were lost, with zeros or a repetition in their place. */
export function withLoss(
  signal: Float64Array,
  share: number,
  mode: 'zero' | 'repeat',
  rateHz: number,
  random: () => number,
): Float64Array {
  const out = Float64Array.from(signal);
  const frame = rateHz / 50;
  for (let at = 0; at + frame <= out.length; at += frame) {
    if (random() >= share) continue;
    for (let n = at; n < at + frame; n += 1)
      out[n] = mode === 'zero' || n < frame ? 0 : 0.9 * out[n - frame]!;
  }
  return out;
}

/** One millisecond is missing in the middle of every press. */
export function withSlips(
  signal: Float64Array,
  presses: readonly { onset: number; end: number }[],
  rateHz: number,
): Float64Array {
  const out = Float64Array.from(signal);
  const slip = rateHz / 1000;
  for (const { onset, end } of presses) {
    const middle = Math.floor((onset + end) / 2);
    out.set(signal.subarray(middle + slip, end), middle);
  }
  return out;
}

/** Up and down again, by 2 and by 6, rounded each time. */
export function resampledTwice(signal: Float64Array, rateHz: number): Float64Array {
  let out = signal;
  for (const factor of [2, 6]) {
    const up = toInt16(resampled(out, rateHz, factor * rateHz));
    out = Float64Array.from(resampled(up, factor * rateHz, rateHz));
  }
  return out;
}

/** Quality factors of a Butterworth filter's two sections, order 4. */
const SECTIONS = [0.5412, 1.3066];

/** 300 to 3400 Hz, order 4 at both ends. */
export function telephoneBand(signal: ArrayLike<number>, rateHz: number): Float64Array {
  let out: Float64Array = Float64Array.from(signal);
  for (const quality of SECTIONS) {
    out = secondOrder(out, 300 / rateHz, quality, 'high');
    out = secondOrder(out, 3400 / rateHz, quality, 'low');
  }
  return out;
}

/** High or low pass of order 2 by the bilinear transform; the frequency in cycles per sample. */
function secondOrder(
  signal: Float64Array,
  frequency: number,
  quality: number,
  pass: 'high' | 'low',
): Float64Array {
  const cos = Math.cos(2 * Math.PI * frequency);
  const alpha = Math.sin(2 * Math.PI * frequency) / (2 * quality);
  const scale = 1 / (1 + alpha);
  const edge = ((pass === 'high' ? 1 + cos : 1 - cos) / 2) * scale;
  const middle = (pass === 'high' ? -2 : 2) * edge;
  const [back1, back2] = [-2 * cos * scale, (1 - alpha) * scale];
  const out = new Float64Array(signal.length);
  let x1 = 0;
  let x2 = 0;
  let y1 = 0;
  let y2 = 0;
  for (let n = 0; n < out.length; n += 1) {
    const x = signal[n]!;
    let y = edge * (x + x2) + middle * x1 - back1 * y1 - back2 * y2;
    // In digital silence the tail would fade into numbers that processors are slow with.
    if (Math.abs(y) < 1e-20) y = 0;
    x2 = x1;
    x1 = x;
    y2 = y1;
    y1 = y;
    out[n] = y;
  }
  return out;
}
