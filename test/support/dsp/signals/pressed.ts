import { addNoise, ALL_KEYS, pressSequence, uniform } from '../key-tones.ts';
import type { Press, PressSequence } from '../key-tones.ts';

/** Random numbers of one item: the same seed gives every item its own. */
export function randomOf(id: string, seed: number): () => number {
  // FNV-1a, so that names that differ little give seeds that differ much.
  let hash = 0x811c9dc5;
  for (const letter of `${id} ${seed}`) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  return uniform(hash);
}

/** Each of the 16 keys so many times, in random order. */
export function shuffledKeys(times: number, random: () => number): string[] {
  const keys = Array.from(ALL_KEYS.repeat(times));
  for (let i = keys.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [keys[i], keys[j]] = [keys[j]!, keys[i]!];
  }
  return keys;
}

export interface PressedLine {
  readonly rateHz: number;
  readonly random: () => number;
  readonly digits: readonly string[];
  /** What all presses have in common, or what each has. */
  readonly press: (index: number, digit: string) => Partial<Press>;
  /** Up to so much is added to every pause, so that presses do not keep in step with frames. */
  readonly jitterMs?: number;
  /** Noise of the line; null for digital silence. */
  readonly floorDbm0?: number | null;
}

/** Presses with half a second before and after them; 50/50 ms at -10 dBm0 per tone unless a press says otherwise. */
export function pressedLine(line: PressedLine): PressSequence {
  const { rateHz, random, jitterMs = 1, floorDbm0 = -75 } = line;
  const presses = line.digits.map((digit, i): Press => {
    const press = line.press(i, digit);
    return {
      toneMs: 50,
      rowDbm0: -10,
      columnDbm0: -10,
      ...press,
      digit,
      pauseMs: (press.pauseMs ?? 50) + jitterMs * random(),
    };
  });
  const sequence = pressSequence(presses, { rateHz, marginMs: 500, random });
  if (floorDbm0 !== null) addNoise(sequence.signal, floorDbm0, random);
  return sequence;
}
