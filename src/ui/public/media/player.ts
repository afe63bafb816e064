import { RATE_HZ } from './media-format.ts';

/** Sound is put this far ahead, so that a late frame leaves no gap. */
const AHEAD_SECONDS = 0.08;
/** Further ahead than this, the clocks have drifted apart: start anew. */
const TOO_FAR_SECONDS = 0.5;

/** Plays frames one after the other. To be made in answer to a click: browsers play nothing before one. */
export class Player {
  readonly #context = new AudioContext({ latencyHint: 'interactive' });
  #nextAt = 0;

  play(samples: Int16Array): void {
    const { currentTime } = this.#context;
    if (this.#nextAt < currentTime || this.#nextAt > currentTime + TOO_FAR_SECONDS) {
      this.#nextAt = currentTime + AHEAD_SECONDS;
    }
    const buffer = this.#context.createBuffer(1, samples.length, RATE_HZ);
    buffer.copyToChannel(
      Float32Array.from(samples, (sample) => sample / 32768),
      0,
    );
    const source = this.#context.createBufferSource();
    source.buffer = buffer;
    source.connect(this.#context.destination);
    source.start(this.#nextAt);
    this.#nextAt += buffer.duration;
  }

  stop(): void {
    void this.#context.close();
  }
}
