import type { LegName } from '../core/leg.ts';
import type { Counter, Gauge, Histogram, Meter } from '../core/meter.ts';
import type { CloseReason } from './close-reason.ts';
import type { IgnoredTextReason } from './leg-message.ts';

/** The metric handles of one leg, asked for once so that a frame costs no look-up. */
export class LegMeters {
  readonly connections: Gauge;
  readonly framesIn: Counter;
  readonly framesOut: Counter;
  readonly slowReader: Counter;
  readonly noPeer: Counter;
  readonly overRate: Counter;
  readonly silentStreams: Counter;
  readonly processSeconds: Histogram;
  readonly badFrames: Readonly<Record<'odd' | 'short' | 'long' | 'empty' | 'early' | 'over-rate', Counter>>;
  readonly ignoredTexts: Readonly<Record<IgnoredTextReason, Counter>>;
  readonly #meter: Meter;
  readonly #leg: LegName;

  constructor(meter: Meter, leg: LegName) {
    const bad = (reason: keyof LegMeters['badFrames']): Counter =>
      meter.counter('media_frames_bad_total', { reason });
    const ignored = (reason: IgnoredTextReason): Counter =>
      meter.counter('media_events_bad_total', { reason });
    const dropped = (cause: 'slow-reader' | 'no-peer' | 'over-rate'): Counter =>
      meter.counter('media_dropped_frames_total', { leg, cause });
    this.connections = meter.gauge('media_connections', { leg });
    this.framesIn = meter.counter('media_frames_total', { leg, dir: 'in' });
    this.framesOut = meter.counter('media_frames_total', { leg, dir: 'out' });
    this.slowReader = dropped('slow-reader');
    this.noPeer = dropped('no-peer');
    this.overRate = dropped('over-rate');
    this.silentStreams = meter.counter('media_silent_streams_total', { leg });
    this.processSeconds = meter.histogram('media_process_seconds', {});
    this.badFrames = {
      odd: bad('odd'),
      short: bad('short'),
      long: bad('long'),
      empty: bad('empty'),
      early: bad('early'),
      'over-rate': bad('over-rate'),
    };
    this.ignoredTexts = {
      'unknown-event': ignored('unknown-event'),
      'bad-event': ignored('bad-event'),
      'not-json': ignored('not-json'),
      'too-long': ignored('too-long'),
    };
    this.#meter = meter;
    this.#leg = leg;
  }

  closed(reason: CloseReason): void {
    this.#meter.counter('media_closed_total', { leg: this.#leg, reason }).add(1);
  }
}
