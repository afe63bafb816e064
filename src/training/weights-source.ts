import type { NetworkWeights } from '../dsp/network.ts';

/** Significant digits of a committed weight: far below what training determines, far above what a score needs. */
const DIGITS = 5;

/** The text of `src/dsp/weights.ts`. */
export function weightsSource(networks: Readonly<Record<string, NetworkWeights>>): string {
  const parts = [
    "import type { NetworkWeights } from './network.ts';\n",
    '// Written by `node src/training/train.ts`; do not edit. Same seed and corpus, same numbers.\n',
    '// prettier-ignore-start\n',
  ];
  for (const [name, { inputs, hidden, values }] of Object.entries(networks)) {
    const rows: string[] = [];
    for (let at = 0; at < values.length; at += inputs + 1) {
      rows.push(
        `  ${Array.from(values.subarray(at, at + inputs + 1), (value) => Number(value.toPrecision(DIGITS))).join(', ')},`,
      );
    }
    parts.push(
      `export const ${name}: NetworkWeights = {\n  inputs: ${inputs},\n  hidden: ${hidden},\n  // prettier-ignore\n  values: Float32Array.of(\n${rows.map((row) => `  ${row}`).join('\n')}\n  ),\n};\n`,
    );
  }
  return parts.filter((part) => !part.includes('-start')).join('\n');
}
