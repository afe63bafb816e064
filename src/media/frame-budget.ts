/** Frames per second that a leg may send for ever: 50 are due, 70 let a sender with a fast clock catch up. */
const REFILL_PER_SECOND = 70;

/** Frames that may come at once. A burst of 200, held up by four seconds of jammed network, passes whole. */
const CAPACITY = 250;

/** So many frames refused without a pause are not a burst any more. */
const REFUSED_MAX = 250;

/** A token bucket over the frames of one leg. */
export class FrameBudget {
  #tokens = CAPACITY;
  #refilledAtMs: number;
  #refused = 0;

  constructor(nowMs: number) {
    this.#refilledAtMs = nowMs;
  }

  /** Takes a frame's token; false if there is none, and the frame is to be dropped. */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(
      CAPACITY,
      this.#tokens + ((nowMs - this.#refilledAtMs) * REFILL_PER_SECOND) / 1000,
    );
    this.#refilledAtMs = nowMs;
    if (this.#tokens >= CAPACITY / 2) this.#refused = 0;
    if (this.#tokens < 1) {
      this.#refused += 1;
      return false;
    }
    this.#tokens -= 1;
    return true;
  }

  /** Whether the leg keeps sending more than it may. */
  get isExceeded(): boolean {
    return this.#refused > REFUSED_MAX;
  }
}
