import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import type { CaptureField } from '../../src/core/capture-field.ts';
import { createProvider } from '../../src/payment/provider-registry.ts';
import type { ProviderSettings } from '../../src/core/payment-profile.ts';
import { CardVault } from '../../src/vault/card-vault.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';
import { executePayment } from '../support/execute-payment.ts';
import { cardNumber } from './card-memory-numbers.ts';

/** Charges cards as the product does, and then waits, so that its parent can search its memory. */
export interface ChildOrder {
  readonly seed: number;
  /** Charges with each provider. */
  readonly charges: number;
  /** The index of a number that stays in memory, to see whether the search finds what is there. */
  readonly plantedIndex: number;
  readonly providers: readonly ProviderSettings[];
  readonly certificate: string;
}

const order = JSON.parse(process.argv[2] ?? '') as ChildOrder;
/** A few years ahead: a date that cannot be right is not kept. */
const EXPIRY = Buffer.from(`12${(new Date().getUTCFullYear() + 3) % 100}`, 'latin1');
const planted = cardNumber(order.seed, order.plantedIndex);
const outcomes: string[] = [];

await nextLine('planted');
let index = 0;
for (const settings of order.providers) {
  const provider = createProvider(settings, {
    clock: systemClock,
    random: systemRandom,
    meter: new RecordingMeter(),
    logger: new RecordingLogger(),
    trustedCertificates: order.certificate,
  });
  for (let charge = 0; charge < order.charges; charge += 1, index += 1) {
    const vault = new CardVault({
      brands: ['mastercard'],
      minPostalCodeLength: 3,
      wallMs: () => systemClock.wallMs(),
    });
    const digits = cardNumber(order.seed, index);
    keyIn(vault, 'payment-card-number', digits);
    keyIn(vault, 'expiration-date', EXPIRY);
    keyIn(vault, 'security-code', digits.subarray(3, 6));
    digits.fill(0);
    const request = { operation: 'charge', idempotencyKey: `att_${'abcdefgh'[charge % 8]}${index}` } as const;
    const { outcome } = await executePayment(
      provider,
      { ...request, amountMinor: 4250, currency: 'GBP', reference: 'order', description: null },
      vault,
    );
    vault.wipe();
    outcomes.push(outcome);
  }
  await provider.close();
}
await nextLine(JSON.stringify(outcomes));
// Used after the search, so that the buffer lives through it.
planted.fill(0);

function keyIn(vault: CardVault, field: CaptureField, digits: Uint8Array): void {
  for (const digit of digits) vault.append(field, digit);
}

/** Writes a line and waits until the parent sends one. */
function nextLine(line: string): Promise<void> {
  process.stdout.write(`${line}\n`);
  return new Promise((resolve) => {
    process.stdin.once('data', () => {
      process.stdin.pause();
      resolve();
    });
    process.stdin.resume();
  });
}
