import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

/** A headless Chromium for Linux that lies inside an npm package, compressed. */
const PACKAGE = fileURLToPath(new URL('../../', import.meta.resolve('@sparticuz/chromium')));

export interface Chromium {
  readonly executablePath: string;
  /** Libraries of a browser, for machines that have none; the package brings them. */
  readonly libraryPath: string;
  /** Font configuration: the machine's fonts, and one of the package's for machines that have none. */
  readonly fontsFile: string;
}

/**
 * Unpacks the browser once per version into the system's temporary folder. Test files run in processes of their own,
 * so the finished folder is moved into place: nobody starts a browser that another process still writes.
 */
export function unpackChromium(): Chromium {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, 'package.json'), 'utf8')) as { version: string };
  const folder = join(tmpdir(), `tonewall-chromium-${version}`);
  if (!existsSync(folder)) {
    const unfinished = mkdtempSync(`${folder}-`);
    const read = (name: string): Buffer => brotliDecompressSync(readFileSync(join(PACKAGE, 'bin', name)));
    writeFileSync(join(unfinished, 'chromium'), read('chromium.br'), { mode: 0o755 });
    for (const name of ['al2023', 'fonts']) {
      mkdirSync(join(unfinished, name));
      execFileSync('tar', ['-x', '-C', join(unfinished, name)], { input: read(`${name}.tar.br`) });
    }
    writeFileSync(
      join(unfinished, 'fonts.conf'),
      `<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>${folder}/fonts</dir></fontconfig>`,
    );
    try {
      renameSync(unfinished, folder);
    } catch (error) {
      // Another process was faster.
      rmSync(unfinished, { recursive: true });
      if (!existsSync(folder)) throw error;
    }
  }
  return {
    executablePath: join(folder, 'chromium'),
    libraryPath: join(folder, 'al2023', 'lib'),
    fontsFile: join(folder, 'fonts.conf'),
  };
}
