import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attackMask } from '../../support/dsp/attacker/attacker.ts';
import { FRAGMENT_LINES, recoveryFromFragments } from '../../support/dsp/attacker/calibration.ts';
import { toInt16 } from '../../support/dsp/key-tones.ts';
import { masked } from '../../support/dsp/masked.ts';
import { withBandNoise } from '../../support/dsp/signals/disturbances.ts';
import { LEAK_FAMILIES, leakSignal } from '../../support/dsp/signals/leak-families.ts';
import { pressedLine, randomOf, shuffledKeys } from '../../support/dsp/signals/pressed.ts';
import { scoreReports } from '../../support/dsp/signals/requirement.ts';
import { reportsOfSpandsp, spandspMissing } from '../../support/dsp/spandsp.ts';
import type { Area, Axis, Curve } from './chart.ts';
import { axes, COLOURS, curves, legend, line, place, svg, text } from './chart.ts';
import { spectrogramDrawing } from './spectrogram.ts';

/** Draws every picture of the documents from runs made here and now. */
export function drawPlots(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const drawings = [
    { name: 'spectrogram.svg', draw: spectrogramDrawing },
    { name: 'fragments.svg', draw: fragmentDrawing },
    { name: 'noise.svg', draw: noiseDrawing },
  ];
  for (const { name, draw } of drawings) {
    console.error(`drawing ${name}`);
    writeFileSync(join(folder, name), draw());
  }
}

const AREA: Area = { left: 64, top: 44, width: 560, height: 300 };
const SHARE: Axis = {
  label: '',
  from: 0,
  to: 1,
  ticks: [0, 0.25, 0.5, 0.75, 1],
  format: (value) => `${100 * value} %`,
};

const FRAGMENTS_MS = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 3.5, 4, 5];
const TRIALS_PER_KEY = 100;
const CHANCE = 1 / 16;

/** How much a remnant tells, and how long ours are. */
function fragmentDrawing(): string {
  const x: Axis = {
    label: 'milliseconds of tone that are left over',
    from: 0,
    to: 5,
    ticks: [0, 1, 2, 3, 4, 5],
  };
  const y: Axis = { ...SHARE, label: 'digits that an attacker reads' };
  const lines = FRAGMENT_LINES.map((fragmentLine, i): Curve => ({
    name: fragmentLine.name,
    colour: COLOURS[i]!,
    points: FRAGMENTS_MS.map((ms) => [
      ms,
      ms === 0 ? CHANCE : recoveryFromFragments(fragmentLine, ms, TRIALS_PER_KEY),
    ]),
  }));
  const ours = ourFragments();
  const at = (ms: number, share: number): [number, number] => [
    place(ms, x, AREA.left, AREA.width),
    place(share, y, AREA.top + AREA.height, -AREA.height),
  ];
  const [markX, markY] = at(ours.maxOpenMs, ours.recovery);
  const [, chanceY] = at(0, CHANCE);
  const label = `tonewall: ${ours.maxOpenMs.toFixed(1)} ms left over, ${(100 * ours.recovery).toFixed(1)} % read`;
  return svg(660, 392, [
    text(AREA.left, 24, 'One millisecond of a key tone tells the key', { isBold: true, size: 14 }),
    ...axes(AREA, x, y),
    line(AREA.left, chanceY, AREA.left + AREA.width, chanceY, '#888888', 'stroke-dasharray="3 3"'),
    text(AREA.left + AREA.width - 8, chanceY - 5, 'guessing', { anchor: 'end', colour: '#666666' }),
    ...curves(AREA, x, y, lines),
    ...legend(AREA.left + AREA.width - 196, AREA.top + 118, 184, lines),
    `<circle cx="${markX}" cy="${markY}" r="6" fill="#000000" stroke="#ffffff" stroke-width="1.5"/>`,
    text(markX + 12, markY + 15, label, { isBold: true }),
  ]);
}

/** The longest remnant and the best recovery over clean, noisy and mu-law lines. */
function ourFragments(): { maxOpenMs: number; recovery: number } {
  const families = LEAK_FAMILIES.filter(({ id }) => /^m0[125] /.test(id));
  let maxOpenMs = 0;
  let correct = 0;
  let presses = 0;
  for (const family of families) {
    const signal = leakSignal(family, 8000, 1);
    const { output, latencySamples } = masked(signal.clean, 8000, { sensitivity: 'capture' });
    const report = attackMask({ ...signal, masked: output, delaySamples: latencySamples });
    maxOpenMs = Math.max(maxOpenMs, report.open.maxMs);
    correct += report.rules.fragment.correct;
    presses += report.presses;
  }
  return { maxOpenMs, recovery: correct / presses };
}

const SNR_DB = [18, 15, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1, -2];

/** How much noise each receiver bears. */
function noiseDrawing(): string {
  const x: Axis = {
    label: 'signal to noise in dB (pair over white noise, 300 to 3400 Hz)',
    from: -2,
    to: 18,
    ticks: [0, 3, 6, 9, 12, 15, 18],
  };
  const y: Axis = { ...SHARE, label: 'keys reported, 50 ms tones' };
  const hasSpandsp = spandspMissing() === undefined;
  const share = (snr: number, rateHz: 8000 | 16_000, isSpandsp: boolean): number => {
    const random = randomOf('noise', 1);
    const { signal, presses } = pressedLine({
      rateHz,
      random,
      digits: shuffledKeys(20, random),
      press: () => ({}),
      floorDbm0: null,
    });
    const samples = toInt16(withBandNoise(signal, -10, snr, rateHz, random));
    const reports = isSpandsp
      ? reportsOfSpandsp(samples, rateHz)
      : masked(samples, rateHz).digits.map(({ digit, reportedAt }) => ({ digit, sample: reportedAt }));
    return scoreReports(presses, reports, rateHz, { kind: 'none' }).hits / presses.length;
  };
  const receivers = [
    { name: 'tonewall, 8 kHz', rateHz: 8000, isSpandsp: false },
    { name: 'tonewall, 16 kHz', rateHz: 16_000, isSpandsp: false },
    ...(hasSpandsp ? [{ name: 'SpanDSP', rateHz: 8000, isSpandsp: true } as const] : []),
  ] as const;
  const lines = receivers.map(({ name, rateHz, isSpandsp }, i): Curve => ({
    name,
    colour: COLOURS[[0, 4, 1][i]!]!,
    isDashed: rateHz === 16_000,
    points: SNR_DB.map((snr) => [snr, share(snr, rateHz, isSpandsp)]),
  }));
  const required = place(15, x, AREA.left, AREA.width);
  return svg(660, 392, [
    text(AREA.left, 24, 'Keys heard in noise', { isBold: true, size: 14 }),
    ...axes(AREA, x, y),
    line(required, AREA.top, required, AREA.top + AREA.height, '#888888', 'stroke-dasharray="3 3"'),
    text(required - 8, AREA.top + 150, 'Q.24 demands every', { colour: '#666666', anchor: 'end' }),
    text(required - 8, AREA.top + 165, 'key from here on', { colour: '#666666', anchor: 'end' }),
    ...curves(AREA, x, y, lines),
    ...legend(AREA.left + 300, AREA.top + 220, 150, lines),
  ]);
}
