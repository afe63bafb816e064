/** Why the journal did not do what was asked. */
export const JOURNAL_ERRORS = {
  /** Nothing was stored, and nothing will be. */
  UNAVAILABLE: 'The journal cannot be written now.',
  /** The answer was lost: the change may have been stored or not. Read it back. */
  UNCLEAR: 'The journal did not answer.',
  ATTEMPT_OPEN: 'The payment has an attempt that is open or approved.',
  ATTEMPT_NOT_FOUND: 'There is no such attempt.',
  ATTEMPT_SETTLED: 'The attempt ended in another way already.',
  STATE_CONFLICT: 'The payment is not in a state that allows this, or the intent is not about this payment.',
  INVALID: 'The values break a rule of the journal.',
  CANNOT_OPEN: 'The journal database cannot be opened for writing.',
  CANNOT_CONNECT: 'The journal database (TONEWALL_DATABASE) cannot be used.',
  IN_USE:
    'The journal database is in use by another running server. Stop that server first, or give this one a database of its own (TONEWALL_DATABASE).',
  DAMAGED:
    'The journal database is damaged. It was left as it is: restore a copy, or move it away to start anew.',
  OLDER_VERSION:
    'The journal database was written by an older version of this program. Start the server once; it brings the database up to date.',
  NEWER_VERSION: 'The journal database was written by a newer version of this program.',
} as const;

export type JournalErrorCode = keyof typeof JOURNAL_ERRORS;

export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;

  /** `detail`: what an operator needs to know beside it; without secrets. */
  constructor(code: JournalErrorCode, detail?: string) {
    super(detail === undefined ? JOURNAL_ERRORS[code] : `${JOURNAL_ERRORS[code]} ${detail}`);
    this.code = code;
  }
}
