import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DIGIT_NETWORK, GATE_NETWORK, HOLD_NETWORK } from '../dsp/weights.ts';
import { BOOTSTRAP_DIGIT, BOOTSTRAP_HOLD } from './bootstrap-networks.ts';
import { trialOf } from './exposure.ts';
import { Random } from './random.ts';
import { loadKeptBackVoices, loadSpeechCorpus, loadTalk } from './speech-corpus.ts';
import { trainDigit, trainGate, trainHold } from './stages.ts';
import type { TrainingSetup } from './stages.ts';
import { lineNoise } from './voices.ts';
import { digestOfVoices, weightsSource } from './weights-source.ts';

const SEED = 20261123;
const CORPUS = join(tmpdir(), 'tonewall-training');
const RATE = 8000;
const OUTPUT = new URL('../dsp/weights.ts', import.meta.url);

/** Of a long recording this much, so that no voice outweighs the others. */
const VOICE_SECONDS = 300;
const NOISE_SECONDS = 200;

const HELP = `npm run train -- [--out FILE] [gate] [hold] [digit]

Trains the networks of src/dsp/weights.ts, all of them (forty minutes) or the stages named; the others keep their
committed weights. Gate and hold are, of several, what exposes fewest presses under voices that none was fitted to.
Needs the Debian packages sox, libsox-fmt-all, espeak-ng, flite, opus-tools, asterisk-core-sounds-en-wav, -es-wav,
-it-wav, asterisk-prompt-es-co, asterisk-moh-opsound-wav, fillets-ng-data, fillets-ng-data-nl and frozen-bubble-data.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { out: { type: 'string' }, help: { type: 'boolean' } },
});
if (values.help === true) process.stdout.write(HELP);
else main(positionals, values.out ?? OUTPUT);

function main(stages: readonly string[], output: string | URL): void {
  const isDue = (stage: string): boolean => stages.length === 0 || stages.includes(stage);
  const say = (text: string): boolean => process.stdout.write(`${text}\n`);
  say('reading and synthesising voices');
  const voices = loadSpeechCorpus(CORPUS).map(({ name, samples }) => ({
    name,
    samples: samples.subarray(0, VOICE_SECONDS * RATE),
  }));
  const keptBack = loadKeptBackVoices(CORPUS);
  const talk = loadTalk(CORPUS);
  const provenance = { seed: SEED, voices: digestOfVoices([...voices, ...keptBack, ...talk]) };
  if (!readFileSync(OUTPUT, 'utf8').includes(provenance.voices)) {
    say(
      'these voices are not those of the committed weights (other package versions?): the numbers will differ',
    );
  }
  const setup: TrainingSetup = {
    voices: [...voices, lineNoise(NOISE_SECONDS, new Random(SEED))],
    talk,
    codings: ['mu-law', 'gsm', 'gsm-twice', 'amr', 'amr-12.2', 'opus', 'opus-24', 'noise', 'clip'],
    steps: { gate: 8000, hold: 12_000, digit: 16_000 },
    seeds: [SEED, SEED + 1, SEED + 2, SEED + 3],
    trial: trialOf(keptBack, new Random(SEED)),
    report: say,
  };
  const networks = { GATE_NETWORK, HOLD_NETWORK, DIGIT_NETWORK };
  const keep = (): void => writeFileSync(output, weightsSource(networks, provenance));
  if (isDue('gate')) networks.GATE_NETWORK = trainGate(setup, new Random(SEED + 1));
  keep();
  const start = { gate: networks.GATE_NETWORK, hold: BOOTSTRAP_HOLD, digit: BOOTSTRAP_DIGIT };
  if (isDue('hold')) networks.HOLD_NETWORK = trainHold(setup, start, new Random(SEED + 2));
  keep();
  const held = { ...start, hold: networks.HOLD_NETWORK };
  if (isDue('digit')) networks.DIGIT_NETWORK = trainDigit(setup, held, new Random(SEED + 3));
  keep();
}
