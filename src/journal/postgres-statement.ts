import { JournalError } from './journal-error.ts';
import type { Statement, Value } from './work.ts';

/** A statement as PostgreSQL takes it. `name`: it is parsed and planned once per connection. */
export interface PreparedQuery {
  readonly name: string;
  readonly text: string;
  readonly values: readonly Value[];
}

interface Numbered {
  readonly name: string;
  readonly text: string;
  /** The names in the order of their numbers. */
  readonly names: readonly string[];
}

/** `:name`, and not the `::` of a cast. */
const PARAMETER = /(?<!:):([A-Za-z]\w*)/g;

/** Statements of ours, each made once: `:name` becomes `$1`, the same name the same number. */
export class StatementCache {
  readonly #numbered = new Map<string, Numbered>();

  /** Throws `INVALID` if a value is missing or has no place, as SQLite does. */
  queryOf({ sql, values }: Statement): PreparedQuery {
    const { name, text, names } = this.#numbered.get(sql) ?? this.#add(sql);
    if (names.length !== Object.keys(values).length) throw new JournalError('INVALID');
    return { name, text, values: names.map((member) => valueOf(values[member])) };
  }

  #add(sql: string): Numbered {
    const names: string[] = [];
    const text = sql.replaceAll(PARAMETER, (_, name: string) => {
      if (!names.includes(name)) names.push(name);
      return `$${names.indexOf(name) + 1}`;
    });
    const numbered = { name: `tonewall_${this.#numbered.size}`, text, names };
    this.#numbered.set(sql, numbered);
    return numbered;
  }
}

function valueOf(value: Value | undefined): Value {
  if (value === undefined) throw new JournalError('INVALID');
  return value;
}
