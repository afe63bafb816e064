export type Value = string | number | Uint8Array | null;
export type Row = Readonly<Record<string, unknown>>;

/** One statement in the SQL that SQLite and PostgreSQL share, with a value for each `:name` in it. */
export interface Statement {
  /** Whether its rows are wanted, or how many it changed. */
  readonly kind: 'rows' | 'changes';
  readonly sql: string;
  readonly values: Readonly<Record<string, Value>>;
}

export interface Answer {
  readonly rows: readonly Row[];
  readonly changes: number;
}

/** What work is started with: it has not asked yet. */
export const NO_ANSWER: Answer = { rows: [], changes: 0 };

/**
 * A request to the journal as the statements it consists of, each asked for when the answer to the one before is
 * there. So the rules stand here once, and a store only runs them: SQLite at once in its thread, PostgreSQL over a
 * connection. Work that writes runs in one transaction, which is rolled back if it throws.
 */
export type Work<T> = Generator<Statement, T, Answer>;

export function* rows(sql: string, values: Statement['values'] = {}): Work<readonly Row[]> {
  return (yield { kind: 'rows', sql, values }).rows;
}

/** The first row; null when there is none. */
export function* row(sql: string, values: Statement['values'] = {}): Work<Row | null> {
  return (yield* rows(sql, values))[0] ?? null;
}

/** Runs a statement; returns how many rows it changed. */
export function* change(sql: string, values: Statement['values'] = {}): Work<number> {
  return (yield { kind: 'changes', sql, values }).changes;
}
