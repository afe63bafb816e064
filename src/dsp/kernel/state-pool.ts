import { assert } from '../../core/assert.ts';
import type { Kernel } from './kernel-port.ts';
import { STATE_BYTES, STATES } from './layout.ts';

/** States made at a time: memory grows by whole pages of 64 KB. */
const STATES_PER_GROWTH = 16;

/**
 * The calls' states in one kernel's memory. A state that is given back is zeroed at once. Whoever loses its owner
 * without giving it back gets it back when the owner is collected.
 */
export class StatePool {
  readonly kernel: Kernel;
  readonly #free: number[] = [];
  #end = STATES;
  readonly #owners = new FinalizationRegistry<number>((state) => this.#recycle(state));

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Address of a new state; the owner holds it until `release` or its own end. */
  acquire(owner: object, factor: 1 | 2 | 3): number {
    if (this.#free.length === 0) this.#grow();
    const state = this.#free.pop();
    assert(state !== undefined, 'the pool has grown');
    this.kernel.begin(state, factor);
    this.#owners.register(owner, state, owner);
    return state;
  }

  /** Zeroes a state and gives it back; `owner` must not use it any more. */
  release(owner: object, state: number): void {
    this.#owners.unregister(owner);
    this.#recycle(state);
  }

  #recycle(state: number): void {
    this.kernel.floats.fill(0, state / 4, (state + STATE_BYTES) / 4);
    this.#free.push(state);
  }

  #grow(): void {
    const end = this.#end + STATES_PER_GROWTH * STATE_BYTES;
    this.kernel.reserve(end);
    for (; this.#end < end; this.#end += STATE_BYTES) this.#free.push(this.#end);
  }
}
