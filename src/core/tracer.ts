/** What a span may carry: a closed list, as of log lines, so that nothing a caller keyed gets near a collector. */
export interface SpanFacts {
  readonly callId?: string;
  readonly paymentId?: string;
  readonly topology?: string;
  readonly method?: string;
  readonly provider?: string;
  readonly step?: string;
  readonly outcome?: string;
}

/** A piece of work that is over. */
export interface FinishedSpan {
  readonly name: 'call' | 'payment' | 'provider request';
  /** What it belongs to: spans about one thing are one trace, and the one named like it is the root. */
  readonly about: string;
  readonly isRoot: boolean;
  /** Wall clock. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly isError: boolean;
  readonly facts: SpanFacts;
}

/** Takes spans for whoever watches the product from outside. Never throws, and nothing waits for it. */
export interface Tracer {
  record(span: FinishedSpan): void;
}
