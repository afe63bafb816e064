import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const sources = globSync('src/**/*.ts', { cwd: ROOT });
const tests = globSync('test/**/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('tidy.test.ts'));

function filesWith(files: readonly string[], pattern: RegExp): string[] {
  return files.filter((file) => pattern.test(read(file)));
}

describe('source habits that no linter checks', () => {
  it('sees the tree', () => {
    expect(sources.length).toBeGreaterThan(60);
    expect(tests.length).toBeGreaterThan(20);
  });

  it('has no decorator, which Node cannot strip', () => {
    expect(filesWith(sources, /^\s*@[A-Za-z]\w*(\(|\s*$)/m)).toEqual([]);
  });

  it('has no barrel file', () => {
    expect(sources.filter((file) => file.endsWith('/index.ts'))).toEqual([]);
  });

  it('has no unfinished work', () => {
    expect(filesWith([...sources, ...tests], /\b(TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  it('has no door that only tests use', () => {
    expect(filesWith(sources, /\w(ForTesting|ForTests|TestOnly)\b/)).toEqual([]);
  });

  it('sends card bytes by no client but the byte path', () => {
    const payment = sources.filter((file) => file.startsWith('src/payment/'));
    expect(payment.length).toBeGreaterThan(4);
    expect(filesWith(payment, /\bfetch\(|\bundici\b/)).toEqual([]);
  });

  it('tests without module mocks and without sleeping', () => {
    expect(filesWith(tests, /\bvi\.mock\(/)).toEqual([]);
    expect(filesWith(tests, /\bsleep\(|from 'node:timers\/promises'/)).toEqual([]);
  });
});
