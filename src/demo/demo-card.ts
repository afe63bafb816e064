import type { CaptureField } from '../core/capture-field.ts';

/** The simulator's approving test card: a published number that belongs to nobody. */
export const DEMO_KEYS: readonly {
  readonly field: CaptureField;
  readonly keys: string;
  readonly name: string;
}[] = [
  { field: 'payment-card-number', keys: '5555555555554444', name: 'card number' },
  { field: 'expiration-date', keys: '1229', name: 'expiry date' },
  { field: 'security-code', keys: '123', name: 'security code' },
];
