import type { NetworkWeights } from '../network.ts';
import { GATE_NETWORK } from '../weights.ts';
import { writeNetwork } from './kernel-port.ts';
import { ScalarKernel } from './scalar-kernel.ts';
import { hasSimd, SimdKernel } from './simd-kernel.ts';
import { StatePool } from './state-pool.ts';

/** The states of all calls of this process, with the fastest kernel that it can run and the committed network. */
export const DEFAULT_POOL = new StatePool(hasSimd() ? new SimdKernel() : new ScalarKernel());

loadGateNetwork(GATE_NETWORK);

/** Replaces the gate's network of the process, for the trainer. */
export function loadGateNetwork(network: NetworkWeights): void {
  writeNetwork(DEFAULT_POOL.kernel, network);
}
