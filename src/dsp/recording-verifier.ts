import type { DigitCode } from '../core/digit.ts';
import type { SampleRate } from '../core/sample-rate.ts';

/**
 * ITU-T Q.23: the row tones, then the column tones. Written here again on purpose: this check shares no table and no
 * arithmetic with the masker that it judges.
 */
const TONES_HZ = [697, 770, 852, 941, 1209, 1336, 1477, 1633] as const;
const KEYS = '123A456B789C*0#D';

/** Resolution of the search. */
const STEP_MS = 1;

/**
 * Two looks at every millisecond. A remnant of 8 ms must be nearly pure, since 8 ms of a vowel sometimes resembles a
 * pair; 24 ms of voice never do, so that a whole press is found under noise and codec distortion too.
 */
const LOOKS = [
  { lengthMs: 8, pairShare: 0.95 },
  { lengthMs: 24, pairShare: 0.78 },
] as const;

/** Level of the weaker tone from which a pair is recoverable, as peak in 16 bit units: -45 dBm0. */
const LEAST_PEAK = 32768 * 10 ** ((-45 - 3.14) / 20);

/** The weaker tone against the stronger one in energy: -12 dB, the widest twist that receivers accept. */
const LEAST_BALANCE = 10 ** (-12 / 10);

/** Finds of one pair this close together are one finding. */
const JOIN_MS = 20;

/** A stretch of a recording from which a key can be told. */
export interface Finding {
  readonly startSample: number;
  readonly endSample: number;
  readonly code: DigitCode;
}

/**
 * Looks for DTMF that could be read out of a recording, whole presses and remnants from 8 ms on. Speech with one
 * false finding per hour is normal: the threshold errs on that side.
 */
export function findRecoverableDigits(samples: Int16Array, rate: SampleRate): Finding[] {
  const blocks = correlate(samples, rate);
  const findings: Finding[] = [];
  for (const { lengthMs, pairShare } of LOOKS) {
    let open: { start: number; end: number; key: number } | null = null;
    for (let end = lengthMs; end <= blocks.count; end += 1) {
      const key = pairIn(blocks, end - lengthMs, end, pairShare);
      if (key < 0) continue;
      if (open !== null && key === open.key && end - lengthMs <= open.end + JOIN_MS) open.end = end;
      else {
        if (open !== null) findings.push(findingOf(open, rate));
        open = { start: end - lengthMs, end, key };
      }
    }
    if (open !== null) findings.push(findingOf(open, rate));
  }
  return joined(findings, (JOIN_MS * rate) / 1000);
}

/** Sums over all blocks before each block: cosine and sine parts of every tone, and energy. */
interface Blocks {
  readonly count: number;
  readonly samplesPerBlock: number;
  readonly cosine: Float64Array;
  readonly sine: Float64Array;
  readonly energy: Float64Array;
}

function correlate(samples: Int16Array, rate: SampleRate): Blocks {
  const samplesPerBlock = (rate * STEP_MS) / 1000;
  const count = Math.floor(samples.length / samplesPerBlock);
  const tones = TONES_HZ.length;
  const cosine = new Float64Array((count + 1) * tones);
  const sine = new Float64Array((count + 1) * tones);
  const energy = new Float64Array(count + 1);
  // All tones are whole Hz, so one second of each is a period.
  const table = Float32Array.from({ length: rate }, (_, n) => Math.cos((2 * Math.PI * n) / rate));
  for (let block = 0; block < count; block += 1) {
    const first = block * samplesPerBlock;
    let sum = 0;
    for (let n = first; n < first + samplesPerBlock; n += 1) sum += samples[n]! * samples[n]!;
    energy[block + 1] = energy[block]! + sum;
    for (let tone = 0; tone < tones; tone += 1) {
      const hz = TONES_HZ[tone]!;
      let c = 0;
      let s = 0;
      for (let n = first; n < first + samplesPerBlock; n += 1) {
        const turn = (n * hz) % rate;
        c += samples[n]! * table[turn]!;
        s += samples[n]! * table[(turn + 3 * (rate / 4)) % rate]!;
      }
      const at = (block + 1) * tones + tone;
      cosine[at] = cosine[at - tones]! + c;
      sine[at] = sine[at - tones]! + s;
    }
  }
  return { count, samplesPerBlock, cosine, sine, energy };
}

/** The pair that makes up blocks [from, to) by the given share of the energy, as key index; -1 if none does. */
function pairIn(blocks: Blocks, from: number, to: number, pairShare: number): number {
  const length = (to - from) * blocks.samplesPerBlock;
  const energy = blocks.energy[to]! - blocks.energy[from]!;
  // Two tones at the least level carry this much; most of a recording ends here.
  if (energy < LEAST_PEAK * LEAST_PEAK * length) return -1;
  const row = strongest(blocks, from, to, 0);
  const column = strongest(blocks, from, to, 4);
  const rowEnergy = (2 * toneSquare(blocks, from, to, row)) / length;
  const columnEnergy = (2 * toneSquare(blocks, from, to, column)) / length;
  const weaker = Math.min(rowEnergy, columnEnergy);
  if (weaker < (LEAST_PEAK * LEAST_PEAK * length) / 2) return -1;
  if (weaker < LEAST_BALANCE * Math.max(rowEnergy, columnEnergy)) return -1;
  return rowEnergy + columnEnergy >= pairShare * energy ? 4 * row + column - 4 : -1;
}

function strongest(blocks: Blocks, from: number, to: number, first: number): number {
  let best = first;
  let most = -1;
  for (let tone = first; tone < first + 4; tone += 1) {
    const square = toneSquare(blocks, from, to, tone);
    if (square <= most) continue;
    most = square;
    best = tone;
  }
  return best;
}

function toneSquare({ cosine, sine }: Blocks, from: number, to: number, tone: number): number {
  const c = cosine[to * 8 + tone]! - cosine[from * 8 + tone]!;
  const s = sine[to * 8 + tone]! - sine[from * 8 + tone]!;
  return c * c + s * s;
}

function findingOf(open: { start: number; end: number; key: number }, rate: SampleRate): Finding {
  const perBlock = (rate * STEP_MS) / 1000;
  return {
    startSample: open.start * perBlock,
    endSample: open.end * perBlock,
    code: KEYS.charCodeAt(open.key),
  };
}

/** Findings of both looks in order of time; those of one key that touch become one. */
function joined(findings: readonly Finding[], gap: number): Finding[] {
  const out: Finding[] = [];
  for (const next of [...findings].sort((a, b) => a.startSample - b.startSample)) {
    const last = out.at(-1);
    if (last !== undefined && last.code === next.code && next.startSample <= last.endSample + gap) {
      out[out.length - 1] = { ...last, endSample: Math.max(last.endSample, next.endSample) };
    } else out.push(next);
  }
  return out;
}
