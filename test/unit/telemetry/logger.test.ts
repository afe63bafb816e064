import { describe, expect, it } from 'vitest';
import { describeError } from '../../../src/core/log.ts';
import type { LogFields } from '../../../src/core/log.ts';
import type { LogLevel } from '../../../src/core/log-level.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { PrometheusMeter } from '../../../src/telemetry/prometheus-meter.ts';

const CARD = '4111111111111111';

function makeLogger(level: LogLevel = 'info') {
  const meter = new PrometheusMeter();
  const lines: string[] = [];
  const logger = createLogger(level, { write: (line) => lines.push(line) }, meter);
  return { logger, lines, meter };
}

describe('createLogger', () => {
  it('writes one JSON line with level, time, message and the fields at top level', () => {
    const { logger, lines } = makeLogger();
    logger.info('listening', { url: 'http://127.0.0.1:8080' });
    expect(lines).toHaveLength(1);
    const line = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(Object.keys(line).sort()).toEqual(['level', 'msg', 'time', 'url']);
    expect(line).toMatchObject({ level: 'info', msg: 'listening', url: 'http://127.0.0.1:8080' });
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('leaves out what is below its level', () => {
    const { logger, lines } = makeLogger('warn');
    logger.debug('a');
    logger.info('b');
    logger.warn('c');
    logger.error('d');
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['c', 'd']);
  });

  it('copies allowed fields of the right type and nothing else', () => {
    const { logger, lines } = makeLogger();
    const foreign = { callId: 'call_a', status: '200', config: { data: CARD }, message: CARD, err: CARD };
    logger.error('failed', foreign as unknown as LogFields);
    const { time, ...line } = JSON.parse(lines[0]!) as Record<string, unknown>;
    expect(time).toBeTypeOf('string');
    expect(line).toEqual({ level: 'error', msg: 'failed', callId: 'call_a' });
  });

  it('shows the name of a foreign error and never its text', () => {
    const { logger, lines } = makeLogger();
    const error = new TypeError(`cannot read ${CARD}`, { cause: new Error(CARD) });
    Object.assign(error, { config: { data: CARD }, code: `E${CARD}` });
    logger.error('provider failed', describeError(error));
    expect(lines[0]).toContain('"errorName":"TypeError"');
    expect(lines[0]).not.toContain('4111');
  });

  it('shortens a field that is too long to be one of ours', () => {
    const { logger, lines } = makeLogger();
    logger.info('odd', { state: 'x'.repeat(1000) });
    expect((JSON.parse(lines[0]!) as { state: string }).state).toBe('x'.repeat(512));
  });

  it('rounds durations, so that their decimals cannot look like a card number', () => {
    const { logger, lines } = makeLogger();
    logger.info('done', { durationMs: 4.111111111111111 });
    expect((JSON.parse(lines[0]!) as { durationMs: number }).durationMs).toBe(4.111);
  });

  it('blots out a card number that got into a field after all, and counts it', async () => {
    const { logger, lines, meter } = makeLogger();
    logger.info('odd', { state: `number ${CARD}` });
    expect((JSON.parse(lines[0]!) as { state: string }).state).toBe('number ****************');
    expect(await meter.text()).toContain('tonewall_digit_leak_blocked_total{sink="log"} 1');
  });

  it('would let the same text through without the filter', () => {
    // Positive control: the text that the test above looks for does arrive when it is not card-like.
    const { logger, lines } = makeLogger();
    logger.info('odd', { state: 'number 4111111111111112' });
    expect(lines[0]).toContain('4111111111111112');
  });
});
