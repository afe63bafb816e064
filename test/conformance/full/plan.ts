import { codecMissing } from '../../support/dsp/codecs.ts';
import { heldOut } from '../../support/dsp/held-out.ts';
import { DETECTION_ITEMS } from '../../support/dsp/signals/detection-items.ts';
import { familyMissing, LEAK_FAMILIES } from '../../support/dsp/signals/leak-families.ts';
import { FULL_RATES } from './task.ts';
import type { Task } from './task.ts';

export interface PlanOptions {
  readonly seeds: number;
  /** A few minutes instead of twenty; the leakage figures then have little power. */
  readonly isQuick: boolean;
  /** Beginnings of ids; none means everything. */
  readonly only: readonly string[];
}

/** Speeds up and down: voices of other people, in a sense. */
const SPEEDS = [
  [1, 1],
  [7, 10],
  [4, 5],
  [9, 10],
  [11, 10],
  [5, 4],
  [7, 5],
] as const;

/** Everything that is to be done, the long tasks first, and what to install for what cannot. */
export function planTasks({ seeds, isQuick, only }: PlanOptions): { tasks: Task[]; missing: string[] } {
  const missing = new Set(heldOut().missing);
  const isWanted = (id: string): boolean => only.length === 0 || only.some((prefix) => id.startsWith(prefix));
  const canRun = (reason: string | undefined): boolean => {
    if (reason !== undefined && reason !== '8 kHz only') missing.add(reason);
    return reason === undefined;
  };
  const runs = FULL_RATES.flatMap((rateHz) =>
    Array.from({ length: isQuick ? 1 : seeds }, (_, i) => ({ rateHz, seed: i + 1 })),
  );
  const leaks = LEAK_FAMILIES.filter(({ id }) => isWanted(id)).flatMap((family) =>
    runs
      .filter(({ rateHz }) => canRun(familyMissing(family, rateHz)))
      .map((run): Task => {
        const pressesPerKey = family.pressesPerKey ?? (isQuick ? 20 : 60);
        return { kind: 'leak', id: family.id, ...run, pressesPerKey };
      }),
  );
  const detections = DETECTION_ITEMS.filter(({ id }) => isWanted(id)).flatMap(({ id, codec }) =>
    runs
      .filter(({ rateHz }) => codec === undefined || canRun(codecMissing(codec, rateHz)))
      .map((run): Task => ({ kind: 'detection', id, ...run, pressesPerKey: isQuick ? 2 : 10 })),
  );
  const { audio } = heldOut();
  const speech = audio
    .filter(({ kind }) => kind !== 'music' && isWanted('speech'))
    .flatMap(({ name }) => FULL_RATES.map((rateHz): Task => ({ kind: 'speech', id: name, rateHz })));
  const talkOffs = audio
    .filter(() => isWanted('talk-off'))
    .flatMap(({ name }) =>
      (isQuick ? SPEEDS.slice(0, 1) : SPEEDS).map((speed): Task => ({ kind: 'talk-off', id: name, speed })),
    );
  return { tasks: [...talkOffs, ...speech, ...leaks, ...detections], missing: [...missing] };
}
