import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Type } from 'typebox';
import type { Static } from 'typebox';
import { Check } from 'typebox/value';
import type { CardBrand } from '../../core/card-brand.ts';
import type { Clock } from '../../core/clock.ts';
import { makeId } from '../../core/random.ts';
import type { Random } from '../../core/random.ts';
import { brandRulesOf } from '../../vault/card-brand-rules.ts';
import { behaviourOf } from './simulator-cards.ts';
import type { SimulatorBehaviour } from './simulator-cards.ts';
import { DIGITS_FOLLOW } from './simulator-request.ts';

/** A charge or token as the simulator remembers it: no card data. */
export interface SimulatorLedgerEntry {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly operation: 'charge' | 'tokenize';
  /** In the currency's minor unit; 0 when tokenising. */
  readonly amountMinor: number;
  readonly currency: string;
  readonly outcome: 'approved' | 'declined';
}

const Order = Type.Object({
  operation: Type.Union([Type.Literal('charge'), Type.Literal('tokenize')]),
  amount: Type.Integer({ minimum: 0 }),
  currency: Type.String(),
});

/** What a key got and gets again. */
interface Decision {
  readonly behaviour: SimulatorBehaviour;
  readonly status: number;
  readonly answer: object;
  readonly readyAtMs: number;
}

interface Card {
  readonly behaviour: SimulatorBehaviour;
  readonly brand: CardBrand | null;
  readonly last4: string | null;
}

/** Before the number's digits, in the form in which `jsonBody` writes it. */
const NUMBER_MEMBER = '"number":"';
const BODY_BYTES_MAX = 4096;
/** The ledger forgets its oldest entry beyond this many, so that a load test does not fill memory. */
const ENTRIES_MAX = 10_000;

/**
 * A payment provider that lives in this process and speaks HTTP on the loopback interface. It decides by the bytes
 * of the card number, answers a repeated `Idempotency-Key` with its first answer, and wipes what it received.
 */
export class SimulatorServer {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #server: Server;
  readonly #decisions = new Map<string, Decision>();
  readonly #ledger: SimulatorLedgerEntry[] = [];
  #port = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#server = createServer((request, response) => this.#receive(request, response));
    this.#server.on('connection', (socket: Socket) => {
      // A listener of its own makes Node hand over each chunk instead of keeping it in a block of its parser.
      socket.on('data', (chunk: Uint8Array) => chunk.fill(0));
    });
  }

  /** Resolves with its URL on a free port. */
  listen(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve(`http://127.0.0.1:${this.#port}/payments`);
      });
    });
  }

  /** Oldest first. */
  get ledger(): readonly SimulatorLedgerEntry[] {
    return this.#ledger;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const body = new Uint8Array(new ArrayBuffer(BODY_BYTES_MAX));
    let size = 0;
    request.on('data', (chunk: Uint8Array) => {
      if (size + chunk.byteLength <= BODY_BYTES_MAX) body.set(chunk, size);
      size += chunk.byteLength;
      chunk.fill(0);
    });
    request.on('end', () => {
      const key = request.headers['idempotency-key'];
      const isFirst = typeof key === 'string' && !this.#decisions.has(key);
      const decision =
        typeof key === 'string' && size <= BODY_BYTES_MAX ? this.#decide(key, body.subarray(0, size)) : null;
      body.fill(0);
      this.#readSomethingElse(() => {
        if (decision === null) send(response, 400, { status: 'refused' });
        else this.#answer(decision, isFirst, request.socket, response);
      });
    });
    request.on('close', () => body.fill(0));
  }

  /**
   * Node keeps the block into which a server's socket was read last, and reads into it again. It would hold the
   * card until the next request, so this is the next one: longer, and refused by the HTTP parser.
   */
  #readSomethingElse(done: () => void): void {
    const socket = connect(this.#port, '127.0.0.1', () => socket.end(' '.repeat(BODY_BYTES_MAX)));
    socket.resume();
    socket.on('error', () => undefined);
    socket.on('close', done);
  }

  #answer(decision: Decision, isFirst: boolean, socket: Socket, response: ServerResponse): void {
    const { behaviour, status, answer, readyAtMs } = decision;
    if (behaviour.kind === 'silent') return;
    if (behaviour.kind === 'reset' && isFirst) {
      socket.resetAndDestroy();
      return;
    }
    const waitMs = readyAtMs - this.#clock.monotonicMs();
    if (waitMs <= 0) send(response, status, answer);
    else this.#clock.after(waitMs, () => send(response, status, answer));
  }

  /** The decision under this key: the first one if there was one. Null if the body is not in the protocol's form. */
  #decide(key: string, body: Uint8Array): Decision | null {
    const known = this.#decisions.get(key);
    if (known !== undefined) return known;
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const split = text.indexOf(DIGITS_FOLLOW);
    if (split === -1) return null;
    const card = readCard(text.subarray(split));
    // The head ends in a comma; an empty member closes the object.
    const order = parseOrder(`${text.toString('utf8', 0, split)}"":0}`);
    if (order === null) return null;
    const decision = this.#makeDecision(key, order, card);
    this.#decisions.set(key, decision);
    if (this.#decisions.size > ENTRIES_MAX) this.#decisions.delete(this.#decisions.keys().next().value ?? '');
    return decision;
  }

  #makeDecision(key: string, order: Static<typeof Order>, { behaviour, brand, last4 }: Card): Decision {
    const readyAtMs = this.#clock.monotonicMs() + (behaviour.kind === 'late' ? behaviour.afterMs : 0);
    if (behaviour.kind === 'error') return { behaviour, status: 500, answer: {}, readyAtMs };
    if (behaviour.kind === 'refuse')
      return { behaviour, status: 422, answer: { status: 'refused' }, readyAtMs };
    const id = makeId(this.#random, 'sim');
    const { operation, amount, currency } = order;
    const isDeclined = behaviour.kind === 'decline';
    this.#ledger.push({
      id,
      idempotencyKey: key,
      operation,
      amountMinor: amount,
      currency,
      outcome: isDeclined ? 'declined' : 'approved',
    });
    if (this.#ledger.length > ENTRIES_MAX) this.#ledger.shift();
    const common = { id, amount, currency, brand, last4 };
    return isDeclined
      ? {
          behaviour,
          status: 402,
          answer: { ...common, status: 'declined', decline_code: behaviour.code },
          readyAtMs,
        }
      : { behaviour, status: 200, answer: { ...common, status: 'approved' }, readyAtMs };
  }
}

function send(response: ServerResponse, status: number, answer: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
}

function parseOrder(text: string): Static<typeof Order> | null {
  try {
    const order: unknown = JSON.parse(text);
    return Check(Order, order) ? order : null;
  } catch {
    return null;
  }
}

/** Reads the number without turning it into a string; only its last four digits become one. */
function readCard(text: Buffer): Card {
  const at = text.indexOf(NUMBER_MEMBER);
  const start = at + NUMBER_MEMBER.length;
  const digits = at === -1 ? text.subarray(0, 0) : text.subarray(start, text.indexOf('"', start));
  const isCard = text.includes('"instrument":"card"');
  return {
    behaviour: isCard ? behaviourOf(digits) : { kind: 'approve' },
    brand: isCard ? (brandRulesOf(digits)?.brand ?? null) : null,
    last4: digits.length < 4 ? null : digits.toString('latin1', digits.length - 4),
  };
}
