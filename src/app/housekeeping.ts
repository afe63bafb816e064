import { appendFileSync } from 'node:fs';
import type { Cancel, Clock } from '../core/clock.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';
import type { Journal } from '../journal/journal.ts';

export interface HousekeepingSettings {
  /** Older payments that have ended, and older audit entries, are forgotten. */
  readonly retentionMs: number;
  /** Where anchors of the audit log are appended; null: only to the server's log. */
  readonly anchorsPath: string | null;
}

export interface HousekeepingDependencies {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly meter: Meter;
  readonly logger: Logger;
}

const ANCHOR_MS = 5 * 60_000;
const RETENTION_MS = 3_600_000;

/**
 * What nobody waits for: every five minutes the head of the audit log is written where the database's owner cannot
 * change it unseen (the server's log, a file, a metric), and every hour what is too old is forgotten.
 */
export class Housekeeping {
  readonly #settings: HousekeepingSettings;
  readonly #deps: HousekeepingDependencies;
  readonly #timers = new Set<Cancel>();
  #anchoredSeq = 0;
  #running: Promise<unknown> = Promise.resolve();

  constructor(settings: HousekeepingSettings, deps: HousekeepingDependencies) {
    this.#settings = settings;
    this.#deps = deps;
  }

  start(): void {
    this.#repeat(ANCHOR_MS, () => this.anchor());
    this.#repeat(RETENTION_MS, () => this.#forget());
  }

  /** Stops, with a last anchor. */
  async close(): Promise<void> {
    for (const cancel of this.#timers) cancel();
    await this.#running;
    await this.#guarded(() => this.anchor());
  }

  /** Writes down where the audit log ends, if it has grown since the last time. */
  async anchor(): Promise<void> {
    const { journal, clock, meter, logger } = this.#deps;
    const head = await journal.auditHead();
    if (head === null || head.seq === this.#anchoredSeq) return;
    this.#anchoredSeq = head.seq;
    meter.gauge('audit_entries', {}).set(head.seq);
    logger.info('The audit log ends here', { auditSeq: head.seq, auditHash: head.hash });
    const { anchorsPath } = this.#settings;
    if (anchorsPath === null) return;
    const at = new Date(clock.wallMs()).toISOString();
    appendFileSync(anchorsPath, `${at} ${head.seq} ${head.hash}\n`, { mode: 0o600 });
  }

  async #forget(): Promise<void> {
    const { journal, clock } = this.#deps;
    await journal.prune(new Date(clock.wallMs() - this.#settings.retentionMs).toISOString());
  }

  #repeat(everyMs: number, work: () => Promise<void>): void {
    const cancel = this.#deps.clock.after(everyMs, () => {
      this.#timers.delete(cancel);
      this.#running = this.#guarded(work).then(() => this.#repeat(everyMs, work));
    });
    this.#timers.add(cancel);
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#deps.logger.error('Housekeeping failed', describeError(error));
    }
  }
}
