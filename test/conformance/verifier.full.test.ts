import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWav } from '../../src/audio-file/wav.ts';
import { findRecoverableDigits } from '../../src/dsp/recording-verifier.ts';
import { OutputGuard } from '../../src/dsp/output-guard.ts';

/**
 * Goal: the rate of false findings that `tonewall verify --help` states, and the silence of the output guard, hold on
 * speech that the repository does not ship. Method: the English prompts of Debian's asterisk-core-sounds-en-wav, less
 * those that are tones and noises. Needs that package.
 */
const PROMPTS = '/usr/share/asterisk/sounds/en_US_f_Allison';
const NO_SPEECH =
  /^(beep|beeperr|tt-monkeys|tt-weasels|ascending-2tone|descending-2tone|confbridge-(join|leave))/;
const files = globSync('**/*.wav', { cwd: PROMPTS }).filter((file) => !NO_SPEECH.test(file));

describe.skipIf(files.length === 0)('half an hour of prompts', () => {
  it('give at most 12 false findings per hour, and no alarm of the guard', async () => {
    let seconds = 0;
    let findings = 0;
    let alarms = 0;
    for (const file of files) {
      const { channels, sampleRate } = await readWav(join(PROMPTS, file));
      expect(sampleRate).toBe(8000);
      const samples = channels[0]!;
      seconds += samples.length / 8000;
      findings += findRecoverableDigits(samples, 8000).length;
      const guard = new OutputGuard(8000);
      for (let at = 0; at + 160 <= samples.length; at += 160) {
        if (guard.check(samples.subarray(at, at + 160))) alarms += 1;
      }
    }
    console.log(`${findings} findings and ${alarms} alarms in ${(seconds / 60).toFixed(0)} minutes`);
    expect(seconds).toBeGreaterThan(1200);
    expect(findings / (seconds / 3600)).toBeLessThanOrEqual(12);
    expect(alarms).toBe(0);
  }, 600_000);
});
