import { METRICS } from '../core/metric-catalogue.ts';

/** The README's table of metrics, in Markdown. */
export function metricsTable(): string {
  const rows = Object.entries(METRICS).map(([name, metric]) => {
    const labels = Object.entries(metric.labels).map(([label, values]: [string, readonly string[] | null]) =>
      values === null ? `\`${label}\`` : `\`${label}\` (${values.join(', ')})`,
    );
    return `| \`tonewall_${name}\` | ${metric.type} | ${labels.join('; ') || '–'} | ${metric.help} |`;
  });
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n');
}
