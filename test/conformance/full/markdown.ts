import { ACTED_NAME } from '../../support/dsp/held-out.ts';
import type { DetectionFigure, DetectionRow, Figures, LeakRow, SpeechRow, TalkOffRow } from './figures.ts';

/** The documents' text, made from figures alone, so that every number in it comes from one run. */

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

const verdict = (isMet: boolean | null): string => (isMet === null ? '–' : isMet ? 'pass' : '**FAIL**');

function detected(figure: DetectionFigure | null): string {
  if (figure === null) return '–';
  const { hits, presses, wrong, extra, reach } = figure;
  const wrongs = [
    ...(wrong > 0 ? [`${wrong} wrong or twice`] : []),
    ...(extra > 0 ? [`${extra} extra`] : []),
  ].join(', ');
  const tail = wrongs === '' ? '' : `, ${wrongs}`;
  if (reach === null) return `${hits} / ${presses}${tail}`;
  const [from, to] = reach;
  return `${from !== 0 && to !== 0 ? `${from} to +${to}` : String(from !== 0 ? from : to)}${tail}`;
}

/** At both rates; null where nothing is required. */
function isDetectionMet({ at8, at16 }: DetectionRow): boolean | null {
  const both = [at8, at16].filter((figure) => figure !== null);
  return both.some(({ isMet }) => isMet === false) ? false : (both[0]?.isMet ?? null);
}

function detectionTable({ detection }: Figures): string {
  return table(
    ['item', 'what', 'required', 'ours 8 kHz', 'ours 16 kHz', 'SpanDSP', 'delay mean / max ms', 'verdict'],
    detection.map((row) => {
      const { id, what, requirement, at8, at16, spandsp } = row;
      const delays = [at8, at16]
        .filter((figure) => figure !== null)
        .filter(({ maxDelayMs }) => maxDelayMs > 0);
      const delay =
        delays.length === 0
          ? '–'
          : `${Math.max(...delays.map((figure) => figure.meanDelayMs))} / ${Math.max(...delays.map((figure) => figure.maxDelayMs))}`;
      const verdictOnBoth = verdict(isDetectionMet(row));
      return [id, what, requirement, detected(at8), detected(at16), detected(spandsp), delay, verdictOnBoth];
    }),
  );
}

function leakTable(rows: readonly LeakRow[]): string {
  return table(
    [
      'family',
      'what',
      'kHz',
      'open mean / max ms',
      'presses open ≥ 0.5 ms',
      'fragments',
      'windows',
      'learned',
      'timing',
      'SpanDSP reads',
      'seeds that leak',
      'p of all',
      'verdict',
    ],
    rows.map((row) => [
      row.id,
      row.what,
      row.rateHz / 1000,
      `${row.meanOpenMs} / ${row.maxOpenMs}`,
      `${row.openPresses} of ${row.presses}`,
      percent(row.recovery.fragment),
      percent(row.recovery.window),
      percent(row.recovery.learned),
      percent(row.recovery.timing),
      row.decoded ?? '–',
      `${row.leaks.filter(Boolean).length} of ${row.leaks.length}`,
      row.pValue >= 0.001 ? row.pValue : row.pValue.toExponential(0),
      `${verdict(row.isMet)}${row.recoveryMax === null ? '' : ` (≤ ${percent(row.recoveryMax, 0)})`}`,
    ]),
  );
}

/** Share of speech and drop-outs per minute that masking may cost. */
const SPEECH_LIMITS = {
  capture: { share: 0.025, dropOuts: 10 },
  normal: { share: 0.007, dropOuts: 6 },
} as const;

/** Whether the limits are kept; null for rows that have none. */
function isSpeechMet(row: SpeechRow): boolean | null {
  if (row.voice !== 'all voices' || row.setting === 'wary') return null;
  const { share, dropOuts } = SPEECH_LIMITS[row.setting];
  return row.alteredShare <= share && row.dropOutsPerMinute <= dropOuts && row.changedOutside === 0;
}

function speechTable({ speech }: Figures): string {
  return table(
    [
      'setting',
      'kHz',
      'voice',
      'minutes of speech',
      'altered',
      'drop-outs > 20 ms a minute',
      'step at mask edges, median / max',
      'samples changed elsewhere',
      'delay ms',
      'verdict',
    ],
    speech.map((row) => [
      row.setting,
      row.rateHz / 1000,
      row.voice,
      row.minutes,
      percent(row.alteredShare, 2),
      row.dropOutsPerMinute,
      `${row.medianStep} / ${row.maxStep}`,
      row.changedOutside,
      row.latencyMs,
      verdict(isSpeechMet(row)),
    ]),
  );
}

/** Null where SpanDSP is not installed. */
function isTalkOffMet({ capture, normal, spandsp }: TalkOffRow): boolean | null {
  return spandsp === null ? null : Math.max(capture, normal) <= spandsp;
}

function talkOffTable({ talkOff }: Figures): string {
  return table(
    ['audio', 'hours', 'ours, capture', 'ours, normal', 'SpanDSP', 'verdict'],
    talkOff.map((row) => [
      row.what,
      row.hours,
      row.capture,
      row.normal,
      row.spandsp ?? '–',
      verdict(isTalkOffMet(row)),
    ]),
  );
}

