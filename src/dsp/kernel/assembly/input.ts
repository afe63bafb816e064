import * as at from '../layout.ts';

/** Samples that the decimator looks back on: twice its delay. */
function historyOf(factor: i32): i32 {
  return factor === 1 ? 0 : factor === 2 ? 10 : 14;
}

/** Empties the input: its history is silence. */
export function beginInput(state: i32, factor: i32): void {
  store<i32>(state, factor, at.FACTOR);
  store<i32>(state, historyOf(factor), at.INPUT_FILL);
}

/** Takes a hop of core samples from the input into `NEWEST`, if there is a whole one. */
export function takeHop(state: i32): bool {
  const factor = load<i32>(state, at.FACTOR);
  const from = load<i32>(state, at.INPUT_FROM);
  const fill = load<i32>(state, at.INPUT_FILL);
  const samples = factor * at.KERNEL_HOP_SAMPLES;
  const history = historyOf(factor);
  if (fill - from < history + samples) {
    if (from === 0) return false;
    memory.copy(state + at.INPUT, state + at.INPUT + from * 2, (fill - from) * 2);
    store<i32>(state, fill - from, at.INPUT_FILL);
    store<i32>(state, 0, at.INPUT_FROM);
    return false;
  }
  const input = state + at.INPUT + from * 2;
  countSilence(state, input + history * 2, samples);
  if (factor === 1) convert(state, input);
  else if (factor === 2) halve(state, input);
  else third(state, input);
  store<i32>(state, from + samples, at.INPUT_FROM);
  return true;
}

/** Length of exact silence; a hop without a zero that follows none needs no look at every sample. */
function countSilence(state: i32, input: i32, samples: i32): void {
  let silence = load<i32>(state, at.SILENCE);
  let zeros = i16x8.splat(0);
  for (let i = 0; i < samples * 2; i += 16) {
    zeros = v128.or(zeros, i16x8.eq(v128.load(input + i), i16x8.splat(0)));
  }
  if (silence === 0 && !v128.any_true(zeros)) return;
  for (let i = 0; i < samples * 2; i += 2) {
    if (load<i16>(input + i) === 0) silence += 1;
    else if (silence > 0) {
      if (silence >= at.SILENCE_MIN) store<i32>(state, silence, at.LAST_SILENCE);
      silence = 0;
    }
  }
  store<i32>(state, silence, at.SILENCE);
}

function convert(state: i32, input: i32): void {
  storeEight(state + at.NEWEST, v128.load(input, 0));
  storeEight(state + at.NEWEST + 32, v128.load(input, 16));
}

function storeEight(to: i32, samples: v128): void {
  v128.store(to, f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(samples)), 0);
  v128.store(to, f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(samples)), 16);
}

/** Half-band filter: every second weight but the centre's is zero. Core sample m lies on input sample 6 + 2 m. */
function halve(state: i32, input: i32): void {
  const even = state + at.PHASES;
  const odd = even + at.PHASE_BYTES;
  for (let i = 0; i < 96; i += 16) {
    const pairs = v128.load(input + i);
    const early = i32x4.shr_s(i32x4.shl(pairs, 16), 16);
    v128.store(even + i, f32x4.convert_i32x4_s(early));
    v128.store(odd + i, f32x4.convert_i32x4_s(i32x4.shr_s(pairs, 16)));
  }
  for (let i = 0; i < 64; i += 16) {
    let sum = f32x4.mul(v128.load32_splat(0, at.DECIMATION), v128.load(even + i, 12));
    sum = f32x4.add(sum, mirrored(at.DECIMATION + 4, odd + i + 8, odd + i + 12));
    sum = f32x4.add(sum, mirrored(at.DECIMATION + 12, odd + i + 4, odd + i + 16));
    sum = f32x4.add(sum, mirrored(at.DECIMATION + 20, odd + i, odd + i + 20));
    v128.store(state + i, sum, at.NEWEST);
  }
}

/**
 * Third-band filter of 15 taps: every third weight but the centre's is zero. Core sample m lies on input sample 9 + 3 m,
 * input sample 3 j + r on place j of phase r.
 */
function third(state: i32, input: i32): void {
  const a = state + at.PHASES;
  const b = a + at.PHASE_BYTES;
  const c = b + at.PHASE_BYTES;
  for (let i = 0; i < 3; i += 1) splitByThree(input + i * 48, a + i * 32);
  const weights = at.DECIMATION + at.DECIMATION_BYTES;
  for (let i = 0; i < 64; i += 16) {
    let sum = f32x4.mul(v128.load32_splat(weights), v128.load(a + i, 12));
    sum = f32x4.add(sum, mirrored(weights + 4, c + i + 8, b + i + 12));
    sum = f32x4.add(sum, mirrored(weights + 8, b + i + 8, c + i + 12));
    sum = f32x4.add(sum, mirrored(weights + 16, c + i + 4, b + i + 16));
    sum = f32x4.add(sum, mirrored(weights + 20, b + i + 4, c + i + 16));
    sum = f32x4.add(sum, mirrored(weights + 28, c + i, b + i + 20));
    v128.store(state + i, sum, at.NEWEST);
  }
}

/** 24 samples, eight of each phase. */
function splitByThree(input: i32, to: i32): void {
  const x = v128.load(input, 0);
  const y = v128.load(input, 16);
  const z = v128.load(input, 32);
  const first = v128.shuffle<i16>(x, y, 0, 3, 6, 9, 12, 15, 0, 0);
  const second = v128.shuffle<i16>(x, y, 1, 4, 7, 10, 13, 0, 0, 0);
  const third = v128.shuffle<i16>(x, y, 2, 5, 8, 11, 14, 0, 0, 0);
  storeEight(to, v128.shuffle<i16>(first, z, 0, 1, 2, 3, 4, 5, 10, 13));
  storeEight(to + at.PHASE_BYTES, v128.shuffle<i16>(second, z, 0, 1, 2, 3, 4, 8, 11, 14));
  storeEight(to + 2 * at.PHASE_BYTES, v128.shuffle<i16>(third, z, 0, 1, 2, 3, 4, 9, 12, 15));
}

/** Two taps at the same distance from the centre. */
function mirrored(weight: i32, before: i32, after: i32): v128 {
  return f32x4.mul(v128.load32_splat(weight), f32x4.add(v128.load(before), v128.load(after)));
}
