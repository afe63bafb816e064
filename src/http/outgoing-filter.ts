import { blockCardNumbers } from '../core/digit-filter.ts';
import type { Logger } from '../core/log.ts';
import type { Meter } from '../core/meter.ts';

/** The last line of defence for whatever text leaves over HTTP: answers in JSON and event streams. */
export type OutgoingFilter = (text: string) => string;

export function makeOutgoingFilter(meter: Meter, logger: Logger): OutgoingFilter {
  const blocked = meter.counter('digit_leak_blocked_total', { sink: 'http' });
  return (text) => {
    const filtered = blockCardNumbers(text);
    if (filtered.blocked > 0) {
      blocked.add(filtered.blocked);
      logger.error('digits were blocked in an HTTP answer', { count: filtered.blocked });
    }
    return filtered.text;
  };
}
