/** A leg as far as it matters for who hears whom. */
export interface GraphLeg {
  readonly uuid: string;
  readonly isPhone: boolean;
  readonly conversation: string | null;
  readonly canSpeak: readonly string[] | null;
  readonly canHear: readonly string[] | null;
  readonly isMuted: boolean;
  readonly isEarmuffed: boolean;
}

/** Who heard whom, from this moment to the next entry. */
export interface GraphEntry {
  /** On the clock of `performance.now()`. */
  readonly atMs: number;
  /** Pairs of phones, speaker first, without a socket between them: what one says the other hears as it is. */
  readonly direct: readonly (readonly [speaker: string, listener: string])[];
}

/** Whether `listener` hears what `speaker` says. */
export function hears(listener: GraphLeg, speaker: GraphLeg): boolean {
  return (
    listener.uuid !== speaker.uuid &&
    listener.conversation !== null &&
    listener.conversation === speaker.conversation &&
    !speaker.isMuted &&
    !listener.isEarmuffed &&
    (speaker.canSpeak === null || speaker.canSpeak.includes(listener.uuid)) &&
    (listener.canHear === null || listener.canHear.includes(speaker.uuid))
  );
}

/** The record of every change of who hears whom. */
export class AudioGraph {
  readonly #entries: GraphEntry[] = [];

  get entries(): readonly GraphEntry[] {
    return this.#entries;
  }

  record(legs: Iterable<GraphLeg>): void {
    const phones = [...legs].filter((leg) => leg.isPhone);
    const direct = phones.flatMap((speaker) =>
      phones
        .filter((listener) => hears(listener, speaker))
        .map((listener) => [speaker.uuid, listener.uuid] as const),
    );
    this.#entries.push({ atMs: performance.now(), direct });
  }

  /** Whether anybody heard `speaker` directly at any moment from one time to another. */
  wasHeard(speaker: string, fromMs: number, untilMs: number): boolean {
    return this.#entries.some((entry, index) => {
      const endMs = this.#entries[index + 1]?.atMs ?? Infinity;
      const isWithin = entry.atMs < untilMs && endMs > fromMs;
      return isWithin && entry.direct.some(([who]) => who === speaker);
    });
  }
}
