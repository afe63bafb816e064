import { globSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench, BenchRow, BenchSize } from './bench.ts';

const USAGE = `usage: npm run bench [-- [NAME ...] [--smoke] [--json FILE]]

Runs every benchmark, or those named, each with its peer in the same run.
  --smoke      a few seconds each: proves that they work, the figures mean nothing
  --json FILE  writes the figures as JSON`;

async function loadBenches(): Promise<Bench[]> {
  const files = globSync('**/*.bench.ts', { cwd: import.meta.dirname }).toSorted();
  const modules = await Promise.all(
    files.map((file) => import(join(import.meta.dirname, file)) as Promise<{ readonly bench: Bench }>),
  );
  return modules.map((module) => module.bench);
}

function formatRow(row: BenchRow): string {
  const ratio = row.peer === null ? 'not installed' : row.peer === 0 ? '–' : (row.ours / row.peer).toFixed(2);
  const peer = row.peer === null ? '–' : row.peer.toPrecision(4);
  return `| ${row.what} | ${row.ours.toPrecision(4)} ${row.unit} | ${peer} ${row.peerName} | ${ratio} |`;
}

async function runBench(bench: Bench, size: BenchSize): Promise<readonly BenchRow[]> {
  console.log(`\n## ${bench.name}\n${bench.method}\n`);
  const rows = await bench.run(size);
  console.log('| what | tonewall | peer | ratio |\n|---|---|---|---|');
  for (const row of rows) console.log(formatRow(row));
  return rows;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { smoke: { type: 'boolean' }, json: { type: 'string' }, help: { type: 'boolean' } },
  });
  const benches = await loadBenches();
  const names = benches.map((bench) => bench.name);
  const unknown = positionals.filter((name) => !names.includes(name));
  if (values.help === true || unknown.length > 0) {
    console.error(
      `${unknown.length > 0 ? `unknown benchmark; there are: ${names.join(', ')}\n` : ''}${USAGE}`,
    );
    return unknown.length > 0 ? 2 : 0;
  }
  const size: BenchSize = values.smoke === true ? 'smoke' : 'full';
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.version}`,
  );
  const results: Record<string, readonly BenchRow[]> = {};
  for (const bench of benches) {
    if (positionals.length === 0 || positionals.includes(bench.name))
      results[bench.name] = await runBench(bench, size);
  }
  if (values.json !== undefined) {
    writeFileSync(values.json, `${JSON.stringify({ size, node: process.version, results }, null, 2)}\n`);
  }
  return 0;
}

process.exitCode = await main();
