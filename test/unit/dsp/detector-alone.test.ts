import { describe, expect, it } from 'vitest';
import { Masker } from '../../../src/dsp/masker.ts';
import { StatePool } from '../../../src/dsp/kernel/state-pool.ts';
import { writeNetworks } from '../../../src/dsp/kernel/kernel-port.ts';
import { ScalarKernel } from '../../../src/dsp/kernel/scalar-kernel.ts';
import { COMMITTED_NETWORKS } from '../../../src/dsp/kernel/kernel.ts';
import { DEFAULT_POOL } from '../../../src/dsp/kernel/kernel.ts';
import { keyTones, mixed } from '../../support/dsp/key-tones.ts';
import { DEFAULTS } from '../../support/dsp/masked.ts';
import { talk } from '../../support/dsp/talk.ts';

/**
 * Goal: a masker that masks nothing reports every key press at a fraction of the cost, and masks at once when it is
 * armed again. Method: the same keying armed and disarmed; a key that is pressed right after arming in mid-speech.
 */

const KEYS = '123A456B789C*0#D';

interface Heard {
  readonly digits: string;
  readonly spans: readonly number[];
  readonly output: Int16Array;
}

/** `armAt`: the frame from which on the masker is armed. */
function heard(samples: Int16Array, armAt: number, pool = DEFAULT_POOL): Heard {
  let digits = '';
  const spans: number[] = [];
  const masker = new Masker(
    { ...DEFAULTS, sampleRate: 8000 },
    {
      digitStarted: (code) => (digits += String.fromCharCode(code)),
      digitEnded: () => {},
      maskStarted: (start) => spans.push(start),
      maskEnded: (end) => spans.push(end),
    },
    pool,
  );
  const output = new Int16Array(samples.length);
  for (let at = 0; at + 160 <= samples.length; at += 160) {
    masker.setArmed(at / 160 >= armAt);
    masker.process(samples.subarray(at, at + 160), output.subarray(at, at + 160));
  }
  return { digits, spans, output };
}

describe('the detector alone', () => {
  it.each([
    [-70, 100, 100],
    [-70, 50, 50],
    [-40, 60, 60],
    [-30, 60, 60],
  ])(
    'reports all keys in noise of %i dBm0, %i ms long with pauses of %i ms',
    (noiseDbm0, toneMs, pauseMs) => {
      const { samples } = keyTones({ rateHz: 8000, digits: KEYS.repeat(4), toneMs, pauseMs, noiseDbm0 });
      expect(heard(samples, Infinity)).toMatchObject({ digits: KEYS.repeat(4), spans: [] });
      expect(heard(samples, 0).digits).toBe(KEYS.repeat(4));
    },
  );

  it('reports what the armed masker reports while somebody talks', () => {
    const { samples } = keyTones({ rateHz: 8000, digits: KEYS.repeat(4), toneMs: 80, pauseMs: 80 });
    const spoken = mixed(samples, talk('scotland'), -18);
    expect(heard(spoken, Infinity).digits).toBe(heard(spoken, 0).digits);
  });

  it('hears no key in speech', () => {
    for (const voice of ['rms', 'scotland'] as const) expect(heard(talk(voice), Infinity).digits).toBe('');
  });

  it('masks a key that is pressed right after arming as one that is pressed long after', () => {
    const speech = talk('rms').subarray(0, 16_000);
    const { samples } = keyTones({ rateHz: 8000, digits: '5', toneMs: 100, pauseMs: 100, marginMs: 0 });
    for (const pressedAt of [8000, 8320, 9600, 11_200]) {
      const spoken = Int16Array.from(
        speech,
        (sample, n) => sample + (n >= pressedAt && n < pressedAt + 800 ? samples[n - pressedAt]! : 0),
      );
      const [late, early] = [heard(spoken, pressedAt / 160), heard(spoken, 0)];
      expect(early.digits).toBe('5');
      expect(late).toEqual({ ...early, output: late.output });
      expect(late.output.subarray(pressedAt)).toEqual(early.output.subarray(pressedAt));
    }
  });

  it('is the same with either kernel', () => {
    const scalar = new ScalarKernel();
    writeNetworks(scalar, COMMITTED_NETWORKS);
    const { samples } = keyTones({ rateHz: 8000, digits: KEYS, toneMs: 60, pauseMs: 60, noiseDbm0: -40 });
    const spoken = mixed(samples, talk('rms'), -18);
    for (const armAt of [20, Infinity])
      expect(heard(spoken, armAt, new StatePool(scalar))).toEqual(heard(spoken, armAt));
  });
});
