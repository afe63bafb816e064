import { pino } from 'pino';

/** Lines that wait for a slow reader of standard output; more are dropped. */
const MAX_WAITING_BYTES = 1 << 20;

/** A destination for log lines. */
export interface LogSink {
  write(line: string): void;
  /** Ends when what is waiting is written, so that nothing is lost when the process ends. */
  flush(): Promise<void>;
}

/** Standard output, written asynchronously: a reader that stalls costs log lines and never a call's audio. */
export function standardOutput(): LogSink {
  // `minLength` of 0 would have `flush` answer at once, before a write that is under way has ended.
  const destination = pino.destination({ fd: 1, sync: false, minLength: 1, maxLength: MAX_WAITING_BYTES });
  return {
    write: (line) => {
      destination.write(line);
    },
    // Without a reader there is an error instead of an end; there is nobody left to tell.
    flush: () => new Promise((resolve) => destination.flush(() => resolve())),
  };
}
