import { CAPTURE_FIELDS } from '../../src/core/capture-field.ts';
import type { CaptureField } from '../../src/core/capture-field.ts';
import type { PaymentCard } from '../../src/payment/payment-flow.ts';

/** A card whose digits a test knows. It keeps every buffer that digits were written into, to look at them later. */
export class TestCard implements PaymentCard {
  readonly buffers = new Set<ArrayBufferLike>();
  isWiped = false;
  readonly #digits: ReadonlyMap<CaptureField, string>;

  constructor(digits: Partial<Record<CaptureField, string>>) {
    this.#digits = new Map(CAPTURE_FIELDS.map((field) => [field, digits[field] ?? '']));
  }

  length(field: CaptureField): number {
    return this.#of(field).length;
  }

  writeInto(target: Uint8Array, offset: number, field: CaptureField, start = 0, count?: number): number {
    if (this.isWiped) throw new Error('written after it was wiped');
    this.buffers.add(target.buffer);
    const digits = this.#of(field).slice(start, count === undefined ? undefined : start + count);
    target.set(Buffer.from(digits, 'latin1'), offset);
    return offset + digits.length;
  }

  wipe(): void {
    this.isWiped = true;
  }

  last4(): string | null {
    return this.#of('payment-card-number').slice(-4) || null;
  }

  brand(): 'visa' {
    return 'visa';
  }

  /** Whether every buffer that ever held digits of this card is zero again. */
  get isZeroEverywhere(): boolean {
    return [...this.buffers].every((buffer) => new Uint8Array(buffer).every((byte) => byte === 0));
  }

  #of(field: CaptureField): string {
    return this.#digits.get(field) ?? '';
  }
}
