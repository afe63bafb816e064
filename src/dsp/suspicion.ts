import { HOP_MS } from './constants.ts';

/** `capture` while card data is keyed: when in doubt, mask. `normal` during the rest of the call. */
export type Sensitivity = 'capture' | 'normal';

/**
 * What the gate decides by: the setting or, for some seconds after a press that the line has mangled, `wary`. The next press
 * may be mangled so badly that elsewhere nobody would take it for one, and a voice on such a line pays for it.
 */
export type Caution = Sensitivity | 'wary';

/**
 * How sure the gate is that a key sounds. Every phase but `quiet` masks.
 *
 * | phase       | when                                                      | next        | what leaves                             |
 * | ----------- | --------------------------------------------------------- | ----------- | --------------------------------------- |
 * | `quiet`     | a hop looks like an onset                                 | `suspected` | nothing from the look-back on           |
 * | `suspected` | evidence of less than 10 ms, then none for 4 ms           | `quiet`     | what has not left is handed back        |
 * | `suspected` | no evidence for 8 ms                                      | `quiet`     | the caller, 3 ms after the evidence     |
 * | `suspected` | evidence spans 24 ms                                      | `lasting`   |                                         |
 * | `lasting`   | no evidence for the tail (40 ms; 8 in normal)             | `quiet`     | the caller, after the tail              |
 * | `lasting`   | evidence spans 500 ms                                     | `lingering` |                                         |
 * | `lingering` | no evidence for the tail (20 ms; 8 in normal)             | `quiet`     | the caller, after the tail              |
 * | any but `quiet` | the receiver reports a digit                          | `confirmed` |                                         |
 * | `confirmed` | no evidence for the tail (60 ms; 40 in normal)            | `quiet`     | the caller, from the next frame on      |
 *
 * What lasts without being confirmed is a tone that a codec has mangled (Opus at 12 kbit/s, AMR at 4.75) or a sung note.
 * Such tones fade in and out, so that a short tail would let pieces of them through. What lingers is rather a voice in an
 * echoing room, whose evidence comes back every few hops: with the long tail, seconds of it would be masked in one piece.
 */
export type Phase = 'quiet' | 'suspected' | 'lasting' | 'lingering' | 'confirmed';

/** Evidence shorter than this that has ended is no key press. */
const SHORT_HOPS = 10 / HOP_MS;
const DISMISS_HOPS = 4 / HOP_MS;

/** Evidence that spans this long is a press or a held sound; most false alarms in speech end sooner. */
const LASTING_HOPS = 24 / HOP_MS;

/**
 * A key that sounds for so long is nearly always reported by then: of keys held for 0.4 to 1.2 s none more leaves a piece.
 * Acted dialogue with room effects is altered for 8.4 % of its time instead of 9.8.
 */
export const LINGERING_HOPS = 500 / HOP_MS;

/** Time without evidence after which a phase ends, at the earliest. */
const SETTLE_HOPS = 8 / HOP_MS;

/** The mask outlives the evidence: decay, codec smear and near echoes still tell the digit. */
const LONG_TAIL_MS = { quiet: 0, suspected: 3, lasting: 40, lingering: 20, confirmed: 60 };
const TAIL_MS: Readonly<Record<Caution, Readonly<Record<Phase, number>>>> = {
  wary: LONG_TAIL_MS,
  capture: LONG_TAIL_MS,
  normal: { quiet: 0, suspected: 3, lasting: 8, lingering: 8, confirmed: 40 },
};

/** The phase after a hop on which something spoke for a key: how long the evidence spans, whether a digit is reported. */
export function phaseWithEvidence(
  phase: Phase,
  spanHops: number,
  isDigit: boolean,
  lingeringHops = LINGERING_HOPS,
): Phase {
  if (isDigit || phase === 'confirmed') return 'confirmed';
  if (spanHops >= lingeringHops) return 'lingering';
  if (phase === 'lasting' || spanHops >= LASTING_HOPS) return 'lasting';
  return 'suspected';
}

/** Was it too short to be a key press? Then what has not left may be handed back. */
export function isDismissed(phase: Phase, spanHops: number, quietHops: number): boolean {
  return phase === 'suspected' && spanHops < SHORT_HOPS && quietHops >= DISMISS_HOPS;
}

/** May the phase end, once its tail is over? */
export function isSettled(quietHops: number): boolean {
  return quietHops >= SETTLE_HOPS;
}

/** How long the mask goes on after the evidence, in ms. */
export function tailMs(phase: Phase, caution: Caution): number {
  return TAIL_MS[caution][phase];
}
