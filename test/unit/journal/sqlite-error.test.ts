import { describe, expect, it } from 'vitest';
import { JournalError } from '../../../src/journal/journal-error.ts';
import { openErrorOf, requestErrorOf } from '../../../src/journal/sqlite-error.ts';

/** As `node:sqlite` throws them; codes from SQLite, "Result and Error Codes". */
const sqliteError = (errcode: number): Error =>
  Object.assign(new Error('x'), { code: 'ERR_SQLITE_ERROR', errcode });

describe('requestErrorOf', () => {
  it.each([
    { name: 'full disk', errcode: 13, code: 'UNAVAILABLE' },
    { name: 'busy', errcode: 5, code: 'UNAVAILABLE' },
    { name: 'busy snapshot', errcode: 517, code: 'UNAVAILABLE' },
    { name: 'locked', errcode: 6, code: 'UNAVAILABLE' },
    { name: 'read-only', errcode: 8, code: 'UNAVAILABLE' },
    { name: 'read-only directory', errcode: 1544, code: 'UNAVAILABLE' },
    { name: 'unique', errcode: 2067, code: 'ATTEMPT_OPEN' },
    { name: 'check', errcode: 275, code: 'INVALID' },
    { name: 'datatype', errcode: 3091, code: 'INVALID' },
  ])('says $code for $name', ({ errcode, code }) => {
    expect(requestErrorOf(sqliteError(errcode))).toEqual(new JournalError(code as 'INVALID'));
  });

  it.each([
    { name: 'an I/O error', errcode: 10 },
    { name: 'a failed fsync', errcode: 1034 },
    { name: 'a damaged page', errcode: 11 },
    { name: 'no memory', errcode: 7 },
  ])('gives up the connection after $name', ({ errcode }) => {
    const error = sqliteError(errcode);

    expect(requestErrorOf(error)).toBe(error);
  });

  it('takes an error that is not of SQLite for wrong values', () => {
    expect(requestErrorOf(new TypeError('x'))).toEqual(new JournalError('INVALID'));
  });

  it('leaves an error of the journal as it is', () => {
    const error = new JournalError('ATTEMPT_SETTLED');

    expect(requestErrorOf(error)).toBe(error);
  });
});

describe('openErrorOf', () => {
  it.each([
    { name: 'damaged', errcode: 11, code: 'DAMAGED' },
    { name: 'no database', errcode: 26, code: 'DAMAGED' },
    { name: 'busy', errcode: 5, code: 'CANNOT_OPEN' },
    { name: 'full', errcode: 13, code: 'CANNOT_OPEN' },
    { name: 'not to be opened', errcode: 14, code: 'CANNOT_OPEN' },
  ])('says $code for $name', ({ errcode, code }) => {
    expect(openErrorOf(sqliteError(errcode)).code).toBe(code);
  });
});
