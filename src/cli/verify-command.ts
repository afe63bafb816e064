import { findRecoverableDigits } from '../dsp/recording-verifier.ts';
import type { Finding } from '../dsp/recording-verifier.ts';
import { oneOf, parseArguments } from './arguments.ts';
import { CHANNEL_NAMES, readCallAudio } from './audio-input.ts';
import type { CallAudio, ChannelName } from './audio-input.ts';
import { BadInput, EXIT_FOUND, EXIT_OK } from './command.ts';
import type { Command } from './command.ts';

const HELP = `usage: tonewall verify FILE.wav [options]

Looks for key tones that could be read out of a recording of the agent's side, whole presses and remnants from 3 ms on.
Exit 0 and "clean" if there are none; exit 3 with position and length of each. Clean speech gives about 5 false findings
per hour, with some voices 12; nearly all of them are shorter than 6 ms.

  --json           the findings as JSON
  --channel WORD   left or right: look at one channel of a stereo recording only
  --reveal         name the digits`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  reveal: { type: 'boolean', default: false },
  channel: { type: 'string' },
} as const;

export const verifyCommand: Command = {
  summary: 'look for readable key tones in a recording',
  help: HELP,
  run,
};

interface ChannelFinding extends Finding {
  readonly channel: ChannelName | 'mono';
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS);
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new BadInput('verify: expected FILE.wav');
  const only = values.channel === undefined ? undefined : oneOf('channel', values.channel, CHANNEL_NAMES);
  const audio = await readCallAudio(path);
  if (only !== undefined && audio.channels.length === 1) {
    throw new BadInput('--channel: expected a stereo recording, found mono');
  }
  const findings = search(audio, only);
  console.log(values.json ? jsonOf(audio, findings, values.reveal) : textOf(audio, findings, values.reveal));
  return findings.length === 0 ? EXIT_OK : EXIT_FOUND;
}

function search({ channels, sampleRate }: CallAudio, only: ChannelName | undefined): ChannelFinding[] {
  const names = channels.length === 1 ? (['mono'] as const) : CHANNEL_NAMES;
  return channels
    .flatMap((samples, i) => {
      const channel = names[i] ?? 'mono';
      if (only !== undefined && channel !== only) return [];
      return findRecoverableDigits(samples, sampleRate).map((finding) => ({ ...finding, channel }));
    })
    .sort((a, b) => a.startSample - b.startSample);
}

function jsonOf({ sampleRate }: CallAudio, findings: readonly ChannelFinding[], isRevealed: boolean): string {
  const entries = findings.map(({ channel, startSample, endSample, code }) => ({
    channel,
    startSample,
    endSample,
    ...(isRevealed ? { digit: String.fromCharCode(code) } : {}),
  }));
  return JSON.stringify({ clean: findings.length === 0, sampleRate, findings: entries }, null, 2);
}

function textOf({ sampleRate }: CallAudio, findings: readonly ChannelFinding[], isRevealed: boolean): string {
  if (findings.length === 0) return 'clean';
  return findings
    .map(({ channel, startSample, endSample, code }) => {
      const at = (startSample / sampleRate).toFixed(3);
      const lengthMs = Math.round(((endSample - startSample) / sampleRate) * 1000);
      const place = channel === 'mono' ? '' : ` ${channel}`;
      return `${at} s${place}: ${lengthMs} ms${isRevealed ? ` ${String.fromCharCode(code)}` : ''}`;
    })
    .join('\n');
}
