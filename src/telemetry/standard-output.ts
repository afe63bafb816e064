import { pino } from 'pino';

/** Lines that wait for a slow reader of standard output; more are dropped. */
const MAX_WAITING_BYTES = 1 << 20;

/** A destination for log lines. */
export interface LogSink {
  write(line: string): void;
  /** Writes what is waiting, before the process ends. */
  flush(): void;
}

/** Standard output, written asynchronously: a reader that stalls costs log lines and never a call's audio. */
export function standardOutput(): LogSink {
  const destination = pino.destination({ fd: 1, sync: false, maxLength: MAX_WAITING_BYTES });
  return {
    write: (line) => {
      destination.write(line);
    },
    flush: () => destination.flushSync(),
  };
}
