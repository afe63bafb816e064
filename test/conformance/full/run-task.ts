import { attackMask } from '../../support/dsp/attacker/attacker.ts';
import { heldOut } from '../../support/dsp/held-out.ts';
import { toInt16 } from '../../support/dsp/key-tones.ts';
import { masked } from '../../support/dsp/masked.ts';
import { resampled } from '../../support/dsp/resampled.ts';
import { DETECTION_ITEMS } from '../../support/dsp/signals/detection-items.ts';
import { telephoneBand } from '../../support/dsp/signals/disturbances.ts';
import { LEAK_FAMILIES, leakSignal } from '../../support/dsp/signals/leak-families.ts';
import { scoreReports } from '../../support/dsp/signals/requirement.ts';
import { reportsOfSpandsp, spandspMissing } from '../../support/dsp/spandsp.ts';
import { speechCost, withMangledKeys } from './speech-cost.ts';
import type {
  DetectionResult,
  LeakResult,
  SpeechResult,
  TalkOffResult,
  TalkOffVariant,
  Task,
  TaskResult,
} from './task.ts';

type TaskOf<K extends Task['kind']> = Extract<Task, { kind: K }>;

const hasSpandsp = spandspMissing() === undefined;

export function runTask(task: Task): TaskResult {
  switch (task.kind) {
    case 'detection':
      return detect(task);
    case 'leak':
      return attack(task);
    case 'speech':
      return speak(task);
    case 'talk-off':
      return talkOff(task);
  }
}

function detect({ id, rateHz, seed, pressesPerKey }: TaskOf<'detection'>): DetectionResult {
  const { make, requirement } = DETECTION_ITEMS.find((item) => item.id === id)!;
  const { samples, presses } = make(rateHz, seed, pressesPerKey);
  // In pieces of 1 ms, so that the time of a report is known to the millisecond.
  const { digits } = masked(samples, rateHz, {}, [rateHz / 1000]);
  const reports = digits.map(({ digit, reportedAt }) => ({ digit, sample: reportedAt }));
  return {
    kind: 'detection',
    ours: scoreReports(presses, reports, rateHz, requirement),
    spandsp:
      hasSpandsp && rateHz === 8000
        ? scoreReports(presses, reportsOfSpandsp(samples, rateHz), rateHz, requirement)
        : null,
  };
}

function attack({ id, rateHz, seed, pressesPerKey }: TaskOf<'leak'>): LeakResult {
  const family = LEAK_FAMILIES.find((candidate) => candidate.id === id)!;
  const signal = leakSignal(family, rateHz, seed, pressesPerKey);
  const one = (sensitivity: 'capture' | 'normal') => {
    const { output, latencySamples } = masked(signal.clean, rateHz, { sensitivity });
    const report = attackMask({ ...signal, masked: output, delaySamples: latencySamples }, seed);
    if (!hasSpandsp) return { report, decoded: 0 };
    const heard = reportsOfSpandsp(output, rateHz, true).map(({ digit, sample }) => ({
      digit,
      sample: (sample * rateHz) / 8000 - latencySamples,
    }));
    return { report, decoded: scoreReports(signal.presses, heard, rateHz, { kind: 'none' }).hits };
  };
  const [capture, normal] = [one('capture'), one('normal')];
  return {
    kind: 'leak',
    attacks: { capture: capture.report, normal: normal.report },
    decoded: hasSpandsp ? { capture: capture.decoded, normal: normal.decoded } : null,
  };
}

function speak({ id, rateHz }: TaskOf<'speech'>): SpeechResult {
  const atRate = (voice: Int16Array): Int16Array => toInt16(resampled(voice, 8000, rateHz));
  const samples = atRate(recording(id));
  const keyed = withMangledKeys(recording(id));
  return {
    kind: 'speech',
    costs: {
      capture: speechCost(samples, rateHz, 'capture'),
      normal: speechCost(samples, rateHz, 'normal'),
      wary: speechCost(atRate(keyed.samples), rateHz, 'capture', keyed.keys),
    },
  };
}

/** Of a recording that is played faster or slower; as it is it is heard to its end. */
const VARIED_MINUTES = 10;

function talkOff({ id, speed: [faster, slower] }: TaskOf<'talk-off'>): TalkOffResult {
  const whole = recording(id);
  const varied = whole.subarray(0, VARIED_MINUTES * 60 * 8000);
  const isAsItIs = faster === slower;
  const played = resampled(varied, faster, slower);
  const limited = telephoneBand(played, 8000);
  // The filter takes away power; 1.3 brings a voice about back to its level.
  for (let n = 0; n < limited.length; n += 1) limited[n]! *= 1.3;
  return {
    kind: 'talk-off',
    variants: [falseDigits(isAsItIs ? whole : toInt16(played), false), falseDigits(toInt16(limited), true)],
  };
}

function falseDigits(samples: Int16Array, isBandLimited: boolean): TalkOffVariant {
  const heard = (sensitivity: 'capture' | 'normal'): number =>
    masked(samples, 8000, { sensitivity }).digits.length;
  return {
    isBandLimited,
    hours: samples.length / 8000 / 3600,
    ours: { capture: heard('capture'), normal: heard('normal') },
    spandsp: hasSpandsp ? reportsOfSpandsp(samples, 8000).length : null,
  };
}

function recording(name: string): Int16Array {
  return heldOut()
    .audio.find((item) => item.name === name)!
    .load();
}
