import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { updateReadme } from '../support/readme-tables.ts';
import { summarize } from './full/figures.ts';
import type { Figures } from './full/figures.ts';
import { conformanceDocument } from './full/markdown.ts';
import { planTasks } from './full/plan.ts';
import { runTasks } from './full/pool.ts';

const USAGE = `usage: npm run conformance [-- OPTIONS]

Measures the receiver against the standards and the mask against the attacker, and writes docs/conformance.md,
docs/conformance.json and README's summary. Uses what is installed of SpanDSP, codecs and recorded voices.

  --seeds N       runs of every item, default 5
  --quick         one seed and fewer presses, a few minutes; prints and writes nothing
  --only PREFIX   items whose name begins so, such as a07, m, speech or talk-off; again for more; writes nothing
  --out FOLDER    writes conformance.md and conformance.json there instead
  --threads N     default 2
  --plots         draws docs/images instead
  --help          this text`;

const ROOT = join(import.meta.dirname, '../..');
const DOCS = join(ROOT, 'docs');

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    out: { type: 'string' },
    threads: { type: 'string', default: '2' },
    plots: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Versions of everything that has a part in the figures; no date, so that two runs can be compared. */
function versions(): Record<string, string> {
  const installed = (name: string): string | undefined => {
    const query = spawnSync('dpkg-query', ['-W', '-f=${Version}', name], { encoding: 'utf8' });
    return query.status === 0 ? query.stdout : undefined;
  };
  const found: Record<string, string> = { Node: process.version };
  for (const name of ['libspandsp2', 'sox', 'opus-tools', 'espeak-ng', 'flite']) {
    const version = installed(name);
    if (version !== undefined) found[name] = version;
  }
  return found;
}

async function measure(): Promise<Figures> {
  const seeds = positive(values.seeds, '--seeds');
  const options = { seeds, isQuick: values.quick, only: values.only };
  const { tasks, missing } = planTasks(options);
  for (const name of missing) console.error(`left out: ${name}`);
  const started = performance.now();
  let shown = -1;
  const results = await runTasks(tasks, positive(values.threads, '--threads'), (done, task) => {
    const seconds = Math.round((performance.now() - started) / 1000);
    const text = `${done} of ${tasks.length} after ${seconds} s (${task.id})`;
    if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
    else if (Math.floor((20 * done) / tasks.length) !== shown) console.error(text);
    shown = Math.floor((20 * done) / tasks.length);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  return { seeds: values.quick ? 1 : seeds, versions: versions(), missing, ...summarize(tasks, results) };
}

function positive(text: string, option: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${option}: expected a whole number from 1`);
  return value;
}

function write(figures: Figures, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const files = ['conformance.md', 'conformance.json'].map((name) => join(folder, name));
  writeFileSync(files[0]!, conformanceDocument(figures));
  writeFileSync(files[1]!, JSON.stringify(figures));
  if (folder === DOCS) {
    updateReadme();
    files.push(join(ROOT, 'README.md'));
  }
  execFileSync(join(ROOT, 'node_modules/.bin/prettier'), ['--log-level', 'warn', '--write', ...files]);
}

async function main(): Promise<void> {
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.plots) {
    const { drawPlots } = await import('./full/plots.ts');
    drawPlots(join(DOCS, 'images'));
    return;
  }
  const figures = await measure();
  console.log(conformanceDocument(figures));
  const isPart = values.quick || values.only.length > 0;
  if (values.out !== undefined || !isPart) write(figures, values.out ?? DOCS);
}

await main();
