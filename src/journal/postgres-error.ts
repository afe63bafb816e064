import { JournalError } from './journal-error.ts';

/** An error that the server answered with: PostgreSQL, "Appendix A. Error Codes". */
interface ServerError extends Error {
  /** Five letters or digits; the first two are the class. */
  readonly code: string;
  readonly constraint?: string;
}

const UNIQUE_VIOLATION = '23505';
/** The index that allows one attempt at a time: see the schema. */
const ONE_OPEN = 'one_open';

/**
 * Classes after which the transaction is rolled back and the connection is sound. 25: read-only, as a standby is.
 * 40: serialisation, deadlock. 53: no disk, no memory. 55: a lock was not had in time. 57014: a statement took too
 * long.
 */
const NOT_NOW = /^(?:25|40|53|55|57014)/;
/** Values that break a rule (23) or that the database cannot hold (22). */
const BAD_VALUES = /^(?:22|23)/;

/**
 * What a failed statement means, as long as no commit was asked for. Any error that is not a `JournalError` means
 * that the connection cannot be trusted.
 */
export function statementErrorOf(error: unknown): unknown {
  if (!isServerError(error)) return error;
  if (error.code === UNIQUE_VIOLATION && error.constraint === ONE_OPEN)
    return new JournalError('ATTEMPT_OPEN');
  if (BAD_VALUES.test(error.code)) return new JournalError('INVALID');
  return NOT_NOW.test(error.code) ? new JournalError('UNAVAILABLE') : error;
}

/** Words for what an operator can mend; the server's own message could quote what must not be shown. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the host’s name cannot be resolved now',
  EHOSTUNREACH: 'there is no way to the host',
  ENETUNREACH: 'there is no way to the host',
  ENOENT: 'there is no such socket',
  EACCES: 'the socket may not be used',
  '28000': 'the server does not let this user in',
  '28P01': 'user or password is wrong',
  '3D000': 'there is no database of that name',
  '42501': 'the user may not create or use the tables',
  '25006': 'the server is read-only, as a standby is',
  '53300': 'the server has too many connections',
  '57P03': 'the server is starting or stopping',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'nobody trusted has signed the server’s certificate',
  SELF_SIGNED_CERT_IN_CHAIN: 'nobody trusted has signed the server’s certificate',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'nobody trusted has signed the server’s certificate',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the server’s certificate is for another host',
  CERT_HAS_EXPIRED: 'the server’s certificate has expired',
};

/** Why the journal cannot be opened. `place`: see `placeOf`. */
export function connectErrorOf(error: unknown, place: string): JournalError {
  if (error instanceof JournalError) return error;
  const code = errorCodeOf(error);
  const reason = code === null ? 'no answer, or one that makes no sense' : (REASONS[code] ?? `error ${code}`);
  return new JournalError('CANNOT_CONNECT', `${place}: ${reason}.`);
}

/** A code of the server, of the system or of TLS: never text of somebody else's. */
export function errorCodeOf(error: unknown): string | null {
  // A host with several addresses fails once for each.
  const cause = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  return typeof code === 'string' && /^[A-Z0-9_]{5,40}$/.test(code) ? code : null;
}

/** Host, port and database, for messages: without user, password and settings. */
export function placeOf(url: string): string {
  const { hostname, port, pathname, searchParams } = new URL(url);
  const host = searchParams.get('host') ?? decodeURIComponent(hostname);
  return `${host}${port === '' ? '' : `:${port}`} ${pathname}`;
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'severity' in error && 'code' in error;
}
