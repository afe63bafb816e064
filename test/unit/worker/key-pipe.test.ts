import { describe, expect, it } from 'vitest';
import { KeyReader } from '../../../src/worker/key-pipe.ts';

const HEARD_FIVE = [7, 0, 0, 0, 0, 0x35, 0, 0];
const TOLD_HASH = [1, 0, 0, 0x80, 2, 0x23, 0, 0];

function setUp() {
  const keys: string[] = [];
  const reader = new KeyReader((bridge, kind, code) =>
    keys.push(`${bridge} ${kind} ${String.fromCharCode(code)}`),
  );
  return { keys, reader };
}

describe('the reader of the key pipe', () => {
  it('tells which bridge, what happened and to which key', () => {
    const { keys, reader } = setUp();
    reader.read(Buffer.from([...HEARD_FIVE, ...TOLD_HASH]));
    expect(keys).toEqual(['7 heard 5', '2147483649 told #']);
  });

  it('puts records together that come in pieces', () => {
    const { keys, reader } = setUp();
    for (const byte of [...HEARD_FIVE, ...TOLD_HASH]) reader.read(Buffer.of(byte));
    expect(keys).toEqual(['7 heard 5', '2147483649 told #']);
  });

  it('zeroes what it was given', () => {
    const { reader } = setUp();
    const chunk = Buffer.from([...HEARD_FIVE, 7, 0, 0]);
    reader.read(chunk);
    expect(chunk).toEqual(Buffer.alloc(11));
  });

  it('ignores a kind that it does not know', () => {
    const { keys, reader } = setUp();
    reader.read(Buffer.from([7, 0, 0, 0, 9, 0x35, 0, 0]));
    expect(keys).toEqual([]);
  });
});
