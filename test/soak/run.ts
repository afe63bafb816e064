import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { runSoak } from './soak.ts';

const USAGE = `usage: npm run soak [-- OPTIONS]

Plays calls with speech, keying, a bad network and a failing provider on the product, and judges what agents heard, what
became of payments and what is left in memory. Exit 0 when no promise was broken, else 1.

  --minutes N  how long new calls begin, default 60
  --calls N    calls at the same time, default 10
  --seed S     repeats what a former run did; default: a new one, which is printed`;

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    console.error(`--${name}: expected a whole number from 1 to ${max}`);
    process.exit(2);
  }
  return value;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    calls: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(randomInt(1, 2 ** 31)) },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const minutes = wholeNumber('minutes', values.minutes, 10_080);
const calls = wholeNumber('calls', values.calls, 500);
const seed = wholeNumber('seed', values.seed, 2 ** 31);
console.log(`soak: ${minutes} min, ${calls} calls at a time, seed ${seed}`);
const tally = await runSoak({ seconds: minutes * 60, seed, calls, print: (line) => console.log(line) });
const payments = [...tally.payments].map(([state, count]) => `${count} ${state}`).join(', ');
const growth = tally.heapGrowthBytes;
console.log(`${tally.calls} calls, ${tally.lostLegs} legs lost and back, payments: ${payments || 'none'}`);
console.log(
  `${(tally.recordedSeconds / 60).toFixed(1)} min heard by agents; ${tally.pieces} pieces under 10 ms, which speech has too`,
);
console.log(`heap: ${growth === null ? 'too short to judge' : `${(growth / 1e6).toFixed(1)} MB of growth`}`);
for (const problem of tally.problems) console.log(`PROBLEM: ${problem}`);
console.log(`${tally.problems.length === 0 ? 'PASSED' : 'FAILED'}, seed ${seed}`);
process.exitCode = tally.problems.length === 0 ? 0 : 1;
