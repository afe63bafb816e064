import { formatWav } from '../audio-file/wav.ts';
import { DEFAULT_LOOKAHEAD_MS } from '../dsp/constants.ts';
import { numberWithin, oneOf, parseArguments } from './arguments.ts';
import { CHANNEL_NAMES, readCallAudio } from './audio-input.ts';
import type { CallAudio } from './audio-input.ts';
import { BadInput, EXIT_OK } from './command.ts';
import type { Command } from './command.ts';
import { maskRecording } from './mask-recording.ts';
import type { OutputFile } from './output-files.ts';
import { writeOutputFiles } from './output-files.ts';
import { Progress } from './progress.ts';

const HELP = `usage: tonewall mask IN.wav OUT.wav [options]

Runs the live mask path over a recording: key tones are replaced by what an agent would hear. The output has the
length, rate and format of the input and is delayed by the look-ahead.

  --report FILE.json     where and which keys were heard, and what was masked. The only place that names digits
  --sensitivity WORD     capture (default): when in doubt, mask; or normal
  --lookahead MS         hold-back of the audio, 2 to 100 ms (default ${DEFAULT_LOOKAHEAD_MS})
  --mode WORD            what replaces a key tone: tone (default), silence or noise
  --channel WORD         left or right: which channel of a stereo recording is the caller`;

/** Look-ahead that the command takes, in ms; the live path takes at most 10, a recording may take more. */
const LOOKAHEAD_MS = { min: 2, max: 100 } as const;

const OPTIONS = {
  report: { type: 'string' },
  sensitivity: { type: 'string', default: 'capture' },
  lookahead: { type: 'string', default: String(DEFAULT_LOOKAHEAD_MS) },
  mode: { type: 'string', default: 'tone' },
  channel: { type: 'string' },
} as const;

export const maskCommand: Command = { summary: 'mask the key tones in a recording', help: HELP, run };

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS);
  const [from, to, ...more] = positionals;
  if (from === undefined || to === undefined || more.length > 0)
    throw new BadInput('mask: expected IN.wav OUT.wav');
  const settings = {
    sensitivity: oneOf('sensitivity', values.sensitivity, ['capture', 'normal']),
    lookaheadMs: numberWithin('lookahead', values.lookahead, LOOKAHEAD_MS.min, LOOKAHEAD_MS.max),
    mode: oneOf('mode', values.mode, ['tone', 'silence', 'noise']),
  } as const;
  const audio = await readCallAudio(from);
  const caller = callerChannel(audio, values.channel);
  const progress = new Progress('masking');
  const result = maskRecording(audio, caller, settings, (share) => progress.show(share));
  progress.end();
  const files: OutputFile[] = [{ path: to, content: formatWav(result.audio) }];
  if (values.report !== undefined) {
    files.push({ path: values.report, content: `${JSON.stringify(result.report, null, 2)}\n` });
  }
  await writeOutputFiles(files);
  return EXIT_OK;
}

function callerChannel({ channels }: CallAudio, channel: string | undefined): number {
  if (channel === undefined) {
    if (channels.length > 1) throw new BadInput('the recording is stereo: expected --channel left or right');
    return 0;
  }
  const index = CHANNEL_NAMES.indexOf(oneOf('channel', channel, CHANNEL_NAMES));
  if (channels.length === 1) throw new BadInput('--channel: expected a stereo recording, found mono');
  return index;
}
