import { readWav, WavError } from '../audio-file/wav.ts';
import type { WavAudio } from '../audio-file/wav.ts';
import { isSampleRate, SAMPLE_RATES } from '../core/sample-rate.ts';
import type { SampleRate } from '../core/sample-rate.ts';
import { BadInput } from './command.ts';

export type ChannelName = 'left' | 'right';
export const CHANNEL_NAMES = ['left', 'right'] as const;

/** A WAV file of one of our rates with one or two channels. */
export interface CallAudio extends WavAudio {
  readonly sampleRate: SampleRate;
}

/** Reads a recording; whatever is wrong with it is `BadInput`. */
export async function readCallAudio(path: string): Promise<CallAudio> {
  const { sampleRate, channels } = await readWav(path).catch((error: unknown) => {
    throw new BadInput(`${path}: ${reasonOf(error)}`, { cause: error });
  });
  if (!isSampleRate(sampleRate)) {
    throw new BadInput(`${path}: expected a rate of ${SAMPLE_RATES.join(', ')} Hz, found ${sampleRate} Hz`);
  }
  if (channels.length > 2)
    throw new BadInput(`${path}: expected mono or stereo, found ${channels.length} channels`);
  return { sampleRate, channels };
}

/** Why a file could not be read or written, without its content. */
export function reasonOf(error: unknown): string {
  if (error instanceof WavError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'no such file or folder';
    case 'EACCES':
    case 'EPERM':
      return 'no permission';
    case 'ENOTDIR':
      return 'a part of the path is no folder';
    case 'EISDIR':
      return 'expected a file, found a folder';
    default:
      return `cannot be used (${typeof code === 'string' ? code : 'unknown reason'})`;
  }
}
