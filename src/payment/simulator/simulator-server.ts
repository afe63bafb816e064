import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Type } from 'typebox';
import type { Static, TSchema } from 'typebox';
import { Check } from 'typebox/schema';
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
  token: Type.String(),
  amount: Type.Integer({ minimum: 1 }),
  currency: Type.String(),
});

const TokenOrder = Type.Object({ operation: Type.Union([Type.Literal('charge'), Type.Literal('tokenize')]) });

interface Answer {
  readonly status: number;
  readonly answer: object;
  /** Monotonic; now if not given. */
  readonly readyAtMs?: number;
}

/** What a key got and gets again. */
interface Decision extends Answer {
  readonly decidedAtMs: number;
  readonly isSilent: boolean;
}

type Reply = Answer | 'silence' | 'reset';

const REFUSED: Answer = { status: 422, answer: { status: 'refused' } };

interface Card {
  readonly behaviour: SimulatorBehaviour;
  readonly brand: CardBrand | null;
  readonly last4: string | null;
}

/** Where a charge that nobody answered is answered in the end: after it was asked again this long later. */
const SILENT_MS = 20_000;
/** Before the number's digits, in the form in which `jsonBody` writes it. */
const NUMBER_MEMBER = '"number":"';
const BODY_BYTES_MAX = 4096;
/** The ledger forgets its oldest entry beyond this many, so that a load test does not fill memory. */
const ENTRIES_MAX = 10_000;

/**
 * A payment provider that lives in this process and speaks HTTP on the loopback interface: `POST /tokens`,
 * `POST /charges` and `GET /charges/KEY`. How a charge ends is decided by the bytes of the card number; a repeated
 * `Idempotency-Key` gets its first answer; what it received is wiped.
 */
export class SimulatorServer {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #server: Server;
  readonly #tokens = new Map<string, Card>();
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
        resolve(`http://127.0.0.1:${this.#port}`);
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
      const received = body.subarray(0, size);
      const reply = size <= BODY_BYTES_MAX ? this.#reply(request, received) : REFUSED;
      body.fill(0);
      this.#readSomethingElse(() => this.#answer(reply, request.socket, response));
    });
    request.on('close', () => body.fill(0));
  }

  #reply({ method, url, headers }: IncomingMessage, body: Uint8Array): Reply {
    const key = headers['idempotency-key'];
    if (method === 'POST' && url === '/tokens') return this.#tokenise(body);
    if (method === 'POST' && url === '/charges' && typeof key === 'string') return this.#charge(key, body);
    const asked = method === 'GET' ? /^\/charges\/([\w-]{1,64})$/.exec(url ?? '')?.[1] : undefined;
    if (asked === undefined) return REFUSED;
    const known = this.#decisions.get(asked);
    return known === undefined ? { status: 404, answer: { status: 'not_found' } } : this.#known(known);
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

  #answer(reply: Reply, socket: Socket, response: ServerResponse): void {
    if (reply === 'silence') return;
    if (reply === 'reset') {
      socket.resetAndDestroy();
      return;
    }
    const waitMs = (reply.readyAtMs ?? 0) - this.#clock.monotonicMs();
    if (waitMs <= 0) send(response, reply.status, reply.answer);
    else this.#clock.after(waitMs, () => send(response, reply.status, reply.answer));
  }

  /** A token for the card, which remembers how the card behaves, and its last four digits. */
  #tokenise(body: Uint8Array): Reply {
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    const split = text.indexOf(DIGITS_FOLLOW);
    if (split === -1) return REFUSED;
    // The head ends in a comma; an empty member closes the object.
    const order = parse(TokenOrder, `${text.toString('utf8', 0, split)}"":0}`);
    if (order === null) return REFUSED;
    const card = readCard(text.subarray(split));
    const token = makeId(this.#random, 'tok');
    keep(this.#tokens, token, card);
    if (order.operation === 'tokenize') {
      this.#note({
        id: token,
        idempotencyKey: '',
        operation: 'tokenize',
        amountMinor: 0,
        currency: '',
        outcome: 'approved',
      });
    }
    const { brand, last4 } = card;
    return { status: 200, answer: { token, brand, last4 } };
  }

  /** The answer under this key: the first one if there was one. */
  #charge(key: string, body: Uint8Array): Reply {
    const known = this.#decisions.get(key);
    if (known !== undefined) return this.#known(known);
    const order = parse(Order, Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
    const card = order === null ? undefined : this.#tokens.get(order.token);
    if (order === null || card === undefined) return REFUSED;
    const decision = this.#decide(key, order, card);
    keep(this.#decisions, key, decision);
    const { kind } = card.behaviour;
    if (kind === 'silent') return 'silence';
    return kind === 'reset' ? 'reset' : decision;
  }

  /** What a repeat, or a look-up, gets. */
  #known(decision: Decision): Reply {
    const isSilent = decision.isSilent && this.#clock.monotonicMs() < decision.decidedAtMs + SILENT_MS;
    return isSilent ? 'silence' : decision;
  }

  #decide(key: string, { amount, currency }: Static<typeof Order>, card: Card): Decision {
    const { behaviour, brand, last4 } = card;
    const decidedAtMs = this.#clock.monotonicMs();
    const readyAtMs = decidedAtMs + (behaviour.kind === 'late' ? behaviour.afterMs : 0);
    const common = { decidedAtMs, readyAtMs, isSilent: behaviour.kind === 'silent' };
    if (behaviour.kind === 'error') return { ...common, status: 500, answer: {} };
    if (behaviour.kind === 'refuse') return { ...common, ...REFUSED };
    const id = makeId(this.#random, 'sim');
    const isDeclined = behaviour.kind === 'decline';
    const outcome = isDeclined ? 'declined' : 'approved';
    this.#note({ id, idempotencyKey: key, operation: 'charge', amountMinor: amount, currency, outcome });
    const answer = { id, amount, currency, brand, last4, status: outcome };
    return isDeclined
      ? { ...common, status: 402, answer: { ...answer, decline_code: behaviour.code } }
      : { ...common, status: 200, answer };
  }

  #note(entry: SimulatorLedgerEntry): void {
    this.#ledger.push(entry);
    if (this.#ledger.length > ENTRIES_MAX) this.#ledger.shift();
  }
}

/** Forgets the oldest when there are too many. */
function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size > ENTRIES_MAX) map.delete(map.keys().next().value ?? '');
}

function send(response: ServerResponse, status: number, answer: object): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(answer));
}

function parse<T extends TSchema>(schema: T, text: string): Static<T> | null {
  try {
    const order: unknown = JSON.parse(text);
    return Check(schema, order) ? order : null;
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
