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
  /** Where a foreign error was thrown: places in the code, nothing else. */
  readonly stack?: string;
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
  readonly auditSeq?: number;
  /** In letters. */
  readonly auditHash?: string;
}

/** Messages are constant text; everything that varies goes into fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Reduces any thrown value to what may be logged: a name, places in the code and, if it is one of ours, a code. */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { errorName: typeof error };
  const code = (error as { code?: unknown }).code;
  return {
    errorName: error.name,
    ...(typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? { code } : {}),
    stack: framesOf(error),
  };
}

/** The newest frames of the stack, such as `parse (file.ts:12:5)`, without the message in front of them. */
function framesOf(error: Error): string {
  const stack = error.stack ?? '';
  const message = stack.indexOf(error.message);
  if (message < 0) return '';
  const frames = stack
    .slice(message + error.message.length)
    .matchAll(/^ {4}at (?:async )?(?:new )?(?:([\w$.#<>]+) )?\(?\S*?([\w.-]+)(?:\?\S*?)?(:\d+:\d+)\)?$/gm);
  return Array.from(frames, ([, name, file, line]) =>
    name === undefined ? `${file}${line}` : `${name} (${file}${line})`,
  )
    .slice(0, 4)
    .join(', ');
}
