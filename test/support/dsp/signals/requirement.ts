/** What a document demands of a receiver for one signal. */
export type Requirement =
  | { readonly kind: 'every key once' }
  | { readonly kind: 'no report' }
  /** At least so many of 160 presses; `isExact` if no other digit may be reported either. */
  | { readonly kind: 'at least'; readonly of160: number; readonly isExact: boolean }
  /** No press is reported twice or as another key. */
  | { readonly kind: 'no key twice' }
  /** A value is swept: reported up to one limit, not reported beyond another. */
  | { readonly kind: 'sweep'; readonly text: string; readonly accept: Limit; readonly reject?: Limit }
  /** No document sets a limit. */
  | { readonly kind: 'none' };

type Limit = (value: number) => boolean;

export interface ScoredPress {
  readonly digit: string;
  readonly onset: number;
  readonly end: number;
  /** The swept value. */
  readonly value?: number;
}

export interface Report {
  readonly digit: string;
  /** Samples heard when it was made. */
  readonly sample: number;
}

export interface Score {
  readonly presses: number;
  readonly hits: number;
  /** Reports of another digit, or of the same one again. */
  readonly wrong: number;
  /** Reports where no key is pressed. */
  readonly extra: number;
  readonly delaysMs: readonly number[];
  /** Of a sweep, presses on the wrong side of its limits. */
  readonly violations: number;
  /** Of a sweep, the values from which and up to which every press was reported. */
  readonly reach: readonly [number, number] | null;
}

/** A report belongs to a press until so long after its end. */
const LATE_MS = 120;

/** Every press is found at most once, by a report of its digit between its onset and shortly after its end. */
export function scoreReports(
  presses: readonly ScoredPress[],
  reports: readonly Report[],
  rateHz: number,
  requirement: Requirement,
): Score {
  const late = (LATE_MS * rateHz) / 1000;
  const isHit = presses.map(() => false);
  const delaysMs: number[] = [];
  let wrong = 0;
  let extra = 0;
  for (const { digit, sample } of reports) {
    const current = presses.findLastIndex(({ onset }) => onset <= sample);
    const reached = [current, current - 1].filter((i) => i >= 0 && sample <= presses[i]!.end + late);
    const found = reached.find((i) => presses[i]!.digit === digit && !isHit[i]!);
    if (found !== undefined) {
      isHit[found] = true;
      delaysMs.push(((sample - presses[found]!.onset) / rateHz) * 1000);
    } else if (reached.includes(current)) wrong += 1;
    else extra += 1;
  }
  const hits = isHit.filter(Boolean).length;
  let violations = 0;
  let reach: readonly [number, number] | null = null;
  if (requirement.kind === 'sweep') {
    for (const [i, { value = 0 }] of presses.entries()) {
      const isViolated = requirement.accept(value) ? !isHit[i]! : requirement.reject?.(value) && isHit[i]!;
      if (isViolated) violations += 1;
    }
    reach = reachOf(presses, isHit);
  }
  return { presses: presses.length, hits, wrong, extra, delaysMs, violations, reach };
}

/** Values between which, from the first presses of each direction on, every press was reported. */
function reachOf(presses: readonly ScoredPress[], isHit: readonly boolean[]): readonly [number, number] {
  const values = presses.map(({ value = 0 }, i) => ({ value, isHit: isHit[i]! }));
  const last = (direction: typeof values): number => {
    const miss = direction.findIndex((press) => !press.isHit);
    return direction[(miss < 0 ? direction.length : miss) - 1]?.value ?? 0;
  };
  const negative = values.filter(({ value }) => value < 0);
  const positive = values.filter(({ value }) => value >= 0);
  return [last(negative), last(positive)];
}

/** Does the score meet the requirement? Null where there is none. */
export function isMet(score: Score, requirement: Requirement): boolean | null {
  const { hits, presses, wrong, extra } = score;
  switch (requirement.kind) {
    case 'every key once':
      return hits === presses && wrong + extra === 0;
    case 'no report':
      return hits + wrong + extra === 0;
    case 'at least':
      return hits >= (requirement.of160 / 160) * presses && (!requirement.isExact || wrong + extra === 0);
    case 'no key twice':
      return wrong + extra === 0;
    case 'sweep':
      return score.violations === 0 && wrong + extra === 0;
    case 'none':
      return null;
  }
}

/** Several runs of one item as one. */
export function pooled(scores: readonly Score[]): Score {
  const total = (of: (score: Score) => number): number => scores.reduce((sum, score) => sum + of(score), 0);
  const reaches = scores.flatMap(({ reach }) => (reach === null ? [] : [reach]));
  return {
    presses: total(({ presses }) => presses),
    hits: total(({ hits }) => hits),
    wrong: total(({ wrong }) => wrong),
    extra: total(({ extra }) => extra),
    violations: total(({ violations }) => violations),
    delaysMs: scores.flatMap(({ delaysMs }) => delaysMs),
    reach:
      reaches.length === 0
        ? null
        : [Math.max(...reaches.map(([from]) => from)), Math.min(...reaches.map(([, to]) => to))],
  };
}
