import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const MODULE = join(import.meta.dirname, '../../../src/telemetry/standard-output.ts');

/** Runs a script with `sink` in a process of its own, whose standard output is a pipe. */
function run(script: string) {
  const source = `import { standardOutput } from ${JSON.stringify(MODULE)}; const sink = standardOutput(); ${script}`;
  return spawn(process.execPath, ['--input-type=module', '--eval', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
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
  it('has written every line when the process ends after a flush', async () => {
    const child = run(`
      for (let index = 0; index < 1000; index += 1) sink.write('line ' + index + '\\n');
      sink.flush();
      process.exit(0);
    `);
    const lines = (await textOf(child.stdout)).trimEnd().split('\n');
    expect(lines).toHaveLength(1000);
    expect([lines[0], lines[999]]).toEqual(['line 0', 'line 999']);
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
