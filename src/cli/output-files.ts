import { rename, rm, writeFile } from 'node:fs/promises';
import { reasonOf } from './audio-input.ts';
import { BadInput } from './command.ts';

export interface OutputFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Writes all files or none: each under another name in its folder first, renamed when the last one is complete. */
export async function writeOutputFiles(files: readonly OutputFile[]): Promise<void> {
  const partials = files.map(({ path }) => `${path}.partial-${process.pid}`);
  try {
    for (const [i, { path, content }] of files.entries()) {
      await writeFile(partials[i] ?? path, content, { flag: 'wx' }).catch(complainAbout(path));
    }
    for (const [i, { path }] of files.entries())
      await rename(partials[i] ?? path, path).catch(complainAbout(path));
  } catch (error) {
    // What cannot be removed was never written; the first error is the one to tell.
    await Promise.all(partials.map((partial) => rm(partial, { force: true }).catch(() => undefined)));
    throw error;
  }
}

function complainAbout(path: string): (error: unknown) => never {
  return (error) => {
    throw new BadInput(`${path}: ${reasonOf(error)}`, { cause: error });
  };
}
