import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { configTable } from '../../src/config/config-table.ts';
import { ERRORS } from '../../src/core/errors.ts';
import { SIMULATOR_CARDS } from '../../src/payment/simulator/simulator-cards.ts';
import { metricsTable } from '../../src/telemetry/metrics-table.ts';
import type { Figures } from '../conformance/full/figures.ts';
import { conformanceSummary } from '../conformance/full/markdown.ts';

const README = join(import.meta.dirname, '../../README.md');

function errorsTable(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, title, retryable }]) =>
      `| ${status} | \`${code}\` | ${title} | ${retryable ? 'yes' : 'no'} |`,
  );
  return ['| status | code | meaning | may succeed later |', '|---|---|---|---|', ...rows].join('\n');
}

function simulatorTable(): string {
  const rows = SIMULATOR_CARDS.map(({ number, description }) => `| ${number} | ${description} |`);
  return [
    '| card | outcome |',
    '|---|---|',
    ...rows,
    '| any other number with a valid check digit | Approved. |',
  ].join('\n');
}

/** Figures of the last full run; `npm run conformance` makes them. */
function conformanceTable(): string {
  const file = join(import.meta.dirname, '../../docs/conformance.json');
  return conformanceSummary(JSON.parse(readFileSync(file, 'utf8')) as Figures);
}

/** The README's generated tables by the name in their markers. */
export const README_TABLES: Readonly<Record<string, () => string>> = {
  config: configTable,
  simulator: simulatorTable,
  metrics: metricsTable,
  errors: errorsTable,
  conformance: conformanceTable,
};

/** What stands between the markers of a table; null when one is missing. */
export function tableInReadme(name: string): string | null {
  const text = readFileSync(README, 'utf8');
  return new RegExp(`<!-- ${name}:begin -->\n([^]*?)<!-- ${name}:end -->`).exec(text)?.[1]?.trim() ?? null;
}

/** Writes every table anew; `npm run readme`. */
export function updateReadme(): void {
  let text = readFileSync(README, 'utf8');
  for (const [name, table] of Object.entries(README_TABLES)) {
    const marked = new RegExp(`(<!-- ${name}:begin -->\n)[^]*?(<!-- ${name}:end -->)`);
    text = text.replace(
      marked,
      (_all, begin: string, end: string) => `${begin}\n${table().trim()}\n\n${end}`,
    );
  }
  writeFileSync(README, text);
}

if (import.meta.main) updateReadme();
