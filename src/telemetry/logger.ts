import { pino } from 'pino';
import type { DestinationStream } from 'pino';
import { blockCardNumbers } from '../core/digit-filter.ts';
import type { LogFields, Logger } from '../core/log.ts';
import type { LogLevel } from '../core/log-level.ts';
import type { Meter } from '../core/meter.ts';

/** Every field a line may have, with its type: what is not here, or of another type, is left out. */
const FIELD_TYPES: Readonly<Record<keyof LogFields, 'string' | 'number'>> = {
  callId: 'string',
  paymentId: 'string',
  leg: 'string',
  topology: 'string',
  sampleRate: 'number',
  state: 'string',
  outcome: 'string',
  field: 'string',
  code: 'string',
  errorName: 'string',
  stack: 'string',
  count: 'number',
  durationMs: 'number',
  url: 'string',
  route: 'string',
  method: 'string',
  status: 'number',
  requestId: 'string',
  apiKeyName: 'string',
  provider: 'string',
  version: 'string',
  auditSeq: 'number',
  auditHash: 'string',
};
const FIELD_NAMES = Object.keys(FIELD_TYPES) as (keyof LogFields)[];

/** A field that is longer did not come from our own tables. */
const MAX_FIELD_LENGTH = 512;

/**
 * JSON lines: `level`, `time` (ISO 8601), the fields, `msg`. Fields are copied one by one from the closed list,
 * so that an object with more in it loses the rest; each line then passes the last filter.
 */
export function createLogger(level: LogLevel, sink: DestinationStream, meter: Meter): Logger {
  const blockedLines = meter.counter('digit_leak_blocked_total', { sink: 'log' });
  const filteredSink: DestinationStream = {
    write(line) {
      const filtered = blockCardNumbers(line);
      if (filtered.blocked > 0) blockedLines.add(filtered.blocked);
      sink.write(filtered.text);
    },
  };
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    filteredSink,
  );
  return {
    debug: (message, fields) => logger.debug(allowedFields(fields), message),
    info: (message, fields) => logger.info(allowedFields(fields), message),
    warn: (message, fields) => logger.warn(allowedFields(fields), message),
    error: (message, fields) => logger.error(allowedFields(fields), message),
  };
}

function allowedFields(fields: LogFields = {}): Record<string, string | number> {
  const allowed: Record<string, string | number> = {};
  for (const name of FIELD_NAMES) {
    const value: unknown = fields[name];
    if (typeof value !== FIELD_TYPES[name]) continue;
    // Whole microseconds: the 15 decimals of a raw duration could pass for a card number.
    if (typeof value === 'number') allowed[name] = Math.round(value * 1000) / 1000;
    if (typeof value === 'string') allowed[name] = value.slice(0, MAX_FIELD_LENGTH);
  }
  return allowed;
}
