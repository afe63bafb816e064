import type { SampleRate } from '../core/sample-rate.ts';
import { BYTES_PER_SAMPLE, frameBytes, frameSamples } from './audio-format.ts';

/** What a binary message is, measured against one whole frame. */
export type FrameFit = 'whole' | 'short' | 'long' | 'odd' | 'empty';

/**
 * Cuts binary messages into frames. The samples are copied into one buffer that is used again for every frame,
 * because a message may start at an odd address, where 16-bit samples cannot be read in place.
 */
export class FrameSplitter {
  /** The frame that `load` put here last. */
  readonly samples: Int16Array;
  readonly #bytes: Buffer;
  readonly #frameBytes: number;

  constructor(rate: SampleRate) {
    this.#frameBytes = frameBytes(rate);
    this.#bytes = Buffer.alloc(this.#frameBytes);
    this.samples = new Int16Array(this.#bytes.buffer, this.#bytes.byteOffset, frameSamples(rate));
  }

  fit(message: Buffer): FrameFit {
    if (message.length === 0) return 'empty';
    if (message.length % BYTES_PER_SAMPLE !== 0) return 'odd';
    if (message.length === this.#frameBytes) return 'whole';
    return message.length < this.#frameBytes ? 'short' : 'long';
  }

  /** Frames in the message; the last one may be partial. */
  count(message: Buffer): number {
    return Math.ceil(message.length / this.#frameBytes);
  }

  /** Puts the frame with this index into `samples`, padded with silence if it is partial. */
  load(message: Buffer, index: number): void {
    const start = index * this.#frameBytes;
    const copied = message.copy(this.#bytes, 0, start, start + this.#frameBytes);
    if (copied < this.#frameBytes) this.#bytes.fill(0, copied);
  }

  wipe(): void {
    this.#bytes.fill(0);
  }
}
