import type { CaptureField } from '../../../src/core/capture-field.ts';
import type { FieldVerdict } from '../../../src/core/field-verdict.ts';
import type { CardVault } from '../../../src/vault/card-vault.ts';

/** Keys every digit of `digits` into the field; the verdict after the last one. */
export function keyIn(vault: CardVault, field: CaptureField, digits: string): FieldVerdict {
  return Array.from(ascii(digits), (code) => vault.append(field, code)).at(-1)!;
}

/** Digits as the vault's rules see them. */
export function ascii(digits: string): Uint8Array {
  return Uint8Array.from(digits, (digit) => digit.charCodeAt(0));
}
