import { powerSpectrum } from '../../support/dsp/fourier.ts';
import { addNoise, keyTones, toInt16, uniform } from '../../support/dsp/key-tones.ts';
import { masked } from '../../support/dsp/masked.ts';
import { talk } from '../../support/dsp/talk.ts';
import type { Area, Axis } from './chart.ts';
import { axes, line, place, svg, text } from './chart.ts';
import { encodePng } from './png.ts';

const RATE_HZ = 8000;
const SECONDS = 3.2;
const WIDTH = 640;
const HEIGHT = 170;
const HZ_MAX = 2000;

/** Shown from here to 50 dB above. */
const FLOOR_DB = 12;
const RANGE_DB = 50;
const SHADES = 48;

/** Dark to light, evenly to the eye. */
const ANCHORS = [
  [4, 5, 24],
  [63, 15, 108],
  [140, 41, 100],
  [212, 72, 66],
  [249, 142, 9],
  [252, 255, 200],
] as const;

const PALETTE = Array.from({ length: SHADES }, (_, i): [number, number, number] => {
  const at = (i / (SHADES - 1)) * (ANCHORS.length - 1);
  const low = Math.min(ANCHORS.length - 2, Math.floor(at));
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(ANCHORS[low]![channel] + (at - low) * (ANCHORS[low + 1]![channel] - ANCHORS[low]![channel]));
  return [mix(0), mix(1), mix(2)];
});

/** A caller who speaks, keys four digits and speaks again, before and after the masker. */
export function spectrogramDrawing(): string {
  const { samples, presses } = keyedCall();
  const { output, latencySamples } = masked(samples, RATE_HZ, {});
  const time: Axis = { label: 'seconds', from: 0, to: SECONDS, ticks: [0, 0.5, 1, 1.5, 2, 2.5, 3] };
  const pitch: Axis = { label: 'Hz', from: 0, to: HZ_MAX, ticks: [0, 500, 1000, 1500, 2000] };
  const upper: Area = { left: 64, top: 44, width: WIDTH, height: HEIGHT };
  const lower: Area = { ...upper, top: 276 };
  const marks = presses.flatMap(({ digit, onset, end }) => {
    const middle = place((onset + end) / 2 / RATE_HZ, time, upper.left, WIDTH);
    return [
      text(middle, upper.top - 5, digit, { anchor: 'middle', isBold: true }),
      text(middle, lower.top - 5, '•', { anchor: 'middle', isBold: true }),
      ...[onset, end].map((edge) => {
        const x = place(edge / RATE_HZ, time, lower.left, WIDTH);
        return line(x, lower.top + HEIGHT - 7, x, lower.top + HEIGHT, '#ffffff', 'stroke-width="1.5"');
      }),
    ];
  });
  const heard = output.subarray(latencySamples);
  return svg(WIDTH + 84, 500, [
    text(upper.left, 20, 'What the caller sends: speech, four keys, speech', { isBold: true, size: 13 }),
    picture(samples, upper),
    ...axes(upper, { ...time, label: '' }, pitch, false),
    text(upper.left, 252, 'What the agent hears, 10 ms later (shown aligned; ticks: where the keys were)', {
      isBold: true,
      size: 13,
    }),
    picture(heard, lower),
    ...axes(lower, time, pitch, false),
    ...marks,
  ]);
}

function keyedCall() {
  const keyed = keyTones({
    rateHz: RATE_HZ,
    digits: '4170',
    toneMs: 90,
    pauseMs: 160,
    marginMs: 1100,
    dbm0: -12,
  });
  const signal = Float64Array.from(keyed.samples);
  const speech = talk('rms');
  const spoken = (n: number): number =>
    n < 0.95 * RATE_HZ || n > 2.15 * RATE_HZ ? 0.9 * speech[n + 4000]! : 0;
  for (let n = 0; n < signal.length; n += 1) signal[n]! += spoken(n);
  addNoise(signal, -58, uniform(1));
  return { samples: toInt16(signal), presses: keyed.presses };
}

function picture(samples: Int16Array, { left, top }: Area): string {
  const [window, size] = [360, 1024];
  const pixels = new Uint8Array(WIDTH * HEIGHT);
  for (let x = 0; x < WIDTH; x += 1) {
    const centre = Math.round(((x + 0.5) / WIDTH) * SECONDS * RATE_HZ);
    const frame = new Float64Array(size);
    for (let n = 0; n < window; n += 1)
      frame[n] =
        (samples[centre - window / 2 + n] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * (n + 0.5)) / window));
    const spectrum = powerSpectrum(frame);
    for (let y = 0; y < HEIGHT; y += 1) {
      const bin = (((HEIGHT - 0.5 - y) / HEIGHT) * HZ_MAX * size) / RATE_HZ;
      const low = Math.floor(bin);
      const power = spectrum[low]! + (bin - low) * (spectrum[low + 1]! - spectrum[low]!);
      // In dB of a sine with a peak of one unit.
      const db = 10 * Math.log10((power * 16) / window ** 2 + 1e-9);
      const shade = ((db - FLOOR_DB) / RANGE_DB) * SHADES;
      pixels[y * WIDTH + x] = Math.max(0, Math.min(SHADES - 1, Math.floor(shade)));
    }
  }
  const data = encodePng(pixels, WIDTH, PALETTE).toString('base64');
  return `<image x="${left}" y="${top}" width="${WIDTH}" height="${HEIGHT}" href="data:image/png;base64,${data}"/>`;
}
