import type { WebSocket } from 'ws';
import { assert } from '../core/assert.ts';

const BINARY = { binary: true };

/** As many frames as a leg hands over before it waits for one to be sent: a burst of one leg is not held up. */
const FRAMES_MAX = 8;

const NO_FRAME = Buffer.alloc(0);
const nothing = (): undefined => undefined;

interface Waiting {
  socket: WebSocket | null;
  frame: Buffer;
  sent: () => void;
}

/** Runs a task once everything that has arrived is dealt with. */
export type AfterInput = (task: () => void) => void;

/**
 * Frames of all legs on their way to their sockets: up to eight that arrived at the same time leave together. A write
 * that wakes a sleeping peer costs several times one right after another; with 200 calls on the loopback interface this
 * saves 8 % of the processor time of a call.
 */
export class SendBatch {
  readonly #afterInput: AfterInput;
  readonly #waiting: Waiting[] = Array.from({ length: FRAMES_MAX }, () => ({
    socket: null,
    frame: NO_FRAME,
    sent: nothing,
  }));
  #count = 0;
  #isDue = false;

  constructor(afterInput: AfterInput) {
    this.#afterInput = afterInput;
  }

  add(socket: WebSocket, frame: Buffer, sent: () => void): void {
    const place = this.#waiting[this.#count];
    assert(place !== undefined, 'a full batch has been sent');
    place.socket = socket;
    place.frame = frame;
    place.sent = sent;
    this.#count += 1;
    if (this.#count === FRAMES_MAX) this.flush();
    else if (!this.#isDue) {
      this.#isDue = true;
      this.#afterInput(this.#whenDue);
    }
  }

  /** Sends now what would leave later. */
  flush(): void {
    this.#count = 0;
    for (const place of this.#waiting) {
      if (place.socket === null) return;
      place.socket.send(place.frame, BINARY, place.sent);
      place.socket = null;
      place.frame = NO_FRAME;
      place.sent = nothing;
    }
  }

  readonly #whenDue = (): void => {
    this.#isDue = false;
    this.flush();
  };
}
