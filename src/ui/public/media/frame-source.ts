import { FRAME_SAMPLES, RATE_HZ } from './media-format.ts';

const ROWS_HZ = [697, 770, 852, 941];
const COLUMNS_HZ = [1209, 1336, 1477];
const KEYS = '123456789*0#';
/** -10 dBm0 per tone, as telephones send: a full-scale sine is +3.14 dBm0. */
const AMPLITUDE = 32768 * 10 ** (-13.14 / 20);
/** A tap is shorter than a telephone's tone, which lasts 100 ms at least, with 80 ms of pause behind it. */
const SHORTEST_TONE_FRAMES = 5;
const PAUSE_FRAMES = 4;
/** A quiet line's noise. */
const NOISE_PEAK = 8;

interface Press {
  readonly key: string;
  isHeld: boolean;
}

/** What a telephone puts on the line, frame by frame: keys, speech, a little noise. */
export class FrameSource {
  readonly #presses: Press[] = [];
  readonly #speech: Int16Array[] = [];
  #speechAt = 0;
  #toneFrames = 0;
  #pauseFrames = 0;

  press(key: string): void {
    if (key.length === 1 && KEYS.includes(key)) this.#presses.push({ key, isHeld: true });
  }

  release(key: string): void {
    const press = this.#presses.findLast((candidate) => candidate.key === key && candidate.isHeld);
    if (press !== undefined) press.isHeld = false;
  }

  speak(samples: Int16Array): void {
    this.#speech.push(samples);
  }

  next(): Int16Array {
    const frame = new Int16Array(FRAME_SAMPLES);
    const key = this.#keyNow();
    for (let n = 0; n < FRAME_SAMPLES; n++) {
      const noise = NOISE_PEAK * (2 * Math.random() - 1);
      // A telephone's keypad cuts the microphone off.
      const sound = key === null ? this.#nextSpeech() : toneAt(key, this.#toneFrames * FRAME_SAMPLES + n);
      frame[n] = Math.round(sound + noise);
    }
    this.#advance(key);
    return frame;
  }

  #keyNow(): string | null {
    return this.#pauseFrames > 0 ? null : (this.#presses[0]?.key ?? null);
  }

  #advance(key: string | null): void {
    if (this.#pauseFrames > 0) this.#pauseFrames -= 1;
    if (key === null) return;
    this.#toneFrames += 1;
    if (this.#presses[0]?.isHeld === true || this.#toneFrames < SHORTEST_TONE_FRAMES) return;
    this.#presses.shift();
    this.#toneFrames = 0;
    this.#pauseFrames = PAUSE_FRAMES;
  }

  #nextSpeech(): number {
    const [part] = this.#speech;
    if (part === undefined) return 0;
    const sample = part[this.#speechAt] ?? 0;
    this.#speechAt += 1;
    if (this.#speechAt >= part.length) {
      this.#speech.shift();
      this.#speechAt = 0;
    }
    return sample;
  }
}

/** DTMF as ITU-T Q.23 has it. */
function toneAt(key: string, sample: number): number {
  const index = KEYS.indexOf(key);
  const row = ROWS_HZ[Math.floor(index / 3)] ?? 0;
  const column = COLUMNS_HZ[index % 3] ?? 0;
  const t = (2 * Math.PI * sample) / RATE_HZ;
  return AMPLITUDE * (Math.sin(row * t) + Math.sin(column * t));
}
