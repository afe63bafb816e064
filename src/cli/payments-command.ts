import { holdsCardNumber } from '../core/digit-filter.ts';
import { formatAmount } from '../core/money.ts';
import { listPayments, settleByHand } from '../journal/operator-work.ts';
import type { ListedPayment } from '../journal/operator-work.ts';
import { paymentById } from '../journal/payment-reads.ts';
import { numberWithin, oneOf, parseArguments } from './arguments.ts';
import { BadInput, EXIT_OK } from './command.ts';
import type { Command } from './command.ts';
import { DATABASE_HELP, withJournal } from './database-option.ts';

const LIST_HELP = `usage: tonewall payments list [options]

Lists payments, the newest first.

  --unknown        only those whose outcome is unknown, the oldest first
  --limit N        at most so many; 50 by default
  --json           as JSON
${DATABASE_HELP}`;

const LIST_OPTIONS = {
  unknown: { type: 'boolean', default: false },
  limit: { type: 'string', default: '50' },
  json: { type: 'boolean', default: false },
  database: { type: 'string' },
} as const;

export const paymentsListCommand: Command = {
  summary: 'list payments, or those whose outcome is unknown',
  help: LIST_HELP,
  run: list,
};

async function list(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, LIST_OPTIONS);
  if (positionals.length > 0) throw new BadInput('payments list: expected options only');
  const limit = Math.floor(numberWithin('limit', values.limit, 1, 10_000));
  const work = listPayments(values.unknown, limit);
  const payments = await withJournal(values.database, (store) => store.read(work));
  if (values.json) console.log(JSON.stringify({ payments: payments.map(shown) }, null, 2));
  else console.log(payments.length === 0 ? 'none' : payments.map(lineOf).join('\n'));
  return EXIT_OK;
}

/** Picked one by one: what an operator may see. */
function shown(payment: ListedPayment) {
  const { id, state, createdAt, updatedAt, provider, currency, reference, outcome } = payment;
  return {
    id,
    state,
    createdAt,
    updatedAt,
    provider,
    amount: amountOf(payment),
    currency,
    reference,
    providerReference: outcome?.providerReference ?? null,
    idempotencyKey: payment.idempotencyKey,
    escalatedAt: payment.escalatedAt,
  };
}

function lineOf(payment: ListedPayment): string {
  const { id, state, createdAt, provider, currency, reference, idempotencyKey, escalatedAt } = payment;
  const amount = amountOf(payment);
  return [
    createdAt,
    id,
    state,
    provider,
    amount === null ? 'token' : `${amount} ${currency}`,
    `key ${idempotencyKey ?? 'none'}`,
    ...(reference === null ? [] : [`reference ${reference}`]),
    ...(escalatedAt === null ? [] : [`needs a person since ${escalatedAt}`]),
  ].join('  ');
}

function amountOf({ amountMinor, currency }: ListedPayment): string | null {
  return amountMinor === null ? null : formatAmount(amountMinor, currency);
}

const SETTLE_HELP = `usage: tonewall payments settle PAYMENT --as OUTCOME --by NAME --evidence TEXT [options]

Settles a payment whose outcome is unknown, when a person has seen at the provider what became of it (look for the key
that "payments list --unknown" shows). It is written into the audit log; a running server tells the agent and the
integrator.

  --as OUTCOME       approved, declined or failed; failed means: seen that nothing was charged
  --by NAME          who says so
  --evidence TEXT    what was seen, and where
  --reference ID     the provider's id of the charge; needed with approved
${DATABASE_HELP.replace('PATH  ', 'PATH    ')}`;

const SETTLE_OPTIONS = {
  as: { type: 'string' },
  by: { type: 'string' },
  evidence: { type: 'string' },
  reference: { type: 'string' },
  database: { type: 'string' },
} as const;

const OUTCOMES = ['approved', 'declined', 'failed'] as const;

export const paymentsSettleCommand: Command = {
  summary: 'settle a payment whose outcome is unknown, on evidence',
  help: SETTLE_HELP,
  run: settle,
};

async function settle(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, SETTLE_OPTIONS);
  const [id, ...more] = positionals;
  if (id === undefined || more.length > 0) throw new BadInput('payments settle: expected one PAYMENT');
  const state = oneOf('as', values.as ?? '', OUTCOMES);
  const by = text('by', values.by, 64);
  const evidence = text('evidence', values.evidence, 500);
  const reference = values.reference === undefined ? null : text('reference', values.reference, 128);
  if (state === 'approved' && reference === null) {
    throw new BadInput('--reference: expected the provider’s id of the charge, since it is approved');
  }
  await withJournal(values.database, async (store) => {
    const payment = await store.read(paymentById(id));
    if (payment === null) throw new BadInput(`there is no payment ${id}`);
    if (payment.state !== 'unknown') {
      throw new BadInput(`the outcome of ${id} is not unknown: it is ${payment.state}`);
    }
    const { brand, last4 } = payment.outcome ?? { brand: null, last4: null };
    const message = `Settled by hand as ${state}.`;
    const outcome = {
      outcome: state,
      providerReference: reference,
      brand,
      last4,
      declineCode: null,
      message,
    };
    const at = new Date().toISOString();
    await store.write(settleByHand(id, outcome, `operator:${by}`, evidence, at));
  });
  console.log(`${id} is ${state}`);
  return EXIT_OK;
}

function text(name: string, value: string | undefined, max: number): string {
  if (value === undefined || value.trim() === '' || value.length > max || /\p{C}/u.test(value)) {
    throw new BadInput(`--${name}: expected one line of at most ${max} characters`);
  }
  if (holdsCardNumber(value)) throw new BadInput(`--${name}: must not hold a card number`);
  return value;
}
