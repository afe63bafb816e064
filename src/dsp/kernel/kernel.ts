import type { Networks } from '../network.ts';
import { DIGIT_NETWORK, GATE_NETWORK, HOLD_NETWORK } from '../weights.ts';
import { writeNetworks } from './kernel-port.ts';
import { ScalarKernel } from './scalar-kernel.ts';
import { hasSimd, SimdKernel } from './simd-kernel.ts';
import { StatePool } from './state-pool.ts';

export const COMMITTED_NETWORKS: Networks = { gate: GATE_NETWORK, hold: HOLD_NETWORK, digit: DIGIT_NETWORK };

/** The states of all calls of this process, with the fastest kernel that it can run and the committed networks. */
export const DEFAULT_POOL = new StatePool(hasSimd() ? new SimdKernel() : new ScalarKernel());

loadNetworks(COMMITTED_NETWORKS);

/** Replaces the networks of the process, for the trainer. */
export function loadNetworks(networks: Networks): void {
  writeNetworks(DEFAULT_POOL.kernel, networks);
}
