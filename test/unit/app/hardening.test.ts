import { describe, expect, it } from 'vitest';
import { hardeningProblems } from '../../../src/app/hardening.ts';
import type { ProcessFacts } from '../../../src/app/hardening.ts';

/** Goal: a process that a debugger, a core file or a log of keys could read does not take cards in production. */
const LIMITS =
  'Limit                     Soft Limit           Hard Limit           Units\nMax core file size        0                    unlimited            bytes\n';
const SAFE: ProcessFacts = {
  execArgv: ['--disable-sigusr1', '--disable-warning=ExperimentalWarning', '--report-exclude-env'],
  env: { PATH: '/usr/bin' },
  limits: LIMITS,
  isDumpable: true,
};

describe('hardeningProblems', () => {
  it('finds nothing in a process that is started as documented', () => {
    expect(hardeningProblems(SAFE)).toEqual([]);
    expect(hardeningProblems({ ...SAFE, limits: null })).toEqual([]);
  });

  it.each([
    '--inspect',
    '--inspect-brk=0.0.0.0:9229',
    '--inspect-port=0',
    '--heapsnapshot-signal=SIGUSR2',
    '--heap-prof',
    '--cpu-prof',
    '--trace-tls',
    '--tls-keylog=/tmp/keys',
    '--report-on-signal',
    '--abort-on-uncaught-exception',
  ])('names %s, as an argument and in NODE_OPTIONS', (flag) => {
    const name = flag.split('=')[0] ?? '';

    expect(hardeningProblems({ ...SAFE, execArgv: [flag] })).toEqual([expect.stringContaining(name)]);
    expect(hardeningProblems({ ...SAFE, env: { NODE_OPTIONS: `--max-old-space-size=99 ${flag}` } })).toEqual([
      expect.stringContaining(name),
    ]);
  });

  it.each(['NODE_DEBUG', 'NODE_V8_COVERAGE', 'SSLKEYLOGFILE'])('names %s', (variable) => {
    expect(hardeningProblems({ ...SAFE, env: { [variable]: 'x' } })).toEqual([
      expect.stringContaining(variable),
    ]);
  });

  it('names a DEBUG that makes the Vonage SDK talk, and no other', () => {
    expect(hardeningProblems({ ...SAFE, env: { DEBUG: 'vonage:*' } })).toHaveLength(1);
    expect(hardeningProblems({ ...SAFE, env: { DEBUG: 'app' } })).toEqual([]);
  });

  it('allows core files only to a process that the kernel does not dump', () => {
    const limits = LIMITS.replace('size        0 ', 'size        unlimited ');

    expect(hardeningProblems({ ...SAFE, limits })).toEqual([expect.stringContaining('core')]);
    expect(hardeningProblems({ ...SAFE, limits, isDumpable: false })).toEqual([]);
  });
});
