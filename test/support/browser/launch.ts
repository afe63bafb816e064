import { chromium } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { unpackChromium } from './chromium.ts';

/** Nothing that talks to the maker's servers, and a picture that is the same on every machine. */
const FLAGS = [
  '--no-sandbox',
  '--no-zygote',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  '--no-pings',
  '--hide-scrollbars',
  '--font-render-hinting=none',
  '--disable-lcd-text',
  // Sound without a device, and without anyone having clicked first.
  '--autoplay-policy=no-user-gesture-required',
  // A microphone that beeps, and is allowed at once.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
];

/** A headless browser that came as an npm package: no download, no system package. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, libraryPath, fontsFile } = unpackChromium();
  return chromium.launch({
    executablePath,
    args: FLAGS,
    env: { ...process.env, LD_LIBRARY_PATH: libraryPath, FONTCONFIG_FILE: fontsFile },
  });
}
