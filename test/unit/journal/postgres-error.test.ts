import { describe, expect, it } from 'vitest';
import { JournalError } from '../../../src/journal/journal-error.ts';
import { connectErrorOf, placeOf, statementErrorOf } from '../../../src/journal/postgres-error.ts';

/** As `pg` throws them; codes from PostgreSQL, "Appendix A. PostgreSQL Error Codes". */
const serverError = (code: string, constraint?: string): Error =>
  Object.assign(new Error('x'), { severity: 'ERROR', code, constraint });

describe('statementErrorOf', () => {
  it.each([
    { name: 'a second open attempt', error: serverError('23505', 'one_open'), code: 'ATTEMPT_OPEN' },
    { name: 'an id that is taken', error: serverError('23505', 'payment_pkey'), code: 'INVALID' },
    { name: 'a broken CHECK', error: serverError('23514'), code: 'INVALID' },
    { name: 'a zero byte in text', error: serverError('22021'), code: 'INVALID' },
    { name: 'a full disk', error: serverError('53100'), code: 'UNAVAILABLE' },
    { name: 'a read-only transaction', error: serverError('25006'), code: 'UNAVAILABLE' },
    { name: 'a lock that was not had', error: serverError('55P03'), code: 'UNAVAILABLE' },
    { name: 'a statement that took too long', error: serverError('57014'), code: 'UNAVAILABLE' },
    { name: 'a deadlock', error: serverError('40P01'), code: 'UNAVAILABLE' },
  ])('says $code for $name', ({ error, code }) => {
    expect(statementErrorOf(error)).toEqual(new JournalError(code as 'INVALID'));
  });

  it.each([
    { name: 'a shutdown', error: serverError('57P01') },
    { name: 'an internal error', error: serverError('XX000') },
    { name: 'a table that is gone', error: serverError('42P01') },
    { name: 'a reset connection', error: Object.assign(new Error('x'), { code: 'ECONNRESET' }) },
  ])('gives up the connection after $name', ({ error }) => {
    expect(statementErrorOf(error)).toBe(error);
  });
});

describe('connectErrorOf', () => {
  const place = placeOf('postgres://user:hidden@db.example:6432/pay?sslmode=verify-full');

  it('names host, port and database, and nothing else of the URL', () => {
    expect(place).toBe('db.example:6432 /pay');
    expect(placeOf('postgres://user:hidden@%2Frun%2Fpg/pay')).toBe('/run/pg /pay');
    expect(placeOf('postgres:///pay?host=/run/pg')).toBe('/run/pg /pay');
  });

  it('has words for what is known, the code for what is not, and never the text of others', () => {
    const refused = Object.assign(new Error('hidden'), { code: 'ECONNREFUSED' });
    const messages = [
      new AggregateError([refused], 'hidden'),
      serverError('28P01'),
      serverError('0A000'),
      new Error('hidden'),
    ].map((error) => connectErrorOf(error, place).message.replace(/^.*\/pay: /, ''));

    expect(messages).toEqual([
      'nothing listens there.',
      'user or password is wrong.',
      'error 0A000.',
      'no answer, or one that makes no sense.',
    ]);
  });
});
