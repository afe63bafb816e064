import type { Codec } from '../codecs.ts';
import { atLeast, EVERY_KEY, item, NO_KEY_TWICE, NONE, signed, tones } from './detection-item.ts';
import type { DetectionItem } from './detection-item.ts';
import * as line from './disturbances.ts';
import type { Requirement } from './requirement.ts';

/** dB of signal to noise, and the requirement: Q.24 demands 15 dB, below 12 the prototype's figure is the one to beat. */
const NOISE: readonly (readonly [number, Requirement])[] = [
  [24, EVERY_KEY],
  [18, EVERY_KEY],
  [15, EVERY_KEY],
  [12, EVERY_KEY],
  [9, atLeast(160)],
  [6, atLeast(160)],
  [3, atLeast(141)],
  [0, NONE],
];

const OVERLAP: readonly (readonly ['speech' | 'music', number, Requirement])[] = [
  ['speech', 15, atLeast(160)],
  ['speech', 10, atLeast(160)],
  ['speech', 6, atLeast(158)],
  ['speech', 3, atLeast(157)],
  ['speech', 0, atLeast(149)],
  ['speech', -3, atLeast(134)],
  ['music', 15, atLeast(160, true)],
  ['music', 10, atLeast(160, true)],
  ['music', 6, atLeast(160, true)],
  ['music', 3, atLeast(142, true)],
  ['music', 0, atLeast(117, true)],
];

const DISTURBED: readonly DetectionItem[] = [
  ...NOISE.map(([snr, requirement]) =>
    item(
      `c01 SNR ${snr} dB`,
      `${snr >= 15 ? 'Q.24: ' : ''}white noise of the telephone band, 50/50 ms`,
      requirement,
      {
        floorDbm0: null,
        after: (signal, { rateHz, random }) => line.withBandNoise(signal, -10, snr, rateHz, random),
      },
    ),
  ),
  item('c02 dial tone', 'Q.24: 350 + 440 Hz at -16 dBm0 each', EVERY_KEY, {
    after: (signal, { rateHz }) =>
      line.withSines(
        signal,
        [
          [350, -16],
          [440, -16],
        ],
        rateHz,
      ),
  }),
  item('c03 hum', '50 Hz at the level of the tones, 150 Hz 10 dB below', EVERY_KEY, {
    press: tones(-15),
    after: (signal, { rateHz }) =>
      line.withSines(
        signal,
        [
          [50, -15],
          [150, -25],
        ],
        rateHz,
      ),
  }),
  ...OVERLAP.map(([kind, ratio, requirement]) =>
    item(
      `d01 ${kind} ${signed(ratio)} dB`,
      `continuous ${kind}, the pair ${signed(ratio)} dB, 80/120 ms`,
      requirement,
      {
        press: { toneMs: 80, pauseMs: 120, ...tones(-12) },
        jitterMs: 20,
        floorDbm0: null,
        after: (signal, { rateHz, random }) => line.withBackground(signal, kind, ratio, rateHz, random, -12),
      },
    ),
  ),
];

/** Codec, length of tone and pause, requirement. */
const CODECS: readonly (readonly [Codec, number, Requirement])[] = [
  ...(['ulaw', 'alaw', 'tandem'] as const).flatMap((codec) =>
    [50, 80].map((ms) => [codec, ms, EVERY_KEY] as const),
  ),
  ['gsm', 50, atLeast(160)],
  ['gsm', 80, NONE],
  ['gsm2', 50, atLeast(159)],
  ['gsm2', 80, NONE],
  ['amr122', 50, NONE],
  ['amr122', 80, NONE],
  ['amr590', 50, NONE],
  ['amr590', 80, NONE],
  ['amr475', 50, atLeast(124)],
  ['amr475', 80, NONE],
  ['gsm-amr122', 50, NONE],
  ['gsm-amr122', 80, NONE],
  ['opus24', 50, NONE],
  ['opus24', 80, NONE],
  ['opus16', 50, atLeast(109)],
  ['opus16', 80, NONE],
  ['opus12', 50, atLeast(64)],
  ['opus12', 80, NONE],
  ['opus8', 50, atLeast(138)],
  ['opus8', 80, NONE],
];

const NETWORKS: readonly DetectionItem[] = [
  ...CODECS.map(([codec, ms, requirement]) =>
    item(`d02 ${codec} ${ms} ms`, `${codec}, ${ms}/${ms} ms`, requirement, {
      press: { toneMs: ms, pauseMs: ms },
      floorDbm0: -62,
      codec,
    }),
  ),
  ...[1, 3, 5, 10].flatMap((percent) =>
    (['zero', 'repeat'] as const).map((mode) =>
      item(`d03 loss ${percent} % ${mode}`, `frames of 20 ms lost, ${mode}, 100/80 ms`, NO_KEY_TWICE, {
        press: { toneMs: 100, pauseMs: 80 },
        floorDbm0: -62,
        after: (signal, { rateHz, random }) => line.withLoss(signal, percent / 100, mode, rateHz, random),
      }),
    ),
  ),
  item('d04 resampled', 'by 2 and by 6 and back', EVERY_KEY, {
    after: (signal, { rateHz }) => line.resampledTwice(signal, rateHz),
  }),
  ...[6, 12].map((gainDb) =>
    item(`d05 clipped ${gainDb} dB`, `${gainDb} dB over full scale`, EVERY_KEY, {
      press: tones(-3),
      after: (signal) => signal.map((value) => value * 10 ** (gainDb / 20)),
    }),
  ),
  item('d06 slip', '1 ms is missing in the middle of every press', NO_KEY_TWICE, {
    press: { toneMs: 80, pauseMs: 80 },
    after: (signal, { rateHz, presses }) => line.withSlips(signal, presses, rateHz),
  }),
  item('d07 room', 'speakerphone: diffuse tail of 150 ms, 10 dB down', EVERY_KEY, {
    press: { toneMs: 80, pauseMs: 150 },
    floorDbm0: -62,
    after: (signal, { rateHz, random }) => line.withRoom(signal, rateHz, random),
  }),
  item('d07 line echo', 'echo after 64 ms, 20 dB down', EVERY_KEY, {
    press: { toneMs: 80, pauseMs: 150 },
    floorDbm0: -62,
    after: (signal, { rateHz }) => line.withEcho(signal, 0.064 * rateHz, 20),
  }),
];

/** What lines, voices, codecs and networks add. `at least` figures are those of the prototype we are measured against. */
export const NETWORK_ITEMS: readonly DetectionItem[] = [...DISTURBED, ...NETWORKS];
