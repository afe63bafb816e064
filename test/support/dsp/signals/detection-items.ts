import { throughCodec } from '../codecs.ts';
import type { Codec } from '../codecs.ts';
import { ALL_KEYS, toInt16 } from '../key-tones.ts';
import type { Press } from '../key-tones.ts';
import * as line from './disturbances.ts';
import { pressedLine, randomOf, shuffledKeys } from './pressed.ts';
import type { PressedLine } from './pressed.ts';
import type { Requirement, ScoredPress } from './requirement.ts';

/**
 * The receiver's conformance items: ITU-T Q.24 with the limits of AT&T, NTT, Denmark, Brazil and Australia, ETSI
 * ES 201 235-3, Telcordia GR-506 and the procedure of the MITEL CM7291 tape, then what telephone networks add.
 * `at least` figures are those of the prototype that this project was measured against.
 */
export interface DetectionItem {
  readonly id: string;
  readonly what: string;
  readonly requirement: Requirement;
  readonly codec?: Codec;
  readonly make: (rateHz: number, seed: number, pressesPerKey?: number) => DetectionSignal;
}

export interface DetectionSignal {
  readonly samples: Int16Array;
  readonly presses: readonly ScoredPress[];
}

const EVERY_KEY: Requirement = { kind: 'every key once' };
const NO_REPORT: Requirement = { kind: 'no report' };
const NO_KEY_TWICE: Requirement = { kind: 'no key twice' };
const NONE: Requirement = { kind: 'none' };
const atLeast = (of160: number, isExact = false): Requirement => ({ kind: 'at least', of160, isExact });

/** Presses per key in every item that is not a sweep. */
const PRESSES_PER_KEY = 10;

interface Recipe {
  readonly press?: Partial<Press>;
  /** For presses that differ. */
  readonly presses?: (
    random: () => number,
    pressesPerKey: number,
  ) => { digit: string; press: Partial<Press>; value?: number }[];
  readonly jitterMs?: number;
  readonly floorDbm0?: number | null;
  readonly after?: (
    signal: Float64Array,
    context: { rateHz: number; random: () => number; presses: readonly ScoredPress[] },
  ) => Float64Array;
  readonly codec?: Codec;
}

function item(id: string, what: string, requirement: Requirement, recipe: Recipe = {}): DetectionItem {
  const make = (rateHz: number, seed: number, pressesPerKey = PRESSES_PER_KEY): DetectionSignal => {
    const random = randomOf(id, seed);
    const keyed =
      recipe.presses?.(random, pressesPerKey) ??
      shuffledKeys(pressesPerKey, random).map((digit) => ({ digit, press: recipe.press ?? {} }));
    const setting: PressedLine = {
      rateHz,
      random,
      digits: keyed.map(({ digit }) => digit),
      press: (i) => keyed[i]!.press,
      ...(recipe.jitterMs === undefined ? {} : { jitterMs: recipe.jitterMs }),
      ...(recipe.floorDbm0 === undefined ? {} : { floorDbm0: recipe.floorDbm0 }),
    };
    const { signal, presses: placed } = pressedLine(setting);
    const presses = placed.map(({ digit, onset, end }, i) => {
      const { value } = keyed[i] as { value?: number };
      return { digit, onset, end, ...(value === undefined ? {} : { value }) };
    });
    const heard = toInt16(recipe.after?.(signal, { rateHz, random, presses }) ?? signal);
    const { codec } = recipe;
    return { samples: codec === undefined ? heard : throughCodec(heard, codec, rateHz), presses };
  };
  return { id, what, requirement, make, ...(recipe.codec === undefined ? {} : { codec: recipe.codec }) };
}

const tones = (rowDbm0: number, columnDbm0 = rowDbm0): Partial<Press> => ({ rowDbm0, columnDbm0 });
const off = (rowOffset: number, columnOffset: number): Partial<Press> => ({ rowOffset, columnOffset });
const signed = (value: number): string => (value > 0 ? `+${value}` : String(value));
const SHORT = { toneMs: 40 } as const;

