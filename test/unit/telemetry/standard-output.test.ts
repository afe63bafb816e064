import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const MODULE = join(import.meta.dirname, '../../../src/telemetry/standard-output.ts');

/** Runs a script with `sink` in a process of its own, whose standard output is a pipe. */
function run(script: string) {
  const source = `import { standardOutput } from ${JSON.stringify(MODULE)}; const sink = standardOutput(); ${script}`;
  return spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
  });
}

function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => (text += chunk));
    stream.once('end', () => resolve(text));
  });
}

describe('standardOutput', () => {
  it('has written every line, in order, when the process ends after a flush', async () => {
    // The only thread that writes is busy, so that the first line is still on its way at the flush.
    const child = run(`
      (await import('node:crypto')).pbkdf2('', '', 100_000, 64, 'sha512', () => undefined);
      for (let index = 0; index < 20_000; index += 1) sink.write('line ' + index + '\\n');
      await sink.flush();
      process.exit(0);
    `);
    const lines = (await textOf(child.stdout)).trimEnd().split('\n');
    expect(lines).toEqual(Array.from({ length: 20_000 }, (_, index) => `line ${index}`));
  });

  it('ends a flush when nothing is waiting, and when nobody is left to read', async () => {
    const child = run(`
      await sink.flush();
      process.stdin.once('end', async () => {
        sink.write('lost\\n');
        await sink.flush();
        console.error('ended');
        process.exit(0);
      }).resume();
      console.error('flushed');
    `);
    const errors = textOf(child.stderr);
    child.stderr.once('data', () => {
      child.stdout.destroy();
      child.stdin.end();
    });
    expect(await errors).toBe('flushed\nended\n');
  });

  it('does not wait for a reader that does not read', async () => {
    // Nobody reads the pipe, which holds 64 KB. A blocking write would never come to its end.
    const child = run(`
      const line = 'x'.repeat(999) + '\\n';
      for (let index = 0; index < 20_000; index += 1) sink.write(line);
      console.error('went on');
      process.kill(process.pid, 'SIGKILL');
    `);
    expect(await textOf(child.stderr)).toBe('went on\n');
  });
});
