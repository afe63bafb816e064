import { describe, expect, it } from 'vitest';
import { AgentMute } from '../../../src/media/agent-mute.ts';
import { MaskedPath } from '../../../src/media/masked-path.ts';
import type { MaskedPathStages } from '../../../src/media/masked-path.ts';
import type { MaskerObserver } from '../../../src/dsp/masker.ts';
import { OutputGuard } from '../../../src/dsp/output-guard.ts';
import { keyTone } from '../../../src/simulator/key-tones.ts';
import { RateConverter } from '../../../src/media/rate-converter.ts';

/**
 * Goal: whatever a stage does, the agent gets silence when masking is in doubt.
 * Method: stages that break on purpose. One that lets everything through stands for a broken gate.
 */
function setUp(overrides: Partial<MaskedPathStages> = {}) {
  const told: string[] = [];
  const masker: MaskedPathStages['masker'] = {
    process: (input, output) => output.set(input),
    setSensitivity: (sensitivity) => told.push(`sensitivity ${sensitivity}`),
    setArmed: (isArmed) => told.push(`armed ${isArmed}`),
    coverEvent: (durationMs) => told.push(`cover ${durationMs}`),
    reportGap: (samples) => told.push(`gap ${samples}`),
    wipe: () => told.push('masker wiped'),
  };
  const heard = { tones: false };
  const mute = new AgentMute();
  let observer: MaskerObserver | null = null;
  const path = new MaskedPath(
    160,
    mute,
    {
      digitHeard: (code) => told.push(`heard ${code}`),
      digitReleased: (code) => told.push(`released ${code}`),
      maskingChanged: (isMasking) => told.push(`masking ${isMasking}`),
      doubted: (cause, error) => told.push(`doubt ${cause} ${error instanceof Error ? error.message : '-'}`),
    },
    (maskerObserver) => {
      observer = maskerObserver;
      return {
        masker,
        converter: null,
        guard: { check: () => heard.tones, wipe: () => told.push('guard wiped') },
        ...overrides,
      };
    },
  );
  const output = new Int16Array(160).fill(99);
  const process = (): Int16Array => {
    path.process(new Int16Array(160).fill(1000), output);
    return output;
  };
  return { told, path, mute, heard, process, masker, maskerObserver: observer! as MaskerObserver };
}

const AUDIO = new Int16Array(160).fill(1000);
const SILENCE = new Int16Array(160);

