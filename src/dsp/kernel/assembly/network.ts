import * as at from '../layout.ts';
import { sumOf } from './lanes.ts';

/**
 * The gate's network on the features, eight hidden units at a time. x / (1 + |x|) is a sigmoid without a
 * transcendental function.
 */
export function scoreFeatures(state: i32): void {
  const pairs = load<i32>(0, at.NETWORK_PAIRS);
  const one = f32x4.splat(1);
  let sum = f32x4.splat(0);
  for (let pair = 0; pair < pairs; pair += 1) {
    let row = pair * 32;
    let a = v128.load(row, at.NETWORK);
    let b = v128.load(row, at.NETWORK + 16);
    for (let feature = 0; feature < at.GATE_FEATURES * 4; feature += 4) {
      row += at.NETWORK_ROW_BYTES;
      const value = v128.load32_splat(state + feature, at.FEATURES);
      a = f32x4.add(a, f32x4.mul(value, v128.load(row, at.NETWORK)));
      b = f32x4.add(b, f32x4.mul(value, v128.load(row, at.NETWORK + 16)));
    }
    row += at.NETWORK_ROW_BYTES;
    const activeA = f32x4.div(a, f32x4.add(one, f32x4.abs(a)));
    const activeB = f32x4.div(b, f32x4.add(one, f32x4.abs(b)));
    sum = f32x4.add(sum, f32x4.mul(activeA, v128.load(row, at.NETWORK)));
    sum = f32x4.add(sum, f32x4.mul(activeB, v128.load(row, at.NETWORK + 16)));
  }
  store<f32>(state, load<f32>(0, at.NETWORK_BIAS) + sumOf(sum), at.SCORE);
}
