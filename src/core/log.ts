/**
 * What a log line may carry. A closed list, so that no object that could hold card data, a phone number
 * or a foreign error can reach a log by accident (reliability: allow-list logging).
 */
export interface LogFields {
  readonly callId?: string;
  readonly paymentId?: string;
  readonly leg?: string;
  readonly topology?: string;
  readonly sampleRate?: number;
  readonly state?: string;
  readonly outcome?: string;
  readonly field?: string;
  /** A stable code of ours, such as an error code or a close reason. */
  readonly code?: string;
  /** The class name of a foreign error; never its message. */
  readonly errorName?: string;
  readonly count?: number;
  readonly durationMs?: number;
  readonly url?: string;
  readonly route?: string;
  readonly method?: string;
  readonly status?: number;
  readonly requestId?: string;
  readonly apiKeyName?: string;
  readonly provider?: string;
  readonly version?: string;
}

/** Messages are constant text; everything that varies goes into fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Reduces any thrown value to what may be logged: a name and, if ours, a code. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code)
    ? { errorName: error.name, code }
    : { errorName: error.name };
}
