import { RULES } from '../../support/dsp/attacker/attacker.ts';
import type { AttackReport, Rule } from '../../support/dsp/attacker/attacker.ts';
import { binomialTail, combinedProbability, mean, quantile } from '../../support/dsp/attacker/statistics.ts';
import { ACTED_NAME, heldOut } from '../../support/dsp/held-out.ts';
import { DETECTION_ITEMS } from '../../support/dsp/signals/detection-items.ts';
import { LEAK_FAMILIES } from '../../support/dsp/signals/leak-families.ts';
import { isMet, pooled } from '../../support/dsp/signals/requirement.ts';
import type { Requirement, Score } from '../../support/dsp/signals/requirement.ts';
import type {
  DetectionResult,
  LeakResult,
  Rate,
  SpeechCost,
  SpeechSetting,
  TalkOffVariant,
  Task,
  TaskResult,
} from './task.ts';
import { FULL_RATES, SENSITIVITIES, SPEECH_SETTINGS } from './task.ts';

/** What a run found, as it is written to docs/conformance.json; every table is made from it. */
export interface Figures {
  readonly seeds: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
  readonly detection: readonly DetectionRow[];
  readonly leaks: readonly LeakRow[];
  readonly speech: readonly SpeechRow[];
  readonly talkOff: readonly TalkOffRow[];
}

export interface DetectionFigure extends Omit<Score, 'delaysMs'> {
  readonly meanDelayMs: number;
  readonly maxDelayMs: number;
  /** Null where nothing is required. */
  readonly isMet: boolean | null;
}

export interface DetectionRow {
  readonly id: string;
  readonly what: string;
  readonly requirement: string;
  readonly at8: DetectionFigure | null;
  readonly at16: DetectionFigure | null;
  readonly spandsp: DetectionFigure | null;
}

export interface LeakRow {
  readonly id: string;
  readonly what: string;
  readonly sensitivity: 'capture' | 'normal';
  readonly rateHz: Rate;
  readonly presses: number;
  readonly meanOpenMs: number;
  readonly maxOpenMs: number;
  /** Presses of which half a millisecond or more came through. */
  readonly openPresses: number;
  readonly recovery: Readonly<Record<Rule, number>>;
  /** Per seed, whether any rule was better than guessing. */
  readonly leaks: readonly boolean[];
  /** Smallest probability of any question about all seeds together. */
  readonly pValue: number;
  /** Share of digits that may be recovered where guessing is not the limit. */
  readonly recoveryMax: number | null;
  /** Digits that SpanDSP reads in masked audio. */
  readonly decoded: number | null;
  /** Null where there is no limit. */
  readonly isMet: boolean | null;
}

export interface SpeechRow {
  readonly voice: string;
  readonly setting: SpeechSetting;
  readonly rateHz: Rate;
  readonly minutes: number;
  readonly alteredShare: number;
  readonly dropOutsPerMinute: number;
  readonly edges: number;
  readonly medianStep: number;
  readonly maxStep: number;
  readonly latencyMs: number;
  readonly changedOutside: number;
}

export interface TalkOffRow {
  readonly what: string;
  readonly hours: number;
  readonly capture: number;
  readonly normal: number;
  readonly spandsp: number | null;
}

/** A recovery that speech louder than the tone, echoes and GSM may have; the prototype's figures at its settings. */
const RECOVERY_MAX: Readonly<Record<string, Partial<Record<'capture' | 'normal', number>>>> = {
  'm07 speech -6': { capture: 0.08, normal: 0.11 },
  'm09 echo': { normal: 0.1 },
  'm20 gsm': { normal: 0.08 },
};

export function summarize(
  tasks: readonly Task[],
  results: readonly TaskResult[],
): Pick<Figures, 'detection' | 'leaks' | 'speech' | 'talkOff'> {
  const done = tasks.map((task, i) => ({ task, result: results[i]! }));
  return {
    detection: DETECTION_ITEMS.flatMap((item) => {
      const found = (rateHz: Rate): DetectionResult[] =>
        done.flatMap(({ task, result }) =>
          task.kind === 'detection' &&
          result.kind === 'detection' &&
          task.id === item.id &&
          task.rateHz === rateHz
            ? [result]
            : [],
        );
      return found(8000).length + found(16_000).length === 0
        ? []
        : [detectionRow(item, found(8000), found(16_000))];
    }),
    leaks: leakRows(done),
    speech: speechRows(done),
    talkOff: talkOffRows(done),
  };
}

