import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Client } from 'pg';
import { isPostgresUrl } from '../../src/core/database-url.ts';
import { CRASH_POINTS } from './kill-child.ts';
import type { CrashPoint, KillOrder } from './kill-child.ts';
import type { KillBank } from './kill-banks.ts';
import { ENDPOINT_CERTIFICATE } from './provider-endpoint.ts';

export interface KillReport {
  readonly kills: number;
  readonly payments: number;
  readonly charges: number;
  /** What went against a promise, in words; empty when all were kept. */
  readonly violations: readonly string[];
}

export interface PaymentRow {
  readonly id: string;
  readonly state: string;
  readonly message: string | null;
  readonly key: string | null;
}

const FINAL = ['approved', 'declined', 'failed', 'canceled', 'expired'];
/** Points that a provider which takes the card with the charge does not pass: nobody can ask it later either. */
const TOKEN_POINTS: readonly CrashPoint[] = ['processing-stored', 'token-made', 'adopted'];
/** No child needs as long; one that does hangs. */
const CHILD_MS_MAX = 60_000;
const CARD = '4539578763621486';

/**
 * Kills the payment side at every point, round after round, on one journal; then holds it against the bank's list.
 * `postgres`: the URL of an empty database to keep the journal in.
 */
export async function runKillMatrix(
  bank: KillBank,
  rounds: number,
  seed: number,
  postgres: string | null = null,
): Promise<KillReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-kill-'));
  try {
    const database = postgres ?? join(folder, 'journal.db');
    const told: string[] = [];
    let kills = 0;
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, crashAt] of CRASH_POINTS.entries()) {
        if (!makesTokens(bank) && TOKEN_POINTS.includes(crashAt)) continue;
        const order = orderFor(bank, database, crashAt, seed + round * CRASH_POINTS.length + index);
        if (await dies(order, told)) kills += 1;
      }
    }
    const isDead = await dies(orderFor(bank, database, null, seed), told);
    const rows = await readPayments(database);
    const violations = [
      ...(isDead ? ['the last run died'] : []),
      ...violationsOf(rows, bank.charges(), told),
    ];
    return { kills, payments: rows.length, charges: bank.charges().length, violations };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function makesTokens({ settings }: KillBank): boolean {
  return settings.kind === 'stripe' || settings.kind === 'braintree';
}

function orderFor(bank: KillBank, database: string, crashAt: CrashPoint | null, seed: number): KillOrder {
  return { database, settings: bank.settings, certificate: ENDPOINT_CERTIFICATE, seed, card: CARD, crashAt };
}

/** Runs a child to its end; whether that was a kill. */
async function dies(order: KillOrder, told: string[]): Promise<boolean> {
  const script = new URL('./kill-child.ts', import.meta.url);
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', script.pathname, JSON.stringify(order)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const hangs = setTimeout(() => child.kill('SIGTERM'), CHILD_MS_MAX);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(hangs);
  // The last line may have been cut.
  told.push(...said.split('\n').slice(0, -1));
  if (signal === 'SIGTERM' || (signal === null && code !== 0)) {
    throw new Error(`the child ended with ${signal ?? code} at ${order.crashAt}`);
  }
  return signal === 'SIGKILL';
}

const SELECT_ROWS = `SELECT payment.id, payment.state, payment.message, attempt.idempotency_key AS key
  FROM payment LEFT JOIN attempt ON attempt.payment_id = payment.id`;

export async function readPayments(database: string): Promise<readonly PaymentRow[]> {
  if (isPostgresUrl(database)) {
    const client = new Client({ connectionString: database });
    await client.connect();
    const { rows } = await client.query<PaymentRow>(SELECT_ROWS);
    await client.end();
    return rows;
  }
  const file = new DatabaseSync(database, { readOnly: true });
  try {
    return file.prepare(SELECT_ROWS).all() as unknown as readonly PaymentRow[];
  } finally {
    file.close();
  }
}

/** What the journal's rows, the provider's charges and what was told contradict, in words. */
export function violationsOf(
  rows: readonly PaymentRow[],
  charges: readonly string[],
  told: readonly string[],
): string[] {
  const violations: string[] = [];
  const byKey = new Map(rows.map((row) => [row.key, row]));
  for (const key of new Set(charges)) {
    const times = charges.filter((charge) => charge === key).length;
    const row = byKey.get(key);
    if (times > 1) violations.push(`${key} was charged ${times} times`);
    if (row === undefined) violations.push(`${key} was charged and is in no journal`);
    else if (row.state !== 'approved' && row.state !== 'unknown') {
      violations.push(`${row.id} is ${row.state} and was charged`);
    }
  }
  for (const { id, state, key, message } of rows) {
    if (state === 'approved' && (key === null || !charges.includes(key))) {
      violations.push(`${id} is approved and was not charged`);
    }
    if (state === 'unknown' && message === null) violations.push(`${id} is unknown without a reason`);
    if (state !== 'unknown' && !FINAL.includes(state)) violations.push(`${id} is still ${state}`);
  }
  const states = new Map(rows.map(({ id, state }) => [id, state]));
  for (const line of told) {
    const [, id = '', outcome] = line.split(' ');
    if (outcome !== 'unknown' && states.get(id) !== outcome) {
      violations.push(`${id} was told ${outcome} and is ${states.get(id)}`);
    }
  }
  return violations;
}