const FREQUENCIES: readonly DetectionItem[] = [
  ...[
    [1.5, 1.5],
    [-1.5, -1.5],
    [1.5, -1.5],
    [-1.5, 1.5],
  ].map(([row, column]) =>
    item(
      `a05 ${signed(row!)}/${signed(column!)} %`,
      'Q.24 AT&T: 1.5 % off is accepted, 40 ms tones',
      EVERY_KEY,
      {
        press: { ...SHORT, ...off(row!, column!) },
      },
    ),
  ),
  ...[1.8, -1.8].map((offset) =>
    item(`a05 ${signed(offset)} %`, 'Q.24 NTT, Brazil: 1.8 % off is accepted', EVERY_KEY, {
      press: off(offset, offset),
    }),
  ),
  item('a05 ETSI', 'ETSI ES 201 235-3: ±(1.5 % + 2 Hz) is accepted, 40 ms tones', EVERY_KEY, {
    presses: (random, pressesPerKey) =>
      shuffledKeys(pressesPerKey, random).map((digit) => {
        const sign = random() < 0.5 ? -1 : 1;
        const key = ALL_KEYS.indexOf(digit);
        const [row, column] = [[697, 770, 852, 941][key >> 2]!, [1209, 1336, 1477, 1633][key & 3]!];
        return { digit, press: { ...SHORT, ...off(sign * (1.5 + 200 / row), sign * (1.5 + 200 / column)) } };
      }),
  }),
  ...[
    [3.5, 3.5],
    [-3.5, -3.5],
    [3.5, 0],
    [0, 3.5],
    [-3.5, 0],
    [0, -3.5],
  ].map(([row, column]) =>
    item(`a06 ${signed(row!)}/${signed(column!)} %`, 'Q.24 AT&T: 3.5 % off is rejected', NO_REPORT, {
      press: off(row!, column!),
    }),
  ),
  ...[3, -3].map((offset) =>
    item(`a06 ${signed(offset)} %`, 'Q.24 NTT, Brazil: 3.0 % off is rejected', NO_REPORT, {
      press: off(offset, offset),
    }),
  ),
];

const TWISTS = [
  [4, 'AT&T'],
  [-8, 'AT&T'],
  [6, 'Denmark'],
  [-6, 'Denmark'],
  [9, 'Brazil'],
  [-9, 'Brazil'],
  [10, 'Australia'],
  [-10, 'Australia'],
] as const;

const LEVELS: readonly DetectionItem[] = [
  ...TWISTS.map(([twist, who]) =>
    item(
      `a07 twist ${signed(twist)} dB`,
      `Q.24 ${who}: column ${signed(twist)} dB against row, 40 ms`,
      EVERY_KEY,
      {
        press: { ...SHORT, ...tones(-12 - twist / 2, -12 + twist / 2) },
      },
    ),
  ),
  ...[0, -3, -10, -20, -24, -25, -27, -30, -35].map((dbm0) =>
    item(
      `a08 ${dbm0} dBm0`,
      dbm0 === 0
        ? 'Q.24 AT&T: 0 dBm0 per tone, the pair clips'
        : `Q.24: ${dbm0} dBm0 per tone${dbm0 < -27 ? ', beyond it' : ''}`,
      EVERY_KEY,
      {
        press: { ...SHORT, ...tones(dbm0) },
      },
    ),
  ),
  item('a09 -55 dBm0', 'Q.24 AT&T: -55 dBm0 per tone is rejected', NO_REPORT, {
    press: tones(-55),
    floorDbm0: -85,
  }),
];

const TIMES: readonly DetectionItem[] = [
  item('a01 all keys', '50/50 ms, -10 dBm0 per tone', EVERY_KEY),
  item('a02 40/40 ms', 'Q.24: the shortest tones and pauses', EVERY_KEY, {
    press: { ...SHORT, pauseMs: 40 },
  }),
  item('a03 93 ms', 'Q.24 AT&T: 93 ms per digit', EVERY_KEY, { press: { ...SHORT, pauseMs: 53 } }),
  item('a04 30 ms pauses', 'Q.24 NTT, Brazil', EVERY_KEY, { press: { pauseMs: 30 } }),
  item('a04 20 ms pauses', 'beyond Q.24', EVERY_KEY, { press: { pauseMs: 20 } }),
  ...[10, 15, 20, 23].map((toneMs) =>
    item(`a10 ${toneMs} ms`, 'Q.24, ETSI: bursts up to 23 ms are rejected', NO_REPORT, {
      press: { toneMs, pauseMs: 60 },
    }),
  ),
  ...[25, 30, 35].map((toneMs) =>
    item(`a10 ${toneMs} ms`, 'Q.24: may be accepted or not', NO_KEY_TWICE, {
      press: { toneMs, pauseMs: 60 },
    }),
  ),
  item('a11 interruption', 'Q.24: 10 ms inside a press of 100 ms do not split it', EVERY_KEY, {
    press: { toneMs: 100, pauseMs: 60, interruptionMs: 10 },
  }),
  item('a12 5 ms ramps', 'raised cosine, 50 ms', EVERY_KEY, { press: { rampMs: 5 } }),
  item('a12 10 ms ramps', 'raised cosine, 60 ms', EVERY_KEY, { press: { rampMs: 10, toneMs: 60 } }),
  ...[4, -4].map((skewMs) =>
    item(`a12 skew ${signed(skewMs)} ms`, 'the column tone against the row tone', EVERY_KEY, {
      press: { skewMs },
    }),
  ),
  item('a13 long', 'presses of 0.5 to 1.5 s', EVERY_KEY, {
    presses: (random) =>
      shuffledKeys(2, random).map((digit, i) => ({
        digit,
        press: { toneMs: 500 + (1000 * i) / 31, pauseMs: 150 },
      })),
  }),
  item('a14 repeats', 'one key ten times, 50/40 ms', EVERY_KEY, {
    presses: (_random, pressesPerKey) =>
      Array.from(ALL_KEYS).flatMap((digit) =>
        Array.from({ length: pressesPerKey }, () => ({ digit, press: { pauseMs: 40 } })),
      ),
  }),
  item('a15 roll-over', 'different keys of 60 ms without a pause', NONE, {
    presses: (random, pressesPerKey) =>
      shuffledKeys(pressesPerKey, random)
        .filter((digit, i, all) => digit !== all[i - 1])
        .map((digit) => ({ digit, press: { toneMs: 60, pauseMs: 0 } })),
    jitterMs: 0,
  }),
  item('a16 echo', 'Q.24 AT&T: echo after 20 ms, 10 dB down, does not double', EVERY_KEY, {
    after: (signal, { rateHz }) => line.withEcho(signal, 0.02 * rateHz, 10),
  }),
];

