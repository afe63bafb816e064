const WINDOW_MS = 1000;

/** Share of unusable messages in a window above which a leg is not worth keeping. */
const BAD_SHARE_MAX = 0.01;

/** One per cent of 50 frames is less than one: below so many, chance alone could close a leg. */
const BAD_MIN = 5;

/** Tells noise on a leg from a leg that speaks another format. */
export class BadFrameLimit {
  #windowStartMs: number;
  #messages = 0;
  #bad = 0;

  constructor(nowMs: number) {
    this.#windowStartMs = nowMs;
  }

  /** Notes one message; true when there are too many unusable ones in this second. */
  note(isBad: boolean, nowMs: number): boolean {
    if (nowMs - this.#windowStartMs >= WINDOW_MS) {
      this.#windowStartMs = nowMs;
      this.#messages = 0;
      this.#bad = 0;
    }
    this.#messages += 1;
    if (isBad) this.#bad += 1;
    return this.#bad >= BAD_MIN && this.#bad > this.#messages * BAD_SHARE_MAX;
  }
}
