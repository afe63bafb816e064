import * as at from '../layout.ts';
import { sumOf } from './lanes.ts';

const f = Math.fround;

/** A network on `inputs` features from byte `features` on; units are summed in the order of the vector code. */
export function scoreOf(
  x: Float32Array,
  n: Int32Array,
  network: number,
  inputs: number,
  features: number,
): number {
  const row = at.NETWORK_ROW_BYTES / 4;
  const lanes = [0, 0, 0, 0];
  for (let unit = 0; unit < 8 * n[network / 4]!; unit += 1) {
    let weights = (network + at.NETWORK_ROWS) / 4 + unit;
    let sum = x[weights]!;
    for (let i = 0; i < inputs; i += 1) {
      weights += row;
      sum = f(sum + f(x[features / 4 + i]! * x[weights]!));
    }
    const active = f(sum / f(1 + Math.abs(sum)));
    lanes[unit & 3] = f(lanes[unit & 3]! + f(active * x[weights + row]!));
  }
  const [a, b, c, d] = lanes as [number, number, number, number];
  return f(x[(network + at.NETWORK_BIAS) / 4]! + sumOf(a, b, c, d));
}
