import { codecMissing, throughCodec } from '../codecs.ts';
import type { Codec } from '../codecs.ts';
import { toInt16 } from '../key-tones.ts';
import type { Attack } from '../attacker/attack-scene.ts';
import { withBackground, withEcho } from './disturbances.ts';
import { pressedLine, randomOf, shuffledKeys } from './pressed.ts';

/** 960 presses: enough to see an attacker who is right in 8.5 % of them instead of 6.25 %. */
const PRESSES_PER_KEY = 60;

export interface LeakFamily {
  readonly id: string;
  readonly what: string;
  readonly toneMs?: readonly [number, number];
  readonly pauseMs?: number;
  readonly floorDbm0?: number | null;
  readonly levelDbm0?: readonly [number, number];
  /** Frequencies are off by up to so many per cent. */
  readonly offset?: number;
  readonly background?: { readonly kind: 'speech' | 'music'; readonly ratioDb: number };
  readonly codec?: Codec;
  readonly hasEcho?: boolean;
  readonly isPhaseZero?: boolean;
  readonly rampMs?: number;
  /** Fewer than usual, where they take long. */
  readonly pressesPerKey?: number;
  /** Nobody demands anything of it; it says where the limits of the rest end. */
  readonly hasNoLimit?: boolean;
}

const speech = (ratioDb: number): LeakFamily => ({
  id: `m07 speech ${ratioDb > 0 ? '+' : ''}${ratioDb}`,
  what: `continuous speech, tones ${ratioDb > 0 ? '+' : ''}${ratioDb} dB`,
  background: { kind: 'speech', ratioDb },
  floorDbm0: -70,
});

/** What is keyed in calls, and on what lines. Levels, twist, phases, lengths and offsets are random in each. */
export const LEAK_FAMILIES: readonly LeakFamily[] = [
  { id: 'm01 clean', what: 'noise floor -60 dBm0' },
  { id: 'm02 snr 30', what: 'noise 30 dB below the pair', floorDbm0: -37 },
  { id: 'm03 zero phase', what: 'a generator that starts at phase 0', isPhaseZero: true },
  { id: 'm04 ramp', what: '5 ms ramps', rampMs: 5 },
  { id: 'm05 mu-law', what: 'G.711 µ-law', floorDbm0: -65, codec: 'ulaw' },
  { id: 'm06 short', what: '40 ms tones, 40 ms pauses', toneMs: [40, 40], pauseMs: 40 },
  ...[20, 10, 6, 3, 0, -6].map(speech),
  {
    id: 'm08 music +6',
    what: 'music, tones +6 dB',
    background: { kind: 'music', ratioDb: 6 },
    floorDbm0: -70,
  },
  { id: 'm09 echo', what: 'line echo, 64 ms, 20 dB down', hasEcho: true },
  { id: 'm10 bursts', what: 'bursts of 15 to 25 ms', toneMs: [15, 25] },
  { id: 'm11 low', what: '-30 to -20 dBm0', levelDbm0: [-30, -20], floorDbm0: -65 },
  { id: 'm12 offset', what: 'frequencies up to 1.8 % off', offset: 1.8 },
  { id: 'm13 digital silence', what: 'no noise floor', floorDbm0: null },
  { id: 'm20 gsm', what: 'GSM full rate', codec: 'gsm' },
  { id: 'm21 amr 12.2', what: 'AMR 12.2 kbit/s', codec: 'amr122' },
  { id: 'm22 amr 4.75', what: 'AMR 4.75 kbit/s', codec: 'amr475' },
  { id: 'm23 opus 24', what: 'Opus 24 kbit/s', codec: 'opus24' },
  { id: 'm24 opus 12', what: 'Opus 12 kbit/s', codec: 'opus12' },
  {
    id: 'x24 opus 12, lone keys',
    what: 'Opus 12 kbit/s, 6 s between keys',
    codec: 'opus12',
    pauseMs: 6000,
    pressesPerKey: 10,
    hasNoLimit: true,
  },
];

/** Why a family cannot be made at a rate here, or undefined if it can. */
export function familyMissing({ codec }: LeakFamily, rateHz: number): string | undefined {
  return codec === undefined ? undefined : codecMissing(codec, rateHz);
}

/** A recording of the family before it is masked. */
export function leakSignal(
  family: LeakFamily,
  rateHz: number,
  seed: number,
  pressesPerKey = family.pressesPerKey ?? PRESSES_PER_KEY,
): Pick<Attack, 'clean' | 'rateHz' | 'presses' | 'levelDbm0'> {
  const random = randomOf(family.id, seed);
  const between = ([least, most]: readonly [number, number]): number => least + (most - least) * random();
  const { levelDbm0 = [-14, -6], toneMs = [60, 140], offset = 0.3 } = family;
  const levels: number[] = [];
  const { signal, presses } = pressedLine({
    rateHz,
    random,
    digits: shuffledKeys(pressesPerKey, random),
    jitterMs: 40,
    floorDbm0: family.floorDbm0 === undefined ? -60 : family.floorDbm0,
    press: () => {
      const level = between(levelDbm0);
      const twist = between([-3, 2]);
      levels.push(level);
      return {
        toneMs: between(toneMs),
        pauseMs: family.pauseMs ?? 150,
        rowDbm0: level - twist / 2,
        columnDbm0: level + twist / 2,
        rowOffset: between([-offset, offset]),
        columnOffset: between([-offset, offset]),
        isPhaseZero: family.isPhaseZero ?? false,
        rampMs: family.rampMs ?? 0,
      };
    },
  });
  const { background, codec } = family;
  let line = signal;
  if (background !== undefined)
    line = withBackground(line, background.kind, background.ratioDb, rateHz, random);
  if (family.hasEcho === true) line = withEcho(line, Math.round(0.064 * rateHz), 20);
  const clean = codec === undefined ? toInt16(line) : throughCodec(toInt16(line), codec, rateHz);
  return { clean, rateHz, presses, levelDbm0: levels.reduce((sum, level) => sum + level, 0) / levels.length };
}
