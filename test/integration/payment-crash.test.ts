import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/journal/sqlite-store.ts';
import { ProviderEndpoint } from '../support/provider-endpoint.ts';

/**
 * Goal: a process that is killed at any moment leaves no charge without a record, and no record that lies. Method:
 * a child pays as fast as it can and is killed, again and again, on one database; then the provider's list of
 * charges is held against it.
 */
const KILLS = 10;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe('payments of a process that is killed', () => {
  it('are all recorded, charged at most once, and never called failed when they were charged', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonewall-crash-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'journal.db');
    const endpoint = await ProviderEndpoint.open({
      acts: [{ kind: 'json', body: { charge_id: 'ch_1', error_code: null } }],
    });
    cleanUps.push(() => endpoint.close());

    const announced: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) announced.push(...(await payUntilKilled(path, endpoint.url)));

    const store = openSqliteStore(path, '2026-11-02T12:00:00.000Z');
    cleanUps.push(() => store.close());
    const database = new DatabaseSync(path, { readOnly: true });
    cleanUps.push(() => database.close());
    const attempts = new Map(
      database
        .prepare(
          'SELECT idempotency_key, payment_id, attempt.state, payment.state AS payment FROM attempt JOIN payment ON payment.id = payment_id',
        )
        .all()
        .map((row) => [row['idempotency_key'], row]),
    );
    const charged = endpoint.requests.map(
      ({ body }) => (JSON.parse(body) as Record<string, string>)['transaction_id'] ?? '',
    );

    expect(charged.length).toBeGreaterThan(KILLS);
    expect(new Set(charged).size).toBe(charged.length);
    for (const key of charged) expect(attempts.get(key)?.['state']).toMatch(/^(?:approved|unknown)$/);
    for (const row of attempts.values()) expect(row['payment']).toBe(row['state']);
    expect(new Set([...attempts.values()].map((row) => row['payment_id'])).size).toBe(attempts.size);
    for (const line of announced) {
      const [id = '', outcome] = line.split(' ');
      expect(store.payment(id)?.state).toBe(outcome);
    }
  });
});

describe('a second server on the database of a running one', () => {
  it('does not start and harms nothing, and starts as soon as the first was killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonewall-second-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'journal.db');
    const endpoint = await ProviderEndpoint.open({ acts: [{ kind: 'hang' }] });
    cleanUps.push(() => endpoint.close());
    const child = startChild(path, endpoint.url);
    await endpoint.received(3);

    expect(() => openSqliteStore(path, '2026-11-02T12:00:00.000Z')).toThrow(
      expect.objectContaining({ code: 'IN_USE' }),
    );
    const database = new DatabaseSync(path, { readOnly: true });
    cleanUps.push(() => database.close());
    expect(database.prepare('SELECT DISTINCT state FROM payment').all()).toEqual([{ state: 'processing' }]);
    child.kill('SIGKILL');
    await once(child, 'close');
    const store = openSqliteStore(path, '2026-11-02T12:00:00.000Z');
    cleanUps.push(() => store.close());
    expect(store.recovered).toEqual({ canceled: 0, failed: 0, unknown: 3 });
  });
});

/** The outcomes that the child announced before it was killed. */
async function payUntilKilled(path: string, url: string): Promise<string[]> {
  const child = startChild(path, url);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  await once(child.stdout, 'data');
  setTimeout(() => child.kill('SIGKILL'), Math.random() * 60);
  await once(child, 'close');
  // The last line may have been cut.
  return said.split('\n').slice(0, -1);
}

function startChild(path: string, url: string) {
  const script = new URL('./payment-crash-child.ts', import.meta.url);
  const child = spawn(process.execPath, [script.pathname, path, url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUps.push(() => child.kill('SIGKILL'));
  return child;
}
