import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSocketMessage } from '../../src/vonage/socket-message.ts';

const KINDS = ['connected', 'key', 'answer', 'ignored'];

/** Pieces of real messages in any order, so that runs come near to what is accepted. */
const piece = fc.constantFrom(
  '{',
  '}',
  '"event"',
  ':',
  ' ',
  ',',
  '"websocket:dtmf"',
  '"websocket:connected"',
  '"digit"',
  '"5"',
  '"55"',
  '"dtmf"',
  '"content-type"',
  '"audio/l16;rate=8000"',
  '\\',
  '"',
  '[',
  'null',
  '1e999',
);

describe('parseSocketMessage, whatever comes', () => {
  it('never throws, answers with one of its kinds and leaves only zeroes', () => {
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.array(piece, { maxLength: 20 }).map((pieces) => Buffer.from(pieces.join(''))),
      fc.json().map((json) => Buffer.from(json)),
    );
    fc.assert(
      fc.property(text, (bytes) => {
        const message = parseSocketMessage(bytes);
        expect(KINDS).toContain(message.kind);
        expect(bytes.every((byte) => byte === 0)).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('tells a key only when exactly one byte of 0-9*# stands for it', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3 }), (digit) => {
        const message = parseSocketMessage(Buffer.from(JSON.stringify({ event: 'websocket:dtmf', digit })));
        expect(message.kind === 'key').toBe(/^[0-9*#]$/.test(digit));
      }),
      { numRuns: 2000 },
    );
  });
});
