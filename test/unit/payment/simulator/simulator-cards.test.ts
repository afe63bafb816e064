import { describe, expect, it } from 'vitest';
import { behaviourOf, SIMULATOR_CARDS } from '../../../../src/payment/simulator/simulator-cards.ts';

const ascii = (digits: string): Uint8Array => Uint8Array.from(Buffer.from(digits, 'latin1'));

describe('SIMULATOR_CARDS', () => {
  it('lists every behaviour under a number of its own that passes the Luhn check', () => {
    const numbers = SIMULATOR_CARDS.map(({ number }) => number.replaceAll(' ', ''));

    expect(numbers).toEqual([
      '4000000000000002',
      '4000000000009995',
      '4000000000000069',
      '4000000000000127',
      '4000000000000119',
      '4000000000000036',
      '4000000000000408',
      '4000000000000010',
      '4000000000000093',
    ]);
    for (const number of numbers) expect(luhnSum(number) % 10).toBe(0);
    expect(SIMULATOR_CARDS.map(({ behaviour }) => behaviour.kind)).toEqual([
      'decline',
      'decline',
      'decline',
      'decline',
      'error',
      'refuse',
      'silent',
      'late',
      'reset',
    ]);
  });
});

describe('behaviourOf', () => {
  it('finds each listed card', () => {
    for (const { number, behaviour } of SIMULATOR_CARDS) {
      expect(behaviourOf(ascii(number.replaceAll(' ', '')))).toBe(behaviour);
    }
  });

  it.each(['4111111111111111', '5555341244441115', '378282246310005', '3056930009020004'])(
    'approves %s, which passes the Luhn check',
    (number) => {
      expect(behaviourOf(ascii(number))).toEqual({ kind: 'approve' });
    },
  );

  it.each(['4111111111111112', '400000000000000', '40000000000000020', ''])(
    'declines "%s", which does not',
    (number) => {
      expect(behaviourOf(ascii(number))).toEqual({ kind: 'decline', code: 'invalid_number' });
    },
  );
});

/** ISO/IEC 7812-1: from the right every second digit counts twice, its digits added. */
function luhnSum(number: string): number {
  return Array.from(number)
    .toReversed()
    .map((digit, index) => (index % 2 === 1 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][Number(digit)]! : Number(digit)))
    .reduce((sum, value) => sum + value, 0);
}
