import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const PROFILES = {
  profiles: [
    {
      id: 'card',
      name: 'Card',
      method: 'guided',
      operation: 'charge',
      currency: 'GBP',
      fields: ['payment-card-number', 'expiration-date', 'security-code'],
      provider: { kind: 'simulator' },
    },
  ],
};

/** The rate limit is per key; load comes from as many back ends together. */
const KEYS = Array.from({ length: 200 }, (_, n) => `secret-of-back-end-number-${String(1000 + n)}`);

/** The product in a process of its own, started as `npm start` does. */
export class Product {
  readonly url: string;
  /** From the start of the process to the line that says where it listens. */
  readonly startMs: number;
  readonly keys = KEYS;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, folder: string, url: string, startMs: number) {
    this.#child = child;
    this.#folder = folder;
    this.url = url;
    this.startMs = startMs;
  }

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<Product> {
    const folder = mkdtempSync(join(tmpdir(), 'tonewall-product-'));
    writeFileSync(join(folder, 'profiles.json'), JSON.stringify(PROFILES));
    const startedMs = performance.now();
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        TONEWALL_PORT: '0',
        TONEWALL_API_KEYS: KEYS.map((secret, n) => `key${n}:${secret}`).join(','),
        TONEWALL_DATABASE: join(folder, 'tonewall.db'),
        TONEWALL_PROFILES: join(folder, 'profiles.json'),
        TONEWALL_MAX_CALLS: '4000',
        TONEWALL_OVERLOAD_LATENESS_MS: '1000',
        TONEWALL_DRAIN_SECONDS: '0',
        ...environment,
      },
    });
    const url = await listeningUrl(child);
    return new Product(child, folder, url, performance.now() - startedMs);
  }

  async request(method: string, path: string, body?: object, key = 0): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.keys[key % this.keys.length]}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}`);
    const text = await response.text();
    return (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
  }

  /** Metrics by name and labels, as they are exported. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]),
    );
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    this.#child.kill('SIGTERM');
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Reads the log until the line that has the address; what comes later is read and forgotten. */
async function listeningUrl(child: ChildProcess): Promise<string> {
  let text = '';
  let isFound = false;
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the product ended with ${code}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      if (isFound) return;
      text += chunk.toString();
      const url = /"url":"([^"]+)"/.exec(text)?.[1];
      if (url === undefined) return;
      isFound = true;
      resolve(url);
    });
  });
}
