/** `smoke` proves that a bench works, in seconds; its figures mean nothing. `full` measures. */
export type BenchSize = 'smoke' | 'full';

/** One measured figure beside its peer's from the same run. */
export interface BenchRow {
  readonly what: string;
  readonly unit: string;
  readonly ours: number;
  /** Null when the peer is not installed; then there is no ratio either. */
  readonly peer: number | null;
  readonly peerName: string;
}

export interface Bench {
  readonly name: string;
  /** One sentence on what is measured and how. */
  readonly method: string;
  run(size: BenchSize): Promise<readonly BenchRow[]>;
}
