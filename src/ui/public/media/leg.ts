import type { LegCommand, LegReport } from './media-format.ts';

/** The part of Trusted Types that is used here; not every browser has it. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { readonly createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): unknown };
}
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };

/** Only scripts of this server may become workers. */
const scripts = trustedTypes?.createPolicy('tonewall', {
  createScriptURL: (url) => {
    const { origin, href } = new URL(url, import.meta.url);
    if (origin !== new URL(import.meta.url).origin) throw new TypeError('not a script of this server');
    return href;
  },
});

/** One leg of a call, held by a worker. */
export class Leg {
  readonly #worker: Worker;

  constructor(onReport: (report: LegReport) => void) {
    const url = new URL('./leg-worker.js', import.meta.url).href;
    this.#worker = new Worker((scripts?.createScriptURL(url) ?? url) as string, { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<LegReport>) => onReport(data));
  }

  send(command: LegCommand): void {
    this.#worker.postMessage(command);
  }
}