/** docs/conformance.md */
export function conformanceDocument(figures: Figures): string {
  const { seeds, versions, missing, leaks } = figures;
  const counted = [
    ...figures.detection.map(isDetectionMet),
    ...leaks.map(({ isMet }) => isMet),
    ...figures.speech.map(isSpeechMet),
    ...figures.talkOff.map(isTalkOffMet),
  ].filter((isMet) => isMet !== null);
  return `# Conformance

Written by \`npm run conformance\`; do not edit. Seeds 1 to ${seeds}. ${Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')}.
${missing.length === 0 ? '' : `\nNot installed, and left out: ${missing.join('; ')}.\n`}
${counted.filter(Boolean).length} of ${counted.length} rows with a limit pass. No network was trained on any of it: seeds,
voices and music are not those of the training (\`src/training/speech-corpus.ts\`), the signals are made by
\`test/support/dsp\`, which shares no code with \`src\`. The gate's thresholds (\`src/dsp/mask-gate.ts\`) were chosen with
seed 1 and the voices of "Speech without keys", the one for after a mangled key with the seeds of m22 to m24.

## Receiver

ITU-T Q.24 with the limits of AT&T, NTT, Denmark, Brazil and Australia, ETSI ES 201 235-3, Telcordia GR-506 and the
procedure of the MITEL CM7291 tape; from c01 on, what telephone networks add. 160 presses per seed, ten of each key.
Where a share is required it is what the prototype reached that this project was measured against. Sweeps show how far
every press was reported. Delays are from the onset to the report. SpanDSP hears the 8 kHz signals, sample by sample.

${detectionTable(figures)}

## Attacker

960 presses per seed, of lone keys 160; levels, twist, phases, lengths and offsets are random. The attacker
(\`test/support/dsp/attacker\`) knows everything but the digits: onset and end of each press, the delay, which samples are untouched. \`fragments\` is
maximum likelihood on every untouched piece of tone of 0.4 ms or more, \`windows\` on fixed windows with the mask tone
taken out, \`learned\` and \`timing\` are discriminants trained on nine tenths of the presses. Chance is 6.3 %. A row
fails if all seeds together are better than chance, at one in a hundred over all rows, or if most seeds are by
themselves; where a limit is named, recovery up to it passes. A key that the line has mangled makes the gate wary for five
seconds; \`x24\`, which has no limit, shows what that is worth: no key there is close enough to another.

### Capture

${leakTable(leaks.filter(({ sensitivity }) => sensitivity === 'capture'))}

### Normal

${leakTable(leaks.filter(({ sensitivity }) => sensitivity === 'normal'))}

## Speech without keys

What masking costs a caller who only speaks: at most 2.5 % of speech and 10 drop-outs a minute in capture, 0.7 % and 6
in normal. A step is the largest difference between two samples at an edge of the mask over the largest one of the
speech within 50 ms (or of the mask tone); up to 1 there is no click. Not among "all voices", and the worst that a voice
may cost: a game's acted dialogue with the effects of caves and water on it. \`wary\` has no limit: for five seconds after
a key that the line has mangled every doubt masks, and here there is one every four seconds; a clear key changes nothing.

${speechTable(figures)}

## Talk-off

Digits reported in audio without any; not more than SpanDSP on the same audio. Variations are speeds from 0.7 to 1.4,
each with and without the 300 to 3400 Hz of a telephone.

${talkOffTable(figures)}
`;
}

/** The summary that README quotes. */
export function conformanceSummary(figures: Figures): string {
  const { detection, leaks, speech, talkOff } = figures;
  const standards = detection.filter(({ id }) => /^[ab]/.test(id) && !id.startsWith('a15'));
  const passed = (rows: typeof standards, of: (row: (typeof rows)[number]) => (DetectionFigure | null)[]) =>
    rows.filter((row) => of(row).every((figure) => figure?.isMet !== false)).length;
  const worst = (sensitivity: 'capture' | 'normal'): string => {
    const rows = leaks.filter((row) => row.sensitivity === sensitivity);
    return `${rows.filter(({ isMet }) => isMet === true).length} of ${rows.filter(({ isMet }) => isMet !== null).length}`;
  };
  const all = (sensitivity: 'capture' | 'normal'): SpeechRow[] =>
    speech.filter((row) => row.voice === 'all voices' && row.setting === sensitivity);
  const cost = (sensitivity: 'capture' | 'normal'): string =>
    `${percent(Math.max(...all(sensitivity).map(({ alteredShare }) => alteredShare)), 2)}, ${Math.max(...all(sensitivity).map(({ dropOutsPerMinute }) => dropOutsPerMinute))} a minute`;
  const plain = talkOff.filter(({ what }) => !what.startsWith(ACTED_NAME));
  const sum = (of: (row: TalkOffRow) => number): number => plain.reduce((total, row) => total + of(row), 0);
  const reported = standards.flatMap(({ at8, at16 }) => [at8, at16].filter((figure) => figure !== null));
  return table(
    ['figure', 'tonewall', 'SpanDSP'],
    [
      [
        'items of Q.24, ES 201 235-3 and CM7291 that are met',
        `${passed(standards, ({ at8, at16 }) => [at8, at16])} of ${standards.length}`,
        `${passed(standards, ({ spandsp }) => [spandsp])} of ${standards.length}`,
      ],
      [
        'report after onset, mean of the slowest item of Q.24',
        `${Math.max(...reported.map(({ meanDelayMs }) => meanDelayMs))} ms`,
        '–',
      ],
      ['families in which the attacker is within the limit, capture', worst('capture'), '–'],
      ['families in which the attacker is within the limit, normal', worst('normal'), '–'],
      ['speech altered, drop-outs over 20 ms, capture', cost('capture'), '–'],
      ['speech altered, drop-outs over 20 ms, normal', cost('normal'), '–'],
      [
        `digits heard in ${sum(({ hours }) => hours).toFixed(0)} hours of speech and music without any`,
        `${sum(({ capture }) => capture)} capture, ${sum(({ normal }) => normal)} normal`,
        plain.some(({ spandsp }) => spandsp === null) ? '–' : sum(({ spandsp }) => spandsp ?? 0),
      ],
    ],
  );
}