type Done = readonly { readonly task: Task; readonly result: TaskResult }[];

function detectionRow(
  { id, what, requirement }: { id: string; what: string; requirement: Requirement },
  at8: readonly DetectionResult[],
  at16: readonly DetectionResult[],
): DetectionRow {
  const figure = (scores: readonly Score[]): DetectionFigure | null => {
    if (scores.length === 0) return null;
    const { delaysMs, ...score } = pooled(scores);
    // What must hold for every press holds for the sum only if it holds in each run; shares are judged together.
    const isEachMet = scores.map((one) => isMet(one, requirement));
    const isAllMet =
      requirement.kind === 'at least'
        ? isMet({ ...score, delaysMs }, requirement)
        : !isEachMet.includes(false);
    return {
      ...score,
      meanDelayMs: rounded(mean(delaysMs), 1),
      maxDelayMs: rounded(Math.max(0, ...delaysMs), 1),
      isMet: requirement.kind === 'none' ? null : isAllMet,
    };
  };
  return {
    id,
    what,
    requirement: describeRequirement(requirement),
    at8: figure(at8.map(({ ours }) => ours)),
    at16: figure(at16.map(({ ours }) => ours)),
    spandsp: figure(at8.flatMap(({ spandsp }) => spandsp ?? [])),
  };
}

function describeRequirement(requirement: Requirement): string {
  switch (requirement.kind) {
    case 'at least':
      return `≥ ${((100 * requirement.of160) / 160).toFixed(1)} %${requirement.isExact ? ', no wrong digit' : ''}`;
    case 'sweep':
      return requirement.text;
    case 'none':
      return '–';
    case 'every key once':
    case 'no key twice':
    case 'no report':
      return requirement.kind;
  }
}

function leakRows(done: Done): LeakRow[] {
  const rows = LEAK_FAMILIES.flatMap(({ id, what, hasNoLimit = false }) =>
    SENSITIVITIES.flatMap((sensitivity) =>
      FULL_RATES.flatMap((rateHz) => {
        const results = done.flatMap(({ task, result }) =>
          task.kind === 'leak' && result.kind === 'leak' && task.id === id && task.rateHz === rateHz
            ? [result]
            : [],
        );
        return results.length === 0 ? [] : [{ id, what, sensitivity, rateHz, results, hasNoLimit }];
      }),
    ),
  );
  // One in a hundred that any of the four rules of any row with a limit cries wolf.
  const limited = rows.filter(({ hasNoLimit }) => !hasNoLimit).length;
  const significant = 0.01 / (RULES.length * Math.max(1, limited));
  return rows.map(({ results, hasNoLimit, ...row }) => {
    const measured = leakRow(row, results, significant);
    return hasNoLimit ? { ...measured, isMet: null } : measured;
  });
}

function leakRow(
  row: Pick<LeakRow, 'id' | 'what' | 'sensitivity' | 'rateHz'>,
  results: readonly LeakResult[],
  significant: number,
): LeakRow {
  const reports = results.map(({ attacks }) => attacks[row.sensitivity]);
  const presses = reports.reduce((sum, report) => sum + report.presses, 0);
  const share = (rule: Rule): number =>
    reports.reduce((sum, { rules }) => sum + rules[rule].correct, 0) / presses;
  const recovery = {
    fragment: rounded(share('fragment'), 4),
    window: rounded(share('window'), 4),
    learned: rounded(share('learned'), 4),
    timing: rounded(share('timing'), 4),
  };
  const pValue = Math.min(...RULES.map((rule) => togetherProbability(rule, reports, presses)));
  const leaks = reports.map(({ leak }) => leak);
  const recoveryMax = RECOVERY_MAX[row.id]?.[row.sensitivity] ?? null;
  const isBetterThanChance = pValue < significant || leaks.filter(Boolean).length > leaks.length / 2;
  return {
    ...row,
    presses,
    meanOpenMs: rounded(mean(reports.map(({ open }) => open.meanMs)), 3),
    maxOpenMs: rounded(Math.max(...reports.map(({ open }) => open.maxMs)), 2),
    openPresses: reports.reduce((sum, { open, presses: count }) => sum + Math.round(open.share * count), 0),
    recovery,
    leaks,
    pValue: Number(pValue.toPrecision(2)),
    recoveryMax,
    decoded: results.some(({ decoded }) => decoded === null)
      ? null
      : results.reduce((sum, { decoded }) => sum + decoded![row.sensitivity], 0),
    isMet:
      !isBetterThanChance || (recoveryMax !== null && Math.max(...Object.values(recovery)) <= recoveryMax),
  };
}

