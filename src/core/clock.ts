/** Stops a scheduled task; stopping twice or after it ran does nothing. */
export type Cancel = () => void;

/** Time, injected so that tests run on a clock of their own. */
export interface Clock {
  /** Milliseconds that never go back: for every duration. */
  monotonicMs(): number;
  /** Milliseconds since 1970, as people read them: for time stamps only. */
  wallMs(): number;
  /** Runs `task` once after `delayMs`. The timer does not keep the process alive. */
  after(delayMs: number, task: () => void): Cancel;
}
