import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { copiesInMemory, mayReadMemory } from '../support/process-memory.ts';
import { cardNumber } from './card-memory-numbers.ts';
import type { PayPageOrder } from './pay-page-memory-child.ts';

/**
 * Goal: no copy of a card that was posted to the pay page is left in the server, whatever became of it. Method: a child
 * runs the whole product; its parent posts cards, each with a number of its own, in every way in which bytes can arrive
 * and a form can be refused; then every resident page of the child is searched. A number that the child was told to keep
 * shows that the search finds what is there.
 */
const PLANTED_INDEX = 1000;
const TIMEOUT_MS = 120_000;

interface Post {
  readonly name: string;
  /** What is written, one after the other, each in a packet of its own. */
  readonly parts: (head: string, digits: string) => readonly string[];
  /** Of the answer. */
  readonly status: number;
  /** The sender ends the connection in the middle of the form. */
  readonly leaves?: boolean;
  readonly isLinkWrong?: boolean;
}

const form = (digits: string): string =>
  `payment-card-number=${digits}&expiration-date=12%2F29&security-code=123`;
const headOf = (body: string): string => `content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
const whole = (head: string, body: string): readonly string[] => [head + headOf(body) + body];

const POSTS: readonly Post[] = [
  { name: 'in one packet', parts: (head, digits) => whole(head, form(digits)), status: 303 },
  {
    name: 'after its header',
    parts: (head, digits) => [head + headOf(form(digits)), form(digits)],
    status: 303,
  },
  {
    name: 'cut in the number',
    parts: (head, digits) => {
      const body = form(digits);
      return [head + headOf(body) + body.slice(0, 28), body.slice(28)];
    },
    status: 303,
  },
  { name: 'chunked', parts: (head, digits) => chunked(head, form(digits)), status: 303 },
  {
    name: 'grouped and encoded',
    parts: (head, digits) => whole(head, form(`${digits.slice(0, 4)}%20${digits.slice(4)}`)),
    status: 303,
  },
  {
    name: 'with a wrong date',
    parts: (head, digits) => whole(head, form(digits).replace('12%2F29', '13%2F29')),
    status: 303,
  },
  { name: 'under another name', parts: (head, digits) => whole(head, `pan=${digits}`), status: 303 },
  {
    name: 'to a wrong link',
    parts: (head, digits) => whole(head, form(digits)),
    status: 404,
    isLinkWrong: true,
  },
  {
    name: 'in a form that is too long',
    parts: (head, digits) => whole(head, `${form(digits)}&x=${'y'.repeat(5000)}`),
    status: 413,
  },
  {
    name: 'and the sender leaves',
    parts: (head, digits) => [head + headOf('z'.repeat(300)) + form(digits)],
    status: 400,
    leaves: true,
  },
  { name: 'last, in one packet', parts: (head, digits) => whole(head, form(digits)), status: 303 },
];

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe('a card posted to the pay page', () => {
  it(
    'is gone from every resident page of the server',
    async ({ skip }) => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const child = await startChild({ seed, links: POSTS.length, plantedIndex: PLANTED_INDEX });
      if (!mayReadMemory(child.pid) && process.env['CI'] !== 'true') {
        skip('this system does not let a process read the memory of its child');
      }
      const answers: number[] = [];
      for (const [index, sent] of POSTS.entries()) {
        const digits = Buffer.from(cardNumber(seed, index)).toString('latin1');
        answers.push(await post(child.urls[index]!, sent, digits));
      }
      expect(answers).toEqual(POSTS.map(({ status }) => status));
      const numbers = new Map(POSTS.map(({ name }, index) => [name, cardNumber(seed, index)]));
      numbers.set('planted', cardNumber(seed, PLANTED_INDEX));
      expect({ seed, copies: copiesInMemory(child.pid, numbers) }).toEqual({
        seed,
        copies: ['planted ascii'],
      });
    },
    TIMEOUT_MS,
  );
});

function chunked(head: string, body: string): readonly string[] {
  const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
  return [
    `${head}transfer-encoding: chunked\r\n\r\n`,
    chunk(body.slice(0, 25)),
    `${chunk(body.slice(25))}0\r\n\r\n`,
  ];
}

async function startChild(order: PayPageOrder) {
  const script = new URL('./pay-page-memory-child.ts', import.meta.url);
  const child = spawn(process.execPath, [script.pathname, JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  cleanUps.push(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const urls = JSON.parse(String((await lines.next()).value)) as string[];
  return { pid: child.pid ?? 0, urls };
}

/** Resolves with the status of the answer, or when the connection was cut. */
function post(address: string, { parts, leaves, isLinkWrong }: Post, digits: string): Promise<number> {
  const url = new URL(address);
  const path = isLinkWrong === true ? `/pay/${'a'.repeat(32)}` : url.pathname;
  const head = [
    `POST ${path} HTTP/1.1`,
    `host: ${url.host}`,
    'connection: close',
    'content-type: application/x-www-form-urlencoded\r\n',
  ].join('\r\n');
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname);
    socket.setNoDelay(true);
    let answer = '';
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)));
    const rest = [...parts(head, digits)];
    const next = (): void => {
      const part = rest.shift();
      if (part !== undefined) socket.write(part, () => setTimeout(next, 30));
      else if (leaves === true) socket.end();
    };
    socket.on('connect', next);
  });
}
