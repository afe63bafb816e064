import { spawn } from 'node:child_process';
import { chownSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

const TLS = join(import.meta.dirname, '../fixtures/tls');

/** In every URL; must never be seen anywhere else. */
export const POSTGRES_PASSWORD = 'open-sesame';

/** Where Debian puts the server's programs; the newest version. */
const BIN = globSync('/usr/lib/postgresql/*/bin')
  .sort((a, b) => Number(b.split('/')[4]) - Number(a.split('/')[4]))
  .at(0);

/** Why tests with PostgreSQL cannot run here; null: they can. Under CI they must. */
export const POSTGRES_MISSING =
  BIN !== undefined || process.env['CI'] === 'true' ? null : 'the Debian package postgresql is not installed';

/** A real server with a data folder of its own, on a socket in it; it writes through to the disk, as in production. */
export class PostgresServer {
  readonly folder: string;
  readonly #user: { readonly uid?: number; readonly gid?: number };
  /** Of the socket's name too. */
  #port = 5432;
  #databases = 0;

  private constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'tonewall-pg-'));
    this.#user = serverUser();
    if (this.#user.uid !== undefined) chownSync(this.folder, this.#user.uid, this.#user.gid ?? 0);
  }

  /** `tlsPort`: where it speaks TLS too, with the certificate of the tests. */
  static async start(tlsPort: number | null = null): Promise<PostgresServer> {
    const server = new PostgresServer();
    const secret = join(server.folder, 'password');
    writeFileSync(secret, POSTGRES_PASSWORD, { mode: 0o644 });
    const auth = ['-U', 'tonewall', '-A', 'scram-sha-256', `--pwfile=${secret}`];
    await server.#run('initdb', ['-D', server.data, '--no-sync', '-E', 'UTF8', '--locale=C', ...auth]);
    const settings = [
      `unix_socket_directories = '${server.folder}'`,
      'max_connections = 30',
      'shared_buffers = 16MB',
      ...(tlsPort === null ? [`listen_addresses = ''`] : server.#tlsSettings(tlsPort)),
    ];
    writeFileSync(join(server.data, 'postgresql.auto.conf'), settings.join('\n'));
    await server.up();
    return server;
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  /** A new, empty database. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `journal_${this.#databases}`;
    await this.query(`CREATE DATABASE ${name}`);
    return this.url(name);
  }

  url(database: string): string {
    const host = encodeURIComponent(this.folder);
    return `postgres://tonewall:${POSTGRES_PASSWORD}@localhost:${this.#port}/${database}?host=${host}`;
  }

  /** Asks over a connection of its own. */
  async query(
    sql: string,
    url = this.url('postgres'),
    values: unknown[] = [],
  ): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  async up(): Promise<void> {
    await this.#run('pg_ctl', ['start', '-w', '-D', this.data, '-l', join(this.folder, 'log'), '-s']);
  }

  /** `immediate`: as in a crash; nobody is told, nothing is written any more. */
  async down(mode: 'fast' | 'immediate' = 'immediate'): Promise<void> {
    await this.#run('pg_ctl', ['stop', '-w', '-m', mode, '-D', this.data, '-s']);
  }

  /** Like a crash of the server's machine, which comes up again. */
  async restart(): Promise<void> {
    await this.down('immediate');
    await this.up();
  }

  async close(): Promise<void> {
    await this.down('fast').catch(() => undefined);
    rmSync(this.folder, { recursive: true });
  }

  #tlsSettings(port: number): string[] {
    this.#port = port;
    const key = join(this.folder, 'key.pem');
    writeFileSync(key, readFileSync(join(TLS, 'key.pem')), { mode: 0o600 });
    if (this.#user.uid !== undefined) chownSync(key, this.#user.uid, this.#user.gid ?? 0);
    const certificate = join(this.folder, 'certificate.pem');
    writeFileSync(certificate, readFileSync(join(TLS, 'certificate.pem')));
    return [
      `listen_addresses = '127.0.0.1'`,
      `port = ${port}`,
      'ssl = on',
      `ssl_cert_file = '${certificate}'`,
      `ssl_key_file = '${key}'`,
    ];
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    if (BIN === undefined) throw new Error('the Debian package postgresql is not installed');
    // The server inherits the pipes and keeps them open, so nobody may wait for their end.
    const child = spawn(join(BIN, program), args, { ...this.#user, cwd: this.folder, stdio: 'ignore' });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`${program} ended with ${String(code)}`);
  }
}

/** PostgreSQL does not run as root. */
function serverUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((user) => user.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}
