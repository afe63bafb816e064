import { parseArgs } from 'node:util';
import { GuidedPaymentPlay } from './guided-payment.ts';
import { checkPlayedPayment } from './played-payment-check.ts';
import { startDemoServer } from './demo-server.ts';
import type { DemoServer } from './demo-server.ts';
import { Transcript } from './transcript.ts';

const USAGE = `usage: npm run demo [-- --once] [-- --port N]

Starts the whole product with embedded defaults in a temporary folder.
  --once    plays one guided payment with real audio, checks it, and exits with 0 or 1
  --port N  listens on this port (default: any free one)`;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One payment without a person; true if everything was as promised. */
async function playOnce(server: DemoServer): Promise<boolean> {
  print('One guided payment, in real time, over the media protocol of Vonage Voice.\n');
  const played = await new GuidedPaymentPlay(server, new Transcript(print)).play();
  print('\nWhat is left of it:');
  const checks = checkPlayedPayment(played, server);
  for (const check of checks) print(`${check.holds ? 'ok  ' : 'FAIL'}  ${check.text}`);
  return checks.every((check) => check.holds);
}

function printLinks(server: DemoServer): void {
  print('tonewall is running with a simulated call platform and payment provider.\n');
  print(`  agent's workspace  ${server.url}/workspace#demo   (open it first, in a window of its own)`);
  print(`  caller's phone     ${server.url}/phone   (call from here, beside it)`);
  print(`  API                ${server.url}/docs`);
  print(`  API key            ${server.apiKey}`);
  print(`  metrics            ${server.url}/metrics`);
  print('\nCtrl+C ends it.');
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { once: { type: 'boolean' }, port: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    print(USAGE);
    return 0;
  }
  const server = await startDemoServer(values.port ?? '0');
  if (values.once === true) {
    const isGood = await playOnce(server);
    await server.stop();
    return isGood ? 0 : 1;
  }
  printLinks(server);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await server.stop();
  return 0;
}

try {
  process.exit(await main());
} catch (error) {
  process.stderr.write(`The demo failed: ${error instanceof Error ? error.message : 'unknown error'}\n`);
  process.exit(1);
}
