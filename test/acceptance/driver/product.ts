import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SECRET = 'acceptance-secret-of-32-letters!';
const ROOT = join(import.meta.dirname, '../../..');

/** The production server as `npm start` runs it, on a free port, with a folder of its own. */
export class Product {
  readonly url: string;
  readonly folder: string;
  readonly #process: ChildProcess;
  #output: string[];

  private constructor(process: ChildProcess, url: string, folder: string, output: string[]) {
    this.#process = process;
    this.url = url;
    this.folder = folder;
    this.#output = output;
  }

  static start(profiles: readonly object[], environment: Record<string, string> = {}): Promise<Product> {
    const folder = mkdtempSync(join(tmpdir(), 'tonewall-acceptance-'));
    const profilesPath = join(folder, 'profiles.json');
    writeFileSync(profilesPath, JSON.stringify({ profiles }));
    const child = spawn('npm', ['start', '--silent'], {
      cwd: ROOT,
      detached: true,
      env: {
        ...process.env,
        TONEWALL_PORT: '0',
        TONEWALL_API_KEYS: `acceptance:${SECRET}`,
        TONEWALL_DATABASE: join(folder, 'tonewall.db'),
        TONEWALL_PROFILES: profilesPath,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: string[] = [];
    return new Promise((resolve, reject) => {
      const take = (chunk: Buffer): void => {
        output.push(chunk.toString('utf8'));
        const url = /"url":"([^"]+)"/.exec(output.join(''))?.[1];
        if (url !== undefined) resolve(new Product(child, url, folder, output));
      };
      child.stdout?.on('data', take);
      child.stderr?.on('data', take);
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${output.join('')}`)));
    });
  }

  /** Everything the process printed so far. */
  get output(): string {
    return this.#output.join('');
  }

  get credential(): string {
    return SECRET;
  }

  async call(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${SECRET}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      text,
      json: text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {},
    };
  }

  /** SIGTERM to the whole process group; resolves when it has ended. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        rmSync(this.folder, { recursive: true, force: true });
        resolve();
      };
      if (this.#process.exitCode !== null || this.#process.pid === undefined) return finish();
      this.#process.once('exit', finish);
      process.kill(-this.#process.pid, 'SIGTERM');
    });
  }
}

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: Record<string, unknown>;
}
