import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { METRICS } from '../../src/core/metric-catalogue.ts';
import { PrometheusMeter } from '../../src/telemetry/prometheus-meter.ts';
import { pathOf, readText, readYaml } from '../support/deploy-files.ts';

/** Goal: an alert or a panel never asks for what the server does not export, and every alert tells what to do. */

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}
interface RuleTest {
  readonly alert_rule_test?: readonly {
    readonly alertname: string;
    readonly exp_alerts: readonly object[];
  }[];
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const RULES = 'deploy/prometheus/tonewall.rules.yml';
const RULE_TESTS = 'deploy/prometheus/tonewall.rules.test.yml';
const rules = readYaml<{ groups: { rules: Rule[] }[] }>(RULES).groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(readText('deploy/grafana/tonewall.json')) as {
  readonly panels: readonly Panel[];
};
const charts = dashboard.panels.filter(({ type }) => type !== 'row');
const panelExpressions = charts.flatMap(({ targets }) => (targets ?? []).map(({ expr }) => expr));

function promtool(...args: string[]) {
  return spawnSync('promtool', args, { encoding: 'utf8' });
}

/** With `CI=true` promtool must be there: the tests that need it then fail instead of being skipped. */
const isPromtoolMissing = process.env['CI'] !== 'true' && promtool('--version').status !== 0;
const needsPromtool = { skip: isPromtoolMissing, reason: 'promtool is missing (Debian: prometheus)' };

/** Metric names in an expression, with their label matchers. Histograms are named by their base. */
function metricsIn(expression: string): { readonly name: string; readonly labels: string[] }[] {
  return [...expression.matchAll(/\b((?:tonewall|nodejs|process)_\w+|up)\b(?:\{([^}]*)\})?/g)].map(
    (match) => ({
      name: match[1] ?? '',
      labels: [...(match[2] ?? '').matchAll(/(\w+)\s*(?:=~|!=|!~|=)/g)].map((label) => label[1] ?? ''),
    }),
  );
}

function labelsOf(metric: string): string[] {
  const catalogue: Readonly<Record<string, { readonly labels: object }>> = METRICS;
  return Object.keys(catalogue[metric.replace('tonewall_', '')]?.labels ?? {});
}

describe('the alert rules', () => {
  it.skipIf(needsPromtool.skip)('are valid, and so is the configuration that loads them', () => {
    expect(promtool('check', 'rules', pathOf(RULES))).toMatchObject({ status: 0 });
    const config = promtool('check', 'config', pathOf('deploy/prometheus/prometheus.yml'));
    expect(config).toMatchObject({ status: 0 });
  });

  it.skipIf(needsPromtool.skip)('fire and keep quiet as their unit tests say', () => {
    const { status, stdout, stderr } = promtool('test', 'rules', pathOf(RULE_TESTS));
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  it('each fire in a unit test', () => {
    const tests = readYaml<{ tests: RuleTest[] }>(RULE_TESTS).tests.flatMap(
      (test) => test.alert_rule_test ?? [],
    );
    const fired = new Set(
      tests.filter(({ exp_alerts: alerts }) => alerts.length > 0).map(({ alertname }) => alertname),
    );
    expect(rules.length).toBeGreaterThan(12);
    expect(rules.map(({ alert }) => alert).filter((alert) => !fired.has(alert))).toEqual([]);
  });

  it('have a severity and a heading of their own in the runbook, which has no other', () => {
    const runbook = readText('docs/operations.md');
    const headings = [...runbook.matchAll(/^### (Tonewall\w+)$/gm)].map((match) => match[1] ?? '');
    expect(headings.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
    for (const { alert, labels, annotations } of rules) {
      expect(['page', 'warn']).toContain(labels.severity);
      expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
      const section = runbook.split(`### ${alert}\n`)[1]?.split('\n### ')[0] ?? '';
      expect(section.length).toBeGreaterThan(80);
      expect(section.includes('**Page')).toBe(labels.severity === 'page');
    }
  });
});

describe('the dashboard', () => {
  it.skipIf(needsPromtool.skip)('asks in valid PromQL', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonewall-promql-'));
    const file = join(folder, 'rules.yml');
    const asRules = panelExpressions.map((expr, index) => ({
      record: `panel:${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h'),
    }));
    writeFileSync(file, stringify({ groups: [{ name: 'panels', rules: asRules }] }));
    const { status, stdout, stderr } = promtool('check', 'rules', file);
    rmSync(folder, { recursive: true });
    expect(`${stdout}${stderr}`).toContain(`${panelExpressions.length} rules found`);
    expect(status).toBe(0);
  });

  it('has panels that do not overlap, each with an id and a title', () => {
    expect(charts.length).toBeGreaterThan(20);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, n) => `${x + (n % w)},${y + Math.floor(n / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    for (const { title } of dashboard.panels) expect(title).not.toBe('');
  });
});

describe('alerts and dashboard', () => {
  it('ask only for metrics that the server exports, and for labels that they have', async () => {
    const exported = await new PrometheusMeter().text();
    const types = new Map(
      [...exported.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, type]),
    );
    types.set('up', 'gauge');
    const asked = [...rules.map(({ expr }) => expr), ...panelExpressions].flatMap(metricsIn);
    expect(asked.length).toBeGreaterThan(60);
    const problems = asked.flatMap(({ name, labels }) => {
      const base = types.has(name) ? name : name.replace(/_(bucket|sum|count)$/, '');
      if (!types.has(base) || (base !== name && types.get(base) !== 'histogram')) return [name];
      const known = ['job', 'instance', ...labelsOf(base)];
      return labels.filter((label) => !known.includes(label)).map((label) => `${name}{${label}}`);
    });
    expect(problems).toEqual([]);
  });
});
