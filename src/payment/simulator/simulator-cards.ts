import { passesLuhn } from '../../vault/checksums.ts';

/** What the simulator does with a card. */
export type SimulatorBehaviour =
  | { readonly kind: 'approve' }
  | { readonly kind: 'decline'; readonly code: string }
  /** Refuses before it does anything: proof that nothing was charged. */
  | { readonly kind: 'refuse' }
  /** Answers with status 500 and no decision. */
  | { readonly kind: 'error' }
  /** Charges, and answers only when it is asked again much later. */
  | { readonly kind: 'silent' }
  /** Charges and answers after the client has given up once. */
  | { readonly kind: 'late'; readonly afterMs: number }
  /** Charges and resets the connection; a repeat under the same key gets the answer. */
  | { readonly kind: 'reset' };

export interface SimulatorCard {
  /** In groups: this way the process holds no card number that a memory search could take for a caller's. */
  readonly number: string;
  readonly behaviour: SimulatorBehaviour;
  /** What a person sees, for the README. */
  readonly description: string;
}

/**
 * Test numbers with a behaviour of their own. They pass the Luhn check and belong to nobody; the first five are
 * Stripe's published test numbers. Every other number that passes the Luhn check is approved.
 */
export const SIMULATOR_CARDS: readonly SimulatorCard[] = [
  decline('4000 0000 0000 0002', 'card_declined'),
  decline('4000 0000 0000 9995', 'insufficient_funds'),
  decline('4000 0000 0000 0069', 'expired_card'),
  decline('4000 0000 0000 0127', 'incorrect_cvc'),
  {
    number: '4000 0000 0000 0119',
    behaviour: { kind: 'error' },
    description: 'The provider fails without a decision: unknown, until a person settles it.',
  },
  {
    number: '4000 0000 0000 0036',
    behaviour: { kind: 'refuse' },
    description: 'The provider refuses before it does anything: failed.',
  },
  {
    number: '4000 0000 0000 0408',
    behaviour: { kind: 'silent' },
    description: 'Charged, but no answer comes for 20 s: unknown at first, then settled as approved.',
  },
  {
    number: '4000 0000 0000 0010',
    behaviour: { kind: 'late', afterMs: 7000 },
    description: 'Approved after seven seconds, charged once although the request is repeated.',
  },
  {
    number: '4000 0000 0000 0093',
    behaviour: { kind: 'reset' },
    description: 'Charged, then the connection is reset; the repeat gets the answer: approved, charged once.',
  },
];

/** The behaviour for the digits, which are ASCII; a number that fails the Luhn check is declined. */
export function behaviourOf(digits: Uint8Array): SimulatorBehaviour {
  for (const { number, behaviour } of SIMULATOR_CARDS) if (isNumber(digits, number)) return behaviour;
  return digits.length > 0 && passesLuhn(digits)
    ? { kind: 'approve' }
    : { kind: 'decline', code: 'invalid_number' };
}

function decline(number: string, code: string): SimulatorCard {
  return { number, behaviour: { kind: 'decline', code }, description: `Declined with ${code}.` };
}

function isNumber(digits: Uint8Array, grouped: string): boolean {
  let position = 0;
  for (let index = 0; index < grouped.length; index += 1) {
    const code = grouped.charCodeAt(index);
    if (code === 0x20) continue;
    if (digits[position] !== code) return false;
    position += 1;
  }
  return position === digits.length;
}
