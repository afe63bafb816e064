import { assert } from '../core/assert.ts';
import type { CaptureField } from '../core/capture-field.ts';
import type { CardDetails } from '../vault/card-details.ts';

/** A place for digits of the card in a body: `count` of them from `start`, after `prefix`, such as the century. */
export class CardDigits {
  readonly field: CaptureField;
  readonly start: number;
  readonly count: number;
  readonly prefix: string;

  constructor(field: CaptureField, start: number, count: number, prefix = '') {
    this.field = field;
    this.start = start;
    this.count = count;
    this.prefix = prefix;
  }
}

/** All digits of a field, or null when it was not captured. */
export function allDigits(card: CardDetails, field: CaptureField): CardDigits | null {
  const count = card.length(field);
  return count === 0 ? null : new CardDigits(field, 0, count);
}

/** A request body before the digits are in it: text that is ready, and places for digits. */
export type BodyPart = Uint8Array | CardDigits;

/** A JSON object. A member that is null is left out. */
export interface JsonTree {
  readonly [name: string]: JsonValue | null;
}

export type JsonValue = string | number | boolean | CardDigits | JsonTree;

export type JsonMember = readonly [name: string, value: JsonValue | null];

/**
 * Below this size an ArrayBuffer may live on the V8 heap, where garbage collection moves it and leaves copies
 * that cannot be wiped (measured: `new Uint8Array(32)` left partial copies after `fill(0)`).
 */
const OFF_HEAP_BYTES = 128;

/** The parts of a JSON object. Digits become strings; they need no escaping, so they are never text. */
export function jsonBody(members: readonly JsonMember[]): BodyPart[] {
  const encoder = new TextEncoder();
  const parts: BodyPart[] = [];
  let text = '';
  for (const piece of objectPieces(members)) {
    if (piece instanceof CardDigits) {
      parts.push(encoder.encode(text + piece.prefix), piece);
      text = '';
    } else {
      text += piece;
    }
  }
  parts.push(encoder.encode(text));
  return parts;
}

function objectPieces(members: readonly JsonMember[]): (string | CardDigits)[] {
  const pieces: (string | CardDigits)[] = [];
  for (const [name, value] of members) {
    if (value === null) continue;
    pieces.push(`${pieces.length === 0 ? '' : ','}${JSON.stringify(name)}:`, ...valuePieces(value));
  }
  return ['{', ...pieces, '}'];
}

function valuePieces(value: JsonValue): (string | CardDigits)[] {
  if (value instanceof CardDigits) return ['"', value, '"'];
  return typeof value === 'object' ? objectPieces(Object.entries(value)) : [JSON.stringify(value)];
}

export type FormMember = readonly [name: string, value: string | CardDigits];

/** The parts of a form (`application/x-www-form-urlencoded`). Digits need no encoding there either. */
export function formBody(members: readonly FormMember[]): BodyPart[] {
  const encoder = new TextEncoder();
  const parts: BodyPart[] = [];
  let text = '';
  for (const [index, [name, value]] of members.entries()) {
    const isDigits = value instanceof CardDigits;
    text += index === 0 ? '' : '&';
    text += new URLSearchParams([[name, isDigits ? value.prefix : value]]).toString();
    if (!isDigits) continue;
    parts.push(encoder.encode(text), value);
    text = '';
  }
  parts.push(encoder.encode(text));
  return parts;
}

/**
 * Writes the parts into one new buffer outside the V8 heap, hands it to `use`, and zeroes it however that ends.
 * It is the only copy of the digits outside the vault.
 */
export async function withCardBody<T>(
  parts: readonly BodyPart[],
  card: CardDetails,
  use: (body: Uint8Array) => Promise<T>,
): Promise<T> {
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  const memory = new ArrayBuffer(Math.max(OFF_HEAP_BYTES, size));
  try {
    const body = new Uint8Array(memory, 0, size);
    let offset = 0;
    for (const part of parts) {
      if (part instanceof CardDigits) {
        offset = card.writeInto(body, offset, part.field, part.start, part.count);
      } else {
        body.set(part, offset);
        offset += part.byteLength;
      }
    }
    assert(offset === size, 'the digits fill their places in the body');
    return await use(body);
  } finally {
    new Uint8Array(memory).fill(0);
  }
}

function sizeOf(part: BodyPart): number {
  return part instanceof CardDigits ? part.count : part.byteLength;
}
