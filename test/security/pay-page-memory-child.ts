import { openLink, LINK_PROFILE } from '../support/pay-page-client.ts';
import { RunningApp } from '../support/running-app.ts';
import { cardNumber } from './card-memory-numbers.ts';

/** What the parent asks of the child. */
export interface PayPageOrder {
  readonly seed: number;
  readonly links: number;
  /** The number that the child keeps. */
  readonly plantedIndex: number;
}

/** The whole product; nobody else talks to it but the parent, who has the cards. It ends with its input. */
async function main({ seed, links, plantedIndex }: PayPageOrder): Promise<void> {
  const planted = cardNumber(seed, plantedIndex);
  const app = await RunningApp.start({}, { brands: ['visa', 'mastercard'] }, [
    { ...LINK_PROFILE, brands: ['visa', 'mastercard'], provider: { kind: 'simulator' } },
  ]);
  const urls: string[] = [];
  for (let index = 0; index < links; index += 1) urls.push((await openLink(app)).url);
  process.stdout.write(`${JSON.stringify(urls)}\n`);
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once('end', resolve));
  await app.stop();
  process.stdout.write(`${planted.length}\n`);
}

if (import.meta.main) await main(JSON.parse(process.argv[2] ?? '{}') as PayPageOrder);
