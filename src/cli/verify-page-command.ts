import type { LiveAnswer } from '../pay-page/page-check.ts';
import { parseArguments } from './arguments.ts';
import { BadInput, EXIT_FOUND, EXIT_OK } from './command.ts';
import type { Command } from './command.ts';

const HELP = `usage: tonewall verify-page URL

Compares the live pay page with the one that this version ships: headers, the inventory of scripts and styles, and their
hashes (PCI DSS 4.0.1, 6.4.3 and 11.6.1: at least weekly). URL is a pay link, or any address under /pay/, such as
https://pay.example/pay/check. Looking changes nothing.
Exit 0 and "as shipped" if nothing differs; exit 3 with a line for each difference.`;

/** A page and its scripts have some kilobytes. */
const BODY_CHARACTERS_MAX = 1 << 20;
const TIMEOUT_MS = 20_000;

export const verifyPageCommand: Command = {
  summary: 'compare the live pay page with the one that is shipped',
  help: HELP,
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { positionals } = parseArguments(args, {});
  const [url, ...more] = positionals;
  if (url === undefined || more.length > 0) throw new BadInput('verify-page: expected one URL');
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new BadInput('verify-page: expected a URL that begins with https:// or http://');
  }
  // Only here: the page takes types off its scripts, and Node says each time that it does so by an experimental function.
  process.removeAllListeners('warning');
  const { checkPage } = await import('../pay-page/page-check.ts');
  const problems = await checkPage(url, get);
  console.log(problems.length === 0 ? 'as shipped' : problems.join('\n'));
  return problems.length === 0 ? EXIT_OK : EXIT_FOUND;
}

async function get(url: string): Promise<LiveAnswer> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = await response.text();
    return {
      status: response.status,
      headers: new Map(response.headers),
      body: body.slice(0, BODY_CHARACTERS_MAX),
    };
  } catch (error) {
    throw new BadInput(`verify-page: no answer from ${new URL(url).origin}`, { cause: error });
  }
}
