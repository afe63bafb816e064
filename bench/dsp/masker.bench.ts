import { Masker } from '../../src/dsp/masker.ts';
import type { Sensitivity } from '../../src/dsp/masker.ts';
import type { SampleRate } from '../../src/core/sample-rate.ts';
import { keyTones, lineNoise } from '../../test/support/dsp/key-tones.ts';
import { DEFAULTS } from '../../test/support/dsp/masked.ts';
import { resampled } from '../../test/support/dsp/resampled.ts';
import { spandspMissing, spandspNanosecondsPerSample } from '../../test/support/dsp/spandsp.ts';
import { talk } from '../../test/support/dsp/talk.ts';
import type { Bench, BenchRow, BenchSize } from '../bench.ts';

const NOBODY = { digitStarted() {}, digitEnded() {}, maskStarted() {}, maskEnded() {} };

/** Repetitions of half a minute of audio; the first warms the compiler up and is not counted. */
const ROUNDS: Readonly<Record<BenchSize, number>> = { smoke: 1, full: 12 };

const LINES: readonly {
  what: string;
  samples: () => Int16Array;
  rateHz: SampleRate;
  sensitivity: Sensitivity;
}[] = [
  { what: 'speech, normal, 8 kHz', samples: speech, rateHz: 8000, sensitivity: 'normal' },
  { what: 'speech, capture, 8 kHz', samples: speech, rateHz: 8000, sensitivity: 'capture' },
  { what: 'speech, normal, 16 kHz', samples: wideSpeech, rateHz: 16_000, sensitivity: 'normal' },
  {
    what: 'a quiet line, normal, 8 kHz',
    samples: () => lineNoise(240_000, -66),
    rateHz: 8000,
    sensitivity: 'normal',
  },
  { what: 'keying, capture, 8 kHz', samples: keying, rateHz: 8000, sensitivity: 'capture' },
];

export const bench: Bench = {
  name: 'masker',
  method:
    "CPU time of the whole masker, 20 ms at a time, per second of one call's audio, against SpanDSP's DTMF receiver " +
    '(C, detection only) on the same audio at 8 kHz.',
  run(size: BenchSize): Promise<readonly BenchRow[]> {
    const hasPeer = spandspMissing() === undefined;
    const rows = LINES.map(({ what, samples, rateHz, sensitivity }) => {
      const audio = samples();
      const peer = hasPeer
        ? spandspMicroseconds(Int16Array.from(resampled(audio, rateHz, 8000), Math.round))
        : null;
      return {
        what,
        unit: 'us/call-s',
        ours: microseconds(audio, rateHz, sensitivity, ROUNDS[size]),
        peer,
        peerName: 'SpanDSP',
      };
    });
    return Promise.resolve(rows);
  },
};

function microseconds(
  audio: Int16Array,
  rateHz: SampleRate,
  sensitivity: Sensitivity,
  rounds: number,
): number {
  const masker = new Masker({ ...DEFAULTS, sampleRate: rateHz, sensitivity }, NOBODY);
  const frame = rateHz / 50;
  const frames = Array.from({ length: Math.floor(audio.length / frame) }, (_, i) =>
    audio.subarray(i * frame, (i + 1) * frame),
  );
  const output = new Int16Array(frame);
  const round = (): void => {
    for (const input of frames) masker.process(input, output);
  };
  round();
  const before = process.cpuUsage();
  for (let i = 0; i < rounds; i += 1) round();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / rounds / (frames.length / 50);
}

function spandspMicroseconds(audio: Int16Array): number {
  return spandspNanosecondsPerSample(audio, 20) * 8;
}

function speech(): Int16Array {
  return talk('rms').subarray(0, 240_000);
}

function wideSpeech(): Int16Array {
  return Int16Array.from(resampled(speech(), 8000, 16_000), Math.round);
}

function keying(): Int16Array {
  return keyTones({
    rateHz: 8000,
    digits: '4111111111111111'.repeat(8),
    toneMs: 100,
    pauseMs: 120,
    noiseDbm0: -60,
  }).samples;
}