/** Tenths of a per cent or of a decibel. */
const steps = (from: number, to: number, by: number): number[] =>
  Array.from({ length: Math.floor((to - from) / by + 1.5) }, (_, i) => Number((from + i * by).toFixed(1)));

const DIAGONAL = ['1', '5', '9', 'D'] as const;

/** MITEL CM7291, tests 3 to 6, with the limits of Q.24's strictest administration. */
const SWEEPS: readonly DetectionItem[] = [
  ...DIAGONAL.flatMap((digit) =>
    (['row', 'column'] as const).map((tone) =>
      item(
        `b03 ${digit} ${tone}`,
        `CM7291 test 3: recognition bandwidth, ${tone} tone of ${digit}`,
        {
          kind: 'sweep',
          text: 'to ±1.8 %, not from ±3.0 %',
          accept: (x) => Math.abs(x) <= 1.8,
          reject: (x) => Math.abs(x) >= 3,
        },
        {
          presses: () =>
            [...steps(0.1, 6, 0.1), ...steps(0.1, 6, 0.1).map((x) => -x)].map((value) => ({
              digit,
              value,
              press: { ...tones(-17), ...(tone === 'row' ? off(value, 0) : off(0, value)) },
            })),
        },
      ),
    ),
  ),
  ...DIAGONAL.flatMap((digit) =>
    (['normal', 'reverse'] as const).map((twist) =>
      item(
        `b04 ${digit} ${twist}`,
        `CM7291 test 4: ${twist} twist of ${digit}, 0 to 20 dB`,
        { kind: 'sweep', text: 'to 10 dB', accept: (x) => x <= 10 },
        {
          presses: () =>
            steps(0, 20, 0.1).map((value) => ({
              digit,
              value,
              press: twist === 'normal' ? tones(-6, -6 - value) : tones(-6 - value, -6),
            })),
        },
      ),
    ),
  ),
  item(
    'b05 range',
    'CM7291 test 5: dynamic range, -3 to -50 dBm0 per tone',
    { kind: 'sweep', text: 'to -35 dBm0', accept: (x) => x >= -35 },
    {
      presses: () => steps(3, 50, 1).map((loss) => ({ digit: '1', value: -loss, press: tones(-loss) })),
    },
  ),
  item(
    'b06 guard time',
    'CM7291 test 6: tones of 49 to 10 ms',
    {
      kind: 'sweep',
      text: 'from 40 ms, not to 23 ms',
      accept: (x) => x >= 40,
      reject: (x) => x <= 23,
    },
    {
      presses: () =>
        steps(10, 49, 0.1)
          .toReversed()
          .map((value) => ({ digit: '1', value, press: { toneMs: value, ...tones(-6) } })),
    },
  ),
];

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

export const DETECTION_ITEMS: readonly DetectionItem[] = [
  ...TIMES,
  ...FREQUENCIES,
  ...LEVELS,
  ...SWEEPS,
  ...DISTURBED,
  ...NETWORKS,
].toSorted((a, b) => a.id.slice(0, 3).localeCompare(b.id.slice(0, 3)));