describe('MaskedPath', () => {
  it('sends what the masker gives', () => {
    const { process, told } = setUp();
    expect(process()).toEqual(AUDIO);
    expect(told).toEqual([]);
  });

  it('mutes and raises the alarm once when the output check hears tones', () => {
    const { process, told, heard } = setUp();
    heard.tones = true;
    expect(process()).toEqual(SILENCE);
    expect(process()).toEqual(SILENCE);
    expect(told).toEqual(['doubt output-check -']);
  });

  it('stays muted for three seconds after the tones are gone, then lets audio through', () => {
    const { process, heard } = setUp();
    heard.tones = true;
    for (let n = 0; n < 10; n++) process();
    heard.tones = false;
    for (let n = 0; n < 149; n++) expect(process()).toEqual(SILENCE);
    expect(process()).toEqual(AUDIO);
  });

  it.each('0123456789*#'.split(''))('mutes within 40 ms when a gate lets the key %s through', (key) => {
    const { path, told } = setUp({ guard: new OutputGuard(8000) });
    const tone = keyTone(key, 8000, { toneMs: 200, pauseMs: 0, levelDbm0: -10 });
    const heard = Array.from({ length: 10 }, (_, frame) => {
      const output = new Int16Array(160);
      path.process(tone.subarray(frame * 160, (frame + 1) * 160), output);
      return output.some((sample) => sample !== 0);
    });
    expect(heard.lastIndexOf(true)).toBeLessThan(2);
    expect(told).toEqual(['doubt output-check -']);
  });

  it('does not listen for tones while it is disarmed', () => {
    const { path, process, heard } = setUp();
    path.setArmed(false);
    heard.tones = true;
    expect(process()).toEqual(AUDIO);
  });

  it.each(['masker', 'guard'] as const)('mutes for good when the %s throws', (stage) => {
    let isBroken = true;
    const breakOnce = (): never | void => {
      if (isBroken) throw new Error('broken');
    };
    const whole = setUp();
    const { process, told } = setUp(
      stage === 'masker'
        ? {
            masker: {
              ...whole.masker,
              process: (input, output) => {
                output.set(input);
                breakOnce();
              },
            },
          }
        : {
            guard: {
              check: () => {
                breakOnce();
                return false;
              },
              wipe: () => undefined,
            },
          },
    );
    expect(process()).toEqual(SILENCE);
    isBroken = false;
    for (let n = 0; n < 1000; n++) expect(process()).toEqual(SILENCE);
    expect(told).toEqual(['doubt error broken']);
  });

  it('mutes when the converter throws', () => {
    const { process, told } = setUp({
      converter: {
        process: () => {
          throw new Error('broken');
        },
        wipe: () => undefined,
      },
    });
    expect(process()).toEqual(SILENCE);
    expect(told).toEqual(['doubt error broken']);
  });

  it('stays muted when a new path follows one that broke', () => {
    const { mute } = setUp();
    mute.raise('error');
    const output = new Int16Array(160).fill(1);
    const stages = setUp();
    const next = new MaskedPath(
      160,
      mute,
      {
        digitHeard: () => undefined,
        digitReleased: () => undefined,
        maskingChanged: () => undefined,
        doubted: () => undefined,
      },
      () => ({
        masker: stages.masker,
        converter: null,
        guard: { check: () => false, wipe: () => undefined },
      }),
    );
    next.process(AUDIO, output);
    expect(output).toEqual(SILENCE);
  });

  it('converts what the masker gives to the rate of the agent', () => {
    const { path } = setUp({ converter: new RateConverter(8000, 16000) });
    const output = new Int16Array(320);
    path.process(new Int16Array(160).fill(1000), output);
    path.process(new Int16Array(160).fill(1000), output);
    expect(output.every((sample) => Math.abs(sample - 1000) <= 5)).toBe(true);
  });

  it('tells the masker of a gap when a frame was unusable', () => {
    const { path, told } = setUp();
    path.skip();
    expect(told).toEqual(['gap 160']);
  });

  it('mutes for a second when frames of the caller were refused', () => {
    const { path, process, told } = setUp();
    path.lose();
    path.lose();
    expect(told).toEqual(['gap 160', 'doubt overload -', 'gap 160']);
    for (let n = 0; n < 50; n++) expect(process()).toEqual(SILENCE);
    expect(process()).toEqual(AUDIO);
  });

  it('sounds the mask for a key that was told and not heard', () => {
    const { path, told } = setUp();
    path.coverToldKey();
    expect(told).toEqual(['cover 100']);
  });

  it('does not sound the mask again for a key that was heard up to a second ago', () => {
    const { path, process, told, maskerObserver } = setUp();
    maskerObserver.digitStarted(0x35, 0, 1);
    path.coverToldKey();
    maskerObserver.digitEnded(0x35, 800);
    for (let n = 0; n < 50; n++) process();
    path.coverToldKey();
    expect(told).toEqual(['heard 53', 'released 53']);
    process();
    path.coverToldKey();
    expect(told).toEqual(['heard 53', 'released 53', 'cover 100']);
  });

  it('does not sound the mask for a told key while it is disarmed', () => {
    const { path, told } = setUp();
    path.setArmed(false);
    path.coverToldKey();
    expect(told).toEqual(['armed false', 'guard wiped']);
  });

  it('wipes every stage, releases the key and ends the mask when it ends', () => {
    const { path, process, told, maskerObserver } = setUp();
    maskerObserver.maskStarted(0);
    maskerObserver.digitStarted(0x23, 0, 1);
    path.end();
    expect(told).toEqual([
      'masking true',
      'heard 35',
      'masker wiped',
      'guard wiped',
      'masking false',
      'released 35',
    ]);
    expect(process()).toEqual(SILENCE);
  });

  it('passes sensitivity and arming on to the masker', () => {
    const { path, told } = setUp();
    path.setSensitivity('capture');
    path.setArmed(false);
    expect(told).toEqual(['sensitivity capture', 'armed false', 'guard wiped']);
  });
});
