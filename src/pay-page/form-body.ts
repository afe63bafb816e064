import type { Readable } from 'node:stream';
import type { CaptureField } from '../core/capture-field.ts';
import { AppError } from '../core/errors.ts';

/** A form with every field has some hundred bytes. */
const BODY_BYTES_MAX = 4096;

/** `field=payment-card-number&length=19`, with room to spare. */
const TEXT_BYTES_MAX = 64;

const AMPERSAND = 0x26;
const EQUALS = 0x3d;
const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/**
 * A posted form (`application/x-www-form-urlencoded`) as bytes in one block outside the JavaScript heap: no part of it
 * becomes a string. Whoever has it wipes it.
 */
export class FormBody {
  readonly #block: Uint8Array;
  readonly #size: number;

  private constructor(block: Uint8Array, size: number) {
    this.#block = block;
    this.#size = size;
  }

  /** Reads all of it, and zeroes each chunk on the way. Rejects with `BODY_TOO_LARGE`, or when the sender goes away. */
  static read(stream: Readable): Promise<FormBody> {
    const block = new Uint8Array(new ArrayBuffer(BODY_BYTES_MAX));
    let size = 0;
    return new Promise((resolve, reject) => {
      const fail = (): void => {
        block.fill(0);
        reject(new AppError(size > BODY_BYTES_MAX ? 'BODY_TOO_LARGE' : 'REQUEST_INVALID'));
      };
      stream.on('data', (chunk: Uint8Array) => {
        if (size + chunk.byteLength <= BODY_BYTES_MAX) block.set(chunk, size);
        size += chunk.byteLength;
        chunk.fill(0);
      });
      stream.on('end', () => {
        stream.off('close', fail);
        if (size > BODY_BYTES_MAX) fail();
        else resolve(new FormBody(block, size));
      });
      stream.on('error', fail);
      stream.on('close', fail);
    });
  }

  /** The fields of the form, decoded in place; of a name that comes twice the last. To be asked once. */
  entries(fields: readonly CaptureField[]): ReadonlyMap<CaptureField, Uint8Array> {
    const entries = new Map<CaptureField, Uint8Array>();
    for (const pair of split(this.#block.subarray(0, this.#size), AMPERSAND)) {
      const at = pair.indexOf(EQUALS);
      const name = at < 0 ? pair : pair.subarray(0, at);
      const field = fields.find((each) => isAscii(name, each));
      if (field !== undefined)
        entries.set(field, decodeInPlace(at < 0 ? pair.subarray(0, 0) : pair.subarray(at + 1)));
    }
    return entries;
  }

  /** As a short text, in which no card can stand; null if it is longer or has more than two digits. */
  text(): string | null {
    const bytes = this.#block.subarray(0, this.#size);
    const digits = bytes.reduce((count, code) => count + (code >= 0x30 && code <= 0x39 ? 1 : 0), 0);
    return bytes.length > TEXT_BYTES_MAX || digits > 2 ? null : String.fromCharCode(...bytes);
  }

  wipe(): void {
    this.#block.fill(0);
  }
}

function* split(bytes: Uint8Array, separator: number): Generator<Uint8Array> {
  for (let from = 0; from <= bytes.length;) {
    const end = bytes.indexOf(separator, from);
    yield bytes.subarray(from, end < 0 ? bytes.length : end);
    if (end < 0) return;
    from = end + 1;
  }
}

function isAscii(bytes: Uint8Array, text: string): boolean {
  return bytes.length === text.length && bytes.every((code, index) => code === text.charCodeAt(index));
}

/** Decodes `%41` and `+`; what is left over behind the shorter text is zeroed. */
function decodeInPlace(bytes: Uint8Array): Uint8Array {
  let length = 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const code = bytes[index] ?? 0;
    const high = hexValue(bytes[index + 1]);
    const low = hexValue(bytes[index + 2]);
    const isEscape = code === PERCENT && high >= 0 && low >= 0;
    bytes[length] = isEscape ? high * 16 + low : code === PLUS ? SPACE : code;
    length += 1;
    if (isEscape) index += 2;
  }
  bytes.fill(0, length);
  return bytes.subarray(0, length);
}

function hexValue(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
