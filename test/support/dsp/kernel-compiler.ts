import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCE = 'src/dsp/kernel/assembly/kernel.ts';
const TARGET = 'src/dsp/kernel/kernel-code.ts';
const COLUMNS = 100;

/** No managed objects: states are addresses. Warning 112 is about vectors that other modules would get. */
const OPTIONS = '-O3 --enable simd --runtime stub --noAssert --disableWarning 112 --outFile kernel.wasm';

/** Compiles the vector kernel; the bytes depend on the source and on the compiler's version only. */
export async function compileKernel(): Promise<Uint8Array> {
  let code: Uint8Array | undefined;
  const { error } = await asc.main([SOURCE, '--baseDir', ROOT, ...OPTIONS.split(' ')], {
    stderr: process.stderr,
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm' && typeof contents !== 'string') code = contents;
    },
  });
  if (code === undefined) throw new Error('the kernel does not compile', { cause: error });
  return code;
}

/** The module as a source file: Base64, since the layer that uses it opens no files. */
export function kernelSource(code: Uint8Array): string {
  const lines = Buffer.from(code)
    .toString('base64')
    .match(new RegExp(`.{1,${COLUMNS}}`, 'g'));
  const comment = '// Written by `npm run kernel` from `assembly/`; do not edit. Same source, same bytes.';
  return `${comment}\nexport const KERNEL_CODE = \`\n${(lines ?? []).join('\n')}\n\`;\n`;
}

if (import.meta.main) writeFileSync(join(ROOT, TARGET), kernelSource(await compileKernel()));
