import { isTelephoneKey } from '../core/digit.ts';
import { isSampleRate } from '../core/sample-rate.ts';
import type { IgnoredTextReason, LegMessage } from '../media/leg-message.ts';

/** The socket refuses longer messages itself; this bound holds wherever the text comes from. */
const LENGTH_MAX = 4096;

const EVENT_KEY = Buffer.from('"event"');
const DIGIT_KEY = Buffer.from('"digit"');
const KEY_EVENT = Buffer.from('"websocket:dtmf"');

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;

/** Made once per key and reason: a message that is shared leaves no trace of the order of the keys. */
const KEYS: ReadonlyMap<number, LegMessage> = new Map(
  Array.from(Buffer.from('0123456789*#'), (code) => [code, { kind: 'key', code }]),
);
const ANSWER: LegMessage = { kind: 'answer' };

/**
 * Reads one text message of Vonage's voice WebSocket and zeroes its bytes. It never throws.
 *
 * A key press is read from the bytes themselves: a JSON parser would leave the digits of a whole card number on
 * the heap, in their order. So whatever has a `digit` in it is kept from the JSON parser.
 */
export function parseSocketMessage(text: Buffer): LegMessage {
  try {
    return parse(text);
  } finally {
    text.fill(0);
  }
}

function parse(text: Buffer): LegMessage {
  if (text.length > LENGTH_MAX) return ignored('too-long');
  if (text[skipSpace(text, 0)] !== OPEN_BRACE) return ignored('not-json');
  const event = valueAfter(text, EVENT_KEY);
  if (event >= 0 && startsWith(text, event, KEY_EVENT)) return parseKey(text);
  if (text.includes(DIGIT_KEY)) return ignored('bad-event');
  return parseOther(text);
}

/** Accepts `"digit":"5"`, also inside a `dtmf` object; the duration is not trusted and not read. */
function parseKey(text: Buffer): LegMessage {
  const digit = valueAfter(text, DIGIT_KEY);
  const code = text[digit + 1] ?? 0;
  const isOneKey = digit >= 0 && text[digit] === QUOTE && text[digit + 2] === QUOTE && isTelephoneKey(code);
  const isTwice = text.indexOf(DIGIT_KEY) !== text.lastIndexOf(DIGIT_KEY);
  return (isOneKey && !isTwice ? KEYS.get(code) : undefined) ?? ignored('bad-event');
}

function parseOther(text: Buffer): LegMessage {
  const message = parseJson(text);
  if (message === null) return ignored('not-json');
  const { event } = message;
  switch (event) {
    case 'websocket:connected':
      return { kind: 'connected', sampleRate: parseContentType(message['content-type']) };
    case 'websocket:cleared':
    case 'websocket:notify':
      return ANSWER;
    case 'websocket:dtmf':
      return ignored('bad-event');
    default:
      return ignored(typeof event === 'string' ? 'unknown-event' : 'bad-event');
  }
}

/** The parser's own error would quote the text. */
function parseJson(text: Buffer): { readonly event?: unknown; readonly 'content-type'?: unknown } | null {
  try {
    return JSON.parse(text.toString('utf8')) as object;
  } catch {
    return null;
  }
}

function parseContentType(value: unknown): LegSampleRate {
  const match = typeof value === 'string' ? /^audio\/l16; ?rate=(\d{4,5})$/i.exec(value) : null;
  const rate = Number(match?.[1]);
  return isSampleRate(rate) ? rate : null;
}

type LegSampleRate = Extract<LegMessage, { kind: 'connected' }>['sampleRate'];

/** Where the value of a member begins, by the first place where its key is followed by a colon; -1 if none. */
function valueAfter(text: Buffer, key: Buffer): number {
  for (let at = text.indexOf(key); at >= 0; at = text.indexOf(key, at + 1)) {
    const colon = skipSpace(text, at + key.length);
    if (text[colon] === COLON) return skipSpace(text, colon + 1);
  }
  return -1;
}

function startsWith(text: Buffer, at: number, value: Buffer): boolean {
  const end = Math.min(at + value.length, text.length);
  return text.compare(value, 0, value.length, at, end) === 0;
}

/** Space, tab, line feed and carriage return, as JSON has them. */
function skipSpace(text: Buffer, from: number): number {
  let at = from;
  while (text[at] === 0x20 || text[at] === 0x09 || text[at] === 0x0a || text[at] === 0x0d) at += 1;
  return at;
}

function ignored(reason: IgnoredTextReason): LegMessage {
  return { kind: 'ignored', reason };
}
