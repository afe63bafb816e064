import { peakOfDbm0 } from '../../src/dsp/constants.ts';
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

/** Repetitions of half a minute of audio; the first three warm the compiler up and are not counted. */
const ROUNDS: Readonly<Record<BenchSize, number>> = { smoke: 1, full: 12 };
const WARM_UP_ROUNDS = 3;
const PEER_ROUNDS = 5;

interface Line {
  readonly what: string;
  readonly samples: () => Int16Array;
  readonly rateHz: SampleRate;
  readonly sensitivity: Sensitivity;
}

const LINES: readonly Line[] = [
  { what: 'speech, normal, 8 kHz', samples: speech, rateHz: 8000, sensitivity: 'normal' },
  { what: 'speech, capture, 8 kHz', samples: speech, rateHz: 8000, sensitivity: 'capture' },
  { what: 'speech, normal, 16 kHz', samples: () => wide(16_000), rateHz: 16_000, sensitivity: 'normal' },
  { what: 'speech, capture, 16 kHz', samples: () => wide(16_000), rateHz: 16_000, sensitivity: 'capture' },
  { what: 'speech, capture, 24 kHz', samples: () => wide(24_000), rateHz: 24_000, sensitivity: 'capture' },
  {
    what: 'silence, capture, 8 kHz',
    samples: () => lineNoise(240_000, -66),
    rateHz: 8000,
    sensitivity: 'capture',
  },
  { what: 'keying, capture, 8 kHz', samples: keying, rateHz: 8000, sensitivity: 'capture' },
];

export const bench: Bench = {
  name: 'masker',
  method:
    "CPU time of the whole masker, 20 ms at a time, per second of one call's audio, against SpanDSP's DTMF receiver " +
    "(C, detection only) on the same audio at 8 kHz. Best round of each: what other processes take from caches and clock is not the code's. Speech has no pauses. The detector alone is the disarmed masker.",
  run(size: BenchSize): Promise<readonly BenchRow[]> {
    const hasPeer = spandspMissing() === undefined;
    const rows = LINES.map((line) => {
      const audio = line.samples();
      const core = Int16Array.from(resampled(audio, line.rateHz, 8000), Math.round);
      return {
        what: line.what,
        unit: 'us/call-s',
        ours: microseconds(audio, line, true, ROUNDS[size]),
        peer: hasPeer ? spandspMicroseconds(core) : null,
        peerName: 'SpanDSP',
      };
    });
    return Promise.resolve([...rows, detectorAlone(size, hasPeer)]);
  },
};

function detectorAlone(size: BenchSize, hasPeer: boolean): BenchRow {
  const audio = speech();
  const line = { rateHz: 8000, sensitivity: 'normal' } as const;
  return {
    what: 'speech, detector alone, 8 kHz',
    unit: 'ns/sample',
    ours: microseconds(audio, line, false, ROUNDS[size]) / 8,
    peer: hasPeer ? spandspMicroseconds(audio) / 8 : null,
    peerName: 'SpanDSP',
  };
}

function microseconds(
  audio: Int16Array,
  { rateHz, sensitivity }: Pick<Line, 'rateHz' | 'sensitivity'>,
  isArmed: boolean,
  rounds: number,
): number {
  const masker = new Masker({ ...DEFAULTS, sampleRate: rateHz, sensitivity }, NOBODY);
  masker.setArmed(isArmed);
  const frame = rateHz / 50;
  const frames = Array.from({ length: Math.floor(audio.length / frame) }, (_, i) =>
    audio.subarray(i * frame, (i + 1) * frame),
  );
  const output = new Int16Array(frame);
  const round = (): void => {
    for (const input of frames) masker.process(input, output);
  };
  for (let i = 0; i < WARM_UP_ROUNDS; i += 1) round();
  let least = Infinity;
  for (let i = 0; i < rounds; i += 1) {
    const before = process.cpuUsage();
    round();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least / (frames.length / 50);
}

function spandspMicroseconds(audio: Int16Array): number {
  return Math.min(...Array.from({ length: PEER_ROUNDS }, () => spandspNanosecondsPerSample(audio, 4))) * 8;
}

/** Half a minute of a voice without its pauses: no more than 60 ms in a row below -45 dBm0. */
function speech(): Int16Array {
  const frame = 160;
  const voice = talk('rms');
  const active: number[] = [];
  let quiet = 0;
  for (let at = 0; at + frame <= voice.length; at += frame) {
    const samples = voice.subarray(at, at + frame);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / frame;
    quiet = 2 * power < peakOfDbm0(-45) ** 2 ? quiet + 1 : 0;
    if (quiet <= 3) active.push(...samples);
  }
  return Int16Array.from(active).subarray(0, 240_000);
}

function wide(rateHz: SampleRate): Int16Array {
  return Int16Array.from(resampled(speech(), 8000, rateHz), Math.round);
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
