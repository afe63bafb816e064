import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Cancel, Clock } from '../core/clock.ts';
import { isPostgresUrl } from '../core/database-url.ts';
import type { Gauge, Meter } from '../core/meter.ts';
import { NOT_READY_REASONS } from '../core/readiness.ts';
import type { NotReadyReason } from '../core/readiness.ts';
import type { Journal } from '../journal/journal.ts';
import { LoadWatch } from '../worker/load-watch.ts';

/** More often than Prometheus scrapes, seldom enough to cost nothing. */
const LOOK_MS = 1000;
/** A disk does not fill up faster than an operator can act. */
const LOOKS_PER_DISK_LOOK = 30;

export interface HealthParts {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly journal: Pick<Journal, 'health'>;
  /** Whether the processes that carry media have no time for more. */
  readonly isMediaOverloaded: () => boolean;
  /** Asked only after the constructor has returned. */
  readonly isDraining: () => boolean;
}

/** Whether the server should get new calls, asked by `/readyz` and kept in metrics. */
export class Health {
  readonly #parts: HealthParts;
  /** Null: the journal is on another machine's disk. */
  readonly #journalFolder: string | null;
  readonly #load: LoadWatch;
  readonly #notReady: Readonly<Record<NotReadyReason, Gauge>>;
  readonly #diskFree: Gauge;
  #looks = 0;
  #cancelLook: Cancel = () => undefined;

  constructor(config: Pick<Config, 'database' | 'overloadLatenessMs'>, parts: HealthParts) {
    const { meter, clock } = parts;
    this.#parts = parts;
    this.#journalFolder = isPostgresUrl(config.database) ? null : dirname(config.database);
    this.#load = new LoadWatch(config.overloadLatenessMs, clock);
    this.#notReady = {
      draining: meter.gauge('not_ready', { reason: 'draining' }),
      journal: meter.gauge('not_ready', { reason: 'journal' }),
      overload: meter.gauge('not_ready', { reason: 'overload' }),
    };
    this.#diskFree = meter.gauge('journal_disk_free_ratio', {});
    // Unknown until it was measured: 0 would be an alarm.
    this.#diskFree.set(Number.NaN);
    void this.#lookAtDisk();
    this.#cancelLook = clock.after(LOOK_MS, () => this.#look());
  }

  /** Whether the frames of open calls wait too long for the processor. */
  get isOverloaded(): boolean {
    return this.#load.isOverloaded || this.#parts.isMediaOverloaded();
  }

  notReadyReasons(): readonly NotReadyReason[] {
    const { isDraining, journal } = this.#parts;
    const applies: Readonly<Record<NotReadyReason, boolean>> = {
      draining: isDraining(),
      journal: !journal.health().writable,
      overload: this.isOverloaded,
    };
    return NOT_READY_REASONS.filter((reason) => applies[reason]);
  }

  stop(): void {
    this.#load.stop();
    this.#cancelLook();
  }

  #look(): void {
    const reasons = this.notReadyReasons();
    for (const reason of NOT_READY_REASONS) this.#notReady[reason].set(Number(reasons.includes(reason)));
    this.#looks += 1;
    if (this.#looks % LOOKS_PER_DISK_LOOK === 0) void this.#lookAtDisk();
    this.#cancelLook = this.#parts.clock.after(LOOK_MS, () => this.#look());
  }

  async #lookAtDisk(): Promise<void> {
    if (this.#journalFolder === null) return;
    try {
      const { bavail, blocks } = await statfs(this.#journalFolder);
      this.#diskFree.set(bavail / blocks);
    } catch {
      this.#diskFree.set(Number.NaN);
    }
  }
}
