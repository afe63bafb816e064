import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import { makeId } from '../../src/core/random.ts';
import { openJournal } from '../../src/journal/open-journal.ts';
import { runPayment } from '../../src/payment/payment-flow.ts';
import { createProvider } from '../../src/payment/provider-registry.ts';
import { paymentRecord } from '../support/payment-record.ts';
import { RecordingLogger } from '../support/recording-logger.ts';
import { RecordingMeter } from '../support/recording-meter.ts';
import { TestCard } from '../support/test-card.ts';

/** Runs payments, three at a time, until it is killed. Says `<payment id> <outcome>` for each one that ended. */
const [path = '', url = ''] = process.argv.slice(2);
const shared = {
  clock: systemClock,
  random: systemRandom,
  meter: new RecordingMeter(),
  logger: new RecordingLogger(),
};
const journal = await openJournal(path, shared);
const provider = createProvider(
  {
    kind: 'generic-pay-connector',
    url,
    username: 'u',
    password: 'p',
    dialect: 'twilio',
    idempotent: false,
  },
  shared,
);

async function payForEver(): Promise<never> {
  for (;;) {
    const payment = paymentRecord({ id: makeId(systemRandom, 'pay') });
    await journal.createPayment(payment);
    const card = new TestCard({ 'payment-card-number': '4539578763621486' });
    const { outcome } = await runPayment({ ...shared, journal, provider }, payment, card, 'agent');
    process.stdout.write(`${payment.id} ${outcome}\n`);
  }
}

await Promise.all([payForEver(), payForEver(), payForEver()]);