/** Likelihoods are the same in every run, so that digits are added up; what was learned is judged run by run. */
function togetherProbability(rule: Rule, reports: readonly AttackReport[], presses: number): number {
  const results = reports.map(({ rules }) => rules[rule]);
  if (rule === 'fragment' || rule === 'window')
    return binomialTail(
      results.reduce((sum, { correct }) => sum + correct, 0),
      presses,
      1 / 16,
    );
  const together = (['pValue', 'pRow', 'pColumn'] as const).map((question) =>
    combinedProbability(results.map((result) => result[question])),
  );
  return Math.min(1, together.length * Math.min(...together));
}

/** Row per voice, and one of all of them but the actors, whose effects no telephone has. */
function speechRows(done: Done): SpeechRow[] {
  const cells = SPEECH_SETTINGS.flatMap((setting) => FULL_RATES.map((rateHz) => ({ setting, rateHz })));
  return cells.flatMap(({ setting, rateHz }) => {
    const costs = done.flatMap(({ task, result }) =>
      task.kind === 'speech' && result.kind === 'speech' && task.rateHz === rateHz
        ? [{ voice: task.id, cost: result.costs[setting] }]
        : [],
    );
    if (costs.length === 0) return [];
    const plain = costs.filter(({ voice }) => voice !== ACTED_NAME);
    const all = { voice: 'all voices', cost: plain.map(({ cost }) => cost) };
    return [...costs.map(({ voice, cost }) => ({ voice, cost: [cost] })), all].map(({ voice, cost }) =>
      speechRow({ voice, setting, rateHz }, cost),
    );
  });
}

function speechRow(
  row: Pick<SpeechRow, 'voice' | 'setting' | 'rateHz'>,
  costs: readonly SpeechCost[],
): SpeechRow {
  const total = (of: (cost: SpeechCost) => number): number => costs.reduce((sum, cost) => sum + of(cost), 0);
  const seconds = total(({ speechSeconds }) => speechSeconds);
  const steps = costs.flatMap(({ stepRatios }) => stepRatios);
  return {
    ...row,
    minutes: rounded(seconds / 60, 1),
    alteredShare: rounded(total(({ alteredSeconds }) => alteredSeconds) / seconds, 5),
    dropOutsPerMinute: rounded((60 * total(({ dropOuts }) => dropOuts)) / seconds, 2),
    edges: steps.length,
    medianStep: rounded(quantile(steps, 0.5), 2),
    maxStep: rounded(Math.max(0, ...steps), 2),
    latencyMs: (1000 * Math.max(...costs.map(({ latencySamples }) => latencySamples))) / row.rateHz,
    changedOutside: total(({ changedOutside }) => changedOutside),
  };
}

function talkOffRows(done: Done): TalkOffRow[] {
  const kindOf = new Map(heldOut().audio.map(({ name, kind }) => [name, kind]));
  const found = done.flatMap(({ task, result }) =>
    task.kind === 'talk-off' && result.kind === 'talk-off'
      ? result.variants.map((variant) => ({ task, variant }))
      : [],
  );
  const groups = (['speech', 'music', 'acted'] as const).flatMap((kind) =>
    [true, false].map((isAsItIs) => ({
      what: `${kind === 'acted' ? ACTED_NAME : kind}, ${isAsItIs ? 'as it is' : 'faster, slower and through a telephone band'}`,
      variants: found
        .filter(
          ({ task, variant }) =>
            kindOf.get(task.id) === kind &&
            isAsItIs === (task.speed[0] === task.speed[1] && !variant.isBandLimited),
        )
        .map(({ variant }) => variant),
    })),
  );
  return groups
    .filter(({ variants }) => variants.length > 0)
    .map(({ what, variants }) => talkOffRow(what, variants));
}

function talkOffRow(what: string, results: readonly TalkOffVariant[]): TalkOffRow {
  const total = (of: (result: TalkOffVariant) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0);
  return {
    what,
    hours: rounded(
      total(({ hours }) => hours),
      2,
    ),
    capture: total(({ ours }) => ours.capture),
    normal: total(({ ours }) => ours.normal),
    spandsp: results.some(({ spandsp }) => spandsp === null) ? null : total(({ spandsp }) => spandsp ?? 0),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
