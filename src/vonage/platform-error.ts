/**
 * What came of a request that did not work. `gone`: there is no such leg. `refused`: nothing was done, and it would
 * not be the next time. `unsure`: it may have been done.
 */
export type PlatformFailure = 'gone' | 'refused' | 'rate-limited' | 'unsure';

/** All that is kept of a failed request: the library's error holds the token and the body, and goes no further. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly failure: PlatformFailure;
  /** HTTP status; null without an answer. */
  readonly status: number | null;

  constructor(failure: PlatformFailure, status: number | null) {
    super('the call platform did not do what it was asked');
    this.failure = failure;
    this.status = status;
  }
}

/** Reads the status of the library's error and nothing else of it. */
export function platformErrorOf(error: unknown): PlatformError {
  const response = (error as { readonly response?: { readonly status?: unknown } } | null)?.response;
  const status = typeof response?.status === 'number' ? response.status : null;
  if (status === 404 || status === 410) return new PlatformError('gone', status);
  if (status === 429) return new PlatformError('rate-limited', status);
  // 4xx is a decision of the platform before anything happened; the rest says nothing.
  if (status !== null && status >= 400 && status < 500) return new PlatformError('refused', status);
  return new PlatformError('unsure', status);
}
