import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { pathOf, readText } from '../support/deploy-files.ts';

const UNIT = 'deploy/systemd/tonewall.service';

function analyze(...args: string[]) {
  return spawnSync('systemd-analyze', args, { encoding: 'utf8' });
}

/** With `CI=true` it must be there: the tests that need it then fail instead of being skipped. */
const isMissing = process.env['CI'] !== 'true' && analyze('--version').status !== 0;

function valueOf(name: string): string | undefined {
  return new RegExp(`^${name}=(.*)$`, 'm').exec(readText(UNIT))?.[1];
}

describe('the systemd unit', () => {
  it.skipIf(isMissing)('is understood whole by systemd', () => {
    const { stderr } = analyze('verify', pathOf(UNIT));
    // The program is not installed where the unit expects it; anything else is a mistake in the unit.
    const complaints = stderr.split('\n').filter((line) => line.startsWith('tonewall.service'));
    expect(complaints.filter((line) => !line.includes('is not executable'))).toEqual([]);
    expect(stderr).not.toMatch(/Unknown|Failed to parse|Invalid/);
  });

  it.skipIf(isMissing)('is exposed at most 2 of 10 by the measure of systemd itself', () => {
    const { status, stdout } = analyze(
      'security',
      '--offline=true',
      '--threshold=20',
      '--no-pager',
      pathOf(UNIT),
    );
    expect(stdout).toContain('Overall exposure level');
    expect(status).toBe(0);
  });

  it('keeps memory off the disk and gives a drain its time', () => {
    expect([valueOf('LimitCORE'), valueOf('MemorySwapMax'), valueOf('KillSignal')]).toEqual([
      '0',
      '0',
      'SIGTERM',
    ]);
    const drainSeconds = parseConfig({ TONEWALL_API_KEYS: `a:${'b'.repeat(24)}` }, () => '').drainMs / 1000;
    expect(Number(valueOf('TimeoutStopSec'))).toBeGreaterThanOrEqual(drainSeconds + 120 + 160);
  });
});
