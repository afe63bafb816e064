import { ALL_KEYS, COLUMNS_HZ, ROWS_HZ } from '../key-tones.ts';
import {
  EVERY_KEY,
  item,
  NO_KEY_TWICE,
  NO_REPORT,
  NONE,
  off,
  SHORT,
  signed,
  tones,
} from './detection-item.ts';
import type { DetectionItem } from './detection-item.ts';
import * as line from './disturbances.ts';
import { shuffledKeys } from './pressed.ts';

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
        const [row, column] = [ROWS_HZ[key >> 2]!, COLUMNS_HZ[key & 3]!];
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

/**
 * ITU-T Q.24 with the limits of AT&T, NTT, Denmark, Brazil and Australia, ETSI ES 201 235-3, Telcordia GR-506, and the
 * procedure of the MITEL CM7291 tape.
 */
export const STANDARD_ITEMS: readonly DetectionItem[] = [...TIMES, ...FREQUENCIES, ...LEVELS, ...SWEEPS];
