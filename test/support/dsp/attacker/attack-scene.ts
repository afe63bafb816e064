import { ALL_KEYS } from '../key-tones.ts';

/** Everything that the attacker is given; the digits only to be scored, and to train on other presses. */
export interface Attack {
  /** What entered the masker. */
  readonly clean: Int16Array;
  /** What left it, `delaySamples` later. */
  readonly masked: Int16Array;
  readonly delaySamples: number;
  readonly rateHz: number;
  readonly presses: readonly AttackedPress[];
  /** Mean level per tone. */
  readonly levelDbm0: number;
}

export interface AttackedPress {
  readonly digit: string;
  readonly onset: number;
  readonly end: number;
}

/** A stretch of samples, end exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A shorter stretch of equal samples is a coincidence. */
const STRETCH_MS_MIN = 0.4;

/** Samples further apart than this and 0.4 % have not come through untouched. */
const EQUAL_UNITS = 1;
const EQUAL_SHARE = 0.004;

/** Where a press is quieter than this share of its peak over a millisecond there is no tone to read. */
const SOUNDING_SHARE = 0.005;

/** Masked audio put back in time with what went in, and what of it came through untouched. */
export class AttackScene {
  readonly attack: Attack;
  readonly heard: Float64Array;
  readonly isUntouched: Uint8Array;
  /** Key per press, 0 to 15, row by row. */
  readonly keys: readonly number[];
  readonly stretchMin: number;
  readonly #fragments = new Map<AttackedPress, readonly Stretch[]>();

  constructor(attack: Attack) {
    const { clean, masked, delaySamples, rateHz } = attack;
    this.attack = attack;
    this.keys = attack.presses.map(({ digit }) => ALL_KEYS.indexOf(digit));
    this.stretchMin = Math.max(3, Math.round((STRETCH_MS_MIN * rateHz) / 1000));
    const heard = new Float64Array(clean.length);
    heard.set(masked.subarray(delaySamples, delaySamples + clean.length));
    this.heard = heard;
    this.isUntouched = new Uint8Array(clean.length);
    const isEqual = (n: number): boolean => {
      const sample = clean[n]!;
      return Math.abs(sample - heard[n]!) <= Math.max(EQUAL_UNITS, EQUAL_SHARE * Math.abs(sample));
    };
    for (const { start, end } of stretches(isEqual, 0, clean.length, this.stretchMin))
      this.isUntouched.fill(1, start, end);
  }

  ms(time: number): number {
    return Math.round((time * this.attack.rateHz) / 1000);
  }

  /** Untouched stretches of a press in which its tone sounds. */
  fragments(press: AttackedPress): readonly Stretch[] {
    const known = this.#fragments.get(press) ?? this.#findFragments(press);
    this.#fragments.set(press, known);
    return known;
  }

  #findFragments({ onset, end }: AttackedPress): Stretch[] {
    const { clean } = this.attack;
    const reach = this.ms(1);
    let peak = 1;
    for (let n = onset; n < end; n += 1) peak = Math.max(peak, Math.abs(clean[n]!) + 1);
    const isOpen = (n: number): boolean => {
      if (this.isUntouched[n] === 0) return false;
      let sum = 0;
      for (let k = 0; k < reach; k += 1) {
        const at = n - (reach >> 1) + k;
        if (at >= onset && at < end) sum += Math.abs(clean[at]!);
      }
      return sum / reach > SOUNDING_SHARE * peak;
    };
    return stretches(isOpen, onset, end, this.stretchMin);
  }

  /** Milliseconds of each press that came through untouched. */
  openMs(): number[] {
    return this.attack.presses.map((press) => {
      const samples = this.fragments(press).reduce((sum, { start, end }) => sum + end - start, 0);
      return (samples / this.attack.rateHz) * 1000;
    });
  }

  /** What the shape of the mask says of each press: when it starts and ends, how long and in how many parts. */
  timing(): number[][] {
    const perMs = this.attack.rateHz / 1000;
    const grid = this.ms(20);
    const open = this.openMs();
    return this.attack.presses.map(({ onset, end }, i) => {
      const from = Math.max(0, onset - this.ms(60));
      const to = Math.min(this.heard.length, end + this.ms(120));
      const parts = stretches((n) => this.isUntouched[n] === 0, from, to, 1).filter(
        (part) => part.end > onset - this.ms(1) && part.start < end + this.ms(60),
      );
      const start = parts[0]?.start ?? end;
      const stop = parts.reduce((last, part) => Math.max(last, part.end), end);
      const lead = onset - start;
      const tail = (parts.length === 0 ? end : stop) - end;
      const wrapped = (value: number): number => ((value % grid) + grid) % grid;
      return [
        -lead / perMs,
        tail / perMs,
        (end + tail - start) / perMs,
        parts.length,
        wrapped(lead),
        wrapped(tail),
        open[i]!,
      ];
    });
  }
}

/** Stretches of at least `least` samples of [from, to) in which something holds. */
export function stretches(
  holds: (sample: number) => boolean,
  from: number,
  to: number,
  least: number,
): Stretch[] {
  const found: Stretch[] = [];
  let start = -1;
  for (let n = from; n <= to; n += 1) {
    const isIn = n < to && holds(n);
    if (isIn && start < 0) start = n;
    else if (!isIn && start >= 0) {
      if (n - start >= least) found.push({ start, end: n });
      start = -1;
    }
  }
  return found;
}
