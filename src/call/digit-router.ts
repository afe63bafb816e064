import type { DigitCode } from '../core/digit.ts';

/** Whether a report is a key press not seen before, or the second report of one that was counted. */
export type PressReport = 'count' | 'duplicate';

/**
 * How long after its tone ended a press may still be told by an event.
 *
 * The platform queues an event when the key is released, and its open-source bridge lets a backlog drain only as
 * further keys are pressed: an event may come as late as the next press, across a pause between two fields. Ten
 * seconds cover that. A long window costs something only if one press's event is lost and the tone of a later
 * press of the same key is missed too.
 */
export const LATE_EVENT_MS = 10_000;

/**
 * How long before its tone is reported a press may be told by an event.
 *
 * The event leaves at key release, 40 ms or more after the onset, and may overtake audio that waits in a jitter
 * buffer (200 ms) and for the detector (40 ms). Twice that is ample, and less than the time in which a
 * caller finds that nothing happened and presses again.
 */
export const EARLY_EVENT_MS = 500;

/** Waiting reports: a person presses at most five keys a second, so this holds more than ten seconds of them. */
const CAPACITY = 64;

/**
 * A report in the ring: its code and source, one byte each, and eight bytes for the last moment at which its other
 * half may come. The codes lie this far apart, so that digits keyed one after the other never stand side by side.
 */
const RECORD_BYTES = 16;
const SOURCE_AT = 1;
const DEADLINE_AT = 8;

const EMPTY = 0;
const HEARD = 1;
const TOLD = 2;

/**
 * Merges the two reports of a key press, the tone in the audio and the platform's event, into one: whichever
 * comes first counts, and the other one cancels against it. Reports pair one to one, so a digit keyed twice
 * counts twice, and a caller with only tones or only events is served alike.
 *
 * Holds nothing but reports that wait for their other half, in a ring of fixed size; a code is zeroed when it is
 * paired, overwritten, or found too old. All times are milliseconds on one monotonic clock.
 */
export class DigitRouter {
  readonly #ring = new DataView(new ArrayBuffer(CAPACITY * RECORD_BYTES));
  /** The record that is written next, which is the oldest one. */
  #next = 0;

  /** The detector has confirmed a tone. */
  heard(code: DigitCode, atMs: number): PressReport {
    // A telephone sounds one key at a time: whatever sounded before has ended, even if nobody said so.
    this.#endSounding(null, atMs);
    return this.#report(code, HEARD, TOLD, Number.POSITIVE_INFINITY, atMs);
  }

  /** The tone that was heard has ended. */
  released(code: DigitCode, atMs: number): void {
    this.#endSounding(code, atMs);
  }

  /** The platform has sent an event. */
  told(code: DigitCode, atMs: number): PressReport {
    return this.#report(code, TOLD, HEARD, atMs + EARLY_EVENT_MS, atMs);
  }

  /** Forgets everything: at the end of a payment, of a call, or of the caller's leg. */
  wipe(): void {
    for (let age = 0; age < CAPACITY; age++) this.#erase(this.#oldest(age));
  }

  #report(code: DigitCode, source: number, other: number, deadlineMs: number, atMs: number): PressReport {
    for (let age = 0; age < CAPACITY; age++) {
      const at = this.#oldest(age);
      if (this.#ring.getFloat64(at + DEADLINE_AT) < atMs) this.#erase(at);
      if (this.#ring.getUint8(at + SOURCE_AT) !== other || this.#ring.getUint8(at) !== code) continue;
      this.#erase(at);
      return 'duplicate';
    }
    const at = this.#next * RECORD_BYTES;
    this.#ring.setUint8(at, code);
    this.#ring.setUint8(at + SOURCE_AT, source);
    this.#ring.setFloat64(at + DEADLINE_AT, deadlineMs);
    this.#next = (this.#next + 1) % CAPACITY;
    return 'count';
  }

  /** From now on the event of the tone that sounded, if it is still awaited, has a limited time to come. */
  #endSounding(code: DigitCode | null, atMs: number): void {
    for (let age = 0; age < CAPACITY; age++) {
      const at = this.#oldest(age);
      const isSounding = this.#ring.getFloat64(at + DEADLINE_AT) === Number.POSITIVE_INFINITY;
      const isMeant = code === null || this.#ring.getUint8(at) === code;
      if (isSounding && isMeant) this.#ring.setFloat64(at + DEADLINE_AT, atMs + LATE_EVENT_MS);
    }
  }

  #erase(at: number): void {
    this.#ring.setUint8(at, 0);
    this.#ring.setUint8(at + SOURCE_AT, EMPTY);
    this.#ring.setFloat64(at + DEADLINE_AT, 0);
  }

  /** Where a record is, the oldest one first. A plain number: keys are reported from within a frame. */
  #oldest(age: number): number {
    return ((this.#next + age) % CAPACITY) * RECORD_BYTES;
  }
}
