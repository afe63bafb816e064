import { createHash } from 'node:crypto';
import type { NetworkWeights } from '../dsp/network.ts';
import type { Recording } from './speech-corpus.ts';

/** Significant digits of a committed weight: far below what training determines, far above what a score needs. */
const DIGITS = 5;

/** What the weights were made from. */
export interface Provenance {
  readonly seed: number;
  /** `digestOfVoices` of what they were trained with. */
  readonly voices: string;
}

/** Tells one corpus from another: a hash of names and samples. */
export function digestOfVoices(voices: readonly Recording[]): string {
  const hash = createHash('sha256');
  for (const { name, samples } of voices) hash.update(name).update(Int16Array.from(samples));
  return hash.digest('hex').slice(0, 16);
}

/** Tells whether numbers were changed by hand: a hash of all weights as they are written. */
export function digestOfWeights(networks: Readonly<Record<string, NetworkWeights>>): string {
  const hash = createHash('sha256');
  for (const [name, { values }] of Object.entries(networks)) hash.update(name).update(written(values).join());
  return hash.digest('hex').slice(0, 16);
}

/** The text of `src/dsp/weights.ts`. */
export function weightsSource(
  networks: Readonly<Record<string, NetworkWeights>>,
  { seed, voices }: Provenance,
): string {
  const parts = [
    "import type { NetworkWeights } from './network.ts';\n",
    '// Written by `npm run train`; do not edit. Same seed and voices, same numbers.',
    `// seed ${seed}, voices ${voices}, weights ${digestOfWeights(networks)}\n`,
  ];
  for (const [name, { inputs, hidden, values }] of Object.entries(networks)) {
    const rows: string[] = [];
    for (let at = 0; at < values.length; at += inputs + 1) {
      rows.push(`    ${written(values.subarray(at, at + inputs + 1)).join(', ')},`);
    }
    parts.push(
      `export const ${name}: NetworkWeights = {\n  inputs: ${inputs},\n  hidden: ${hidden},\n  // prettier-ignore\n  values: Float32Array.of(\n${rows.join('\n')}\n  ),\n};\n`,
    );
  }
  return parts.join('\n');
}

function written(values: Float32Array): number[] {
  return Array.from(values, (value) => Number(value.toPrecision(DIGITS)));
}
