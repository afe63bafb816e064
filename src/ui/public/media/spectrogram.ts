import { spectrumOf } from './fourier.ts';
import { RATE_HZ } from './media-format.ts';

const WINDOW = 512;
const HOP = 160;
/** Telephone keys lie between 697 and 1477 Hz. */
const HIGHEST_HZ = 2400;
const BINS = Math.round((HIGHEST_HZ * WINDOW) / RATE_HZ);
/** A full-scale tone reaches a quarter of the window through Hann's. */
const FULL_SCALE = WINDOW / 4;
/** From what is black to what is brightest, in dB of full scale. */
const FLOOR_DB = -72;
const TOP_DB = -16;

/** A picture of sound that runs to the left: frequency upwards, louder is brighter. */
export class Spectrogram {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #recent = new Float32Array(WINDOW);
  #fresh = 0;
  #columns: Uint8ClampedArray[] = [];
  #isDrawing = false;

  constructor(canvas: HTMLCanvasElement) {
    const context = canvas.getContext('2d', { alpha: false });
    if (context === null) throw new Error('this browser cannot draw');
    this.#canvas = canvas;
    this.#context = context;
    canvas.height = BINS;
    this.clear();
  }

  clear(): void {
    this.#context.fillStyle = '#00000d';
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  add(samples: Int16Array): void {
    for (const sample of samples) {
      this.#recent.copyWithin(0, 1);
      this.#recent[WINDOW - 1] = sample / 32768;
      this.#fresh += 1;
      if (this.#fresh < HOP) continue;
      this.#fresh = 0;
      this.#columns.push(columnOf(spectrumOf(this.#recent)));
    }
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    requestAnimationFrame(() => this.#draw());
  }

  #draw(): void {
    this.#isDrawing = false;
    const { width, height } = this.#canvas;
    const columns = this.#columns.splice(0).slice(-width);
    this.#context.drawImage(this.#canvas, -columns.length, 0);
    for (const [index, column] of columns.entries()) {
      const image = new ImageData(column as Uint8ClampedArray<ArrayBuffer>, 1, height);
      this.#context.putImageData(image, width - columns.length + index, 0);
    }
  }
}

function columnOf(spectrum: Float32Array): Uint8ClampedArray {
  const column = new Uint8ClampedArray(4 * BINS);
  for (let bin = 0; bin < BINS; bin++) {
    const db = 20 * Math.log10((spectrum[bin] ?? 0) / FULL_SCALE + 1e-9);
    const level = Math.min(1, Math.max(0, (db - FLOOR_DB) / (TOP_DB - FLOOR_DB)));
    const at = 4 * (BINS - 1 - bin);
    column[at] = 255 * Math.min(1, Math.max(0, 2.2 * level - 0.7));
    column[at + 1] = 255 * Math.min(1, Math.max(0, 1.7 * level - 0.45));
    column[at + 2] = 255 * Math.min(1, 0.05 + (level < 0.5 ? 1.3 * level : 1.2 - 0.9 * level));
    column[at + 3] = 255;
  }
  return column;
}
