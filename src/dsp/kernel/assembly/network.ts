import * as at from '../layout.ts';
import { sumOf } from './lanes.ts';

/**
 * A network on `inputs` features, eight hidden units at a time. x / (1 + |x|) is a sigmoid without a transcendental
 * function.
 */
export function scoreOf(network: i32, inputs: i32, features: i32): f32 {
  const pairs = load<i32>(network);
  const end = features + inputs * 4;
  const one = f32x4.splat(1);
  let sum = f32x4.splat(0);
  for (let pair = 0; pair < pairs; pair += 1) {
    let row = network + pair * 32;
    let a = v128.load(row, at.NETWORK_ROWS);
    let b = v128.load(row, at.NETWORK_ROWS + 16);
    for (let feature = features; feature < end; feature += 4) {
      row += at.NETWORK_ROW_BYTES;
      const value = v128.load32_splat(feature);
      a = f32x4.add(a, f32x4.mul(value, v128.load(row, at.NETWORK_ROWS)));
      b = f32x4.add(b, f32x4.mul(value, v128.load(row, at.NETWORK_ROWS + 16)));
    }
    row += at.NETWORK_ROW_BYTES;
    const activeA = f32x4.div(a, f32x4.add(one, f32x4.abs(a)));
    const activeB = f32x4.div(b, f32x4.add(one, f32x4.abs(b)));
    sum = f32x4.add(sum, f32x4.mul(activeA, v128.load(row, at.NETWORK_ROWS)));
    sum = f32x4.add(sum, f32x4.mul(activeB, v128.load(row, at.NETWORK_ROWS + 16)));
  }
  return load<f32>(network, at.NETWORK_BIAS) + sumOf(sum);
}
