import { assert } from '../core/assert.ts';
import { CAPTURE_FIELDS, entryOf } from '../core/capture-field.ts';
import type { CaptureField, RejectionReason } from '../core/capture-field.ts';
import type { CardBrand } from '../core/card-brand.ts';
import { isNumeral } from '../core/digit.ts';
import type { DigitCode } from '../core/digit.ts';
import type { FieldStatus, FieldVerdict } from '../core/field-verdict.ts';
import { brandRulesOf } from './card-brand-rules.ts';
import type { CardBrandRules } from './card-brand-rules.ts';
import type { CardDetails } from './card-details.ts';
import { allowedLengths, endsHere, FIELD_CAPACITY, faultOf, mayEndHere } from './field-rules.ts';
import type { FieldContext } from './field-rules.ts';

export interface VaultRules {
  /** Brands that the payment profile accepts. */
  readonly brands: readonly CardBrand[];
  /** 1 to 10. */
  readonly minPostalCodeLength: number;
  /** Milliseconds since 1970, for expiry dates. */
  readonly wallMs: () => number;
}

/** Who said that the caller has finished: he himself by `#`, or a timer. */
export type FinishCause = 'key' | 'timeout';

interface Slot {
  readonly start: number;
  readonly capacity: number;
  length: number;
  standing: 'open' | 'complete' | 'rejected';
  reason: RejectionReason | null;
  /** It held digits before: this is not the first try. */
  wasCleared: boolean;
}

/** V8 keeps smaller buffers on its own heap, where garbage collection copies them about. */
const BUFFER_BYTES = 128;

const LAST_SHOWN = 4;
const PLACEHOLDER = '[digits]';
const INSPECT: unique symbol = Symbol.for('nodejs.util.inspect.custom');

/**
 * The only place where digits are kept, one vault per payment, as ASCII in one buffer outside of the
 * JavaScript heap. No digit becomes a string, but for the last four of a complete card number.
 *
 * After `wipe` the vault stays empty: `append` and `writeInto` are assertion failures, since a digit kept or a
 * card sent then would be a bug, and everything else answers as for empty fields.
 */
export class CardVault implements CardDetails {
  readonly #bytes = new Uint8Array(new ArrayBuffer(BUFFER_BYTES));
  readonly #slots: ReadonlyMap<CaptureField, Slot>;
  readonly #rules: VaultRules;
  #isWiped = false;

  constructor(rules: VaultRules) {
    assert(
      rules.minPostalCodeLength >= 1 && rules.minPostalCodeLength <= FIELD_CAPACITY['postal-code'],
      'the least length of a postal code is out of range',
    );
    this.#rules = rules;
    this.#slots = layOutSlots();
  }

  /** Adds one digit, `0` to `9`. A field that is decided already drops it and says `full`. */
  append(field: CaptureField, code: DigitCode): FieldVerdict {
    assert(!this.#isWiped, 'a digit for a vault that was wiped');
    assert(isNumeral(code), 'only numerals go into the vault');
    const slot = this.#slot(field);
    if (slot.standing !== 'open') return { ...this.verdictOf(field), status: 'full' };
    this.#bytes[slot.start + slot.length] = code;
    slot.length += 1;
    const isLongest = slot.length >= Math.max(...this.#allowedLengths(field));
    if (isLongest || (!slot.wasCleared && endsHere(field, this.#digits(field)))) this.#decide(field, 'key');
    return this.verdictOf(field);
  }

  /**
   * Decides the field with the digits it has. An empty one stays `partial`. After a timeout a field of no
   * possible length is rejected for the time and not for its digits, which the caller never finished.
   */
  finish(field: CaptureField, cause: FinishCause): FieldVerdict {
    const slot = this.#slot(field);
    if (slot.standing === 'open' && slot.length > 0) this.#decide(field, cause);
    return this.verdictOf(field);
  }

  /** Zeroes the field's digits and opens it again. */
  clear(field: CaptureField): void {
    const slot = this.#slot(field);
    this.#bytes.fill(0, slot.start, slot.start + slot.capacity);
    slot.wasCleared ||= slot.length > 0;
    slot.length = 0;
    slot.standing = 'open';
    slot.reason = null;
  }

  verdictOf(field: CaptureField): FieldVerdict {
    const slot = this.#slot(field);
    const isCardNumber = field === 'payment-card-number';
    const isCompleteCard = isCardNumber && slot.standing === 'complete';
    const last4 = isCompleteCard ? this.#last4() : '';
    return {
      length: slot.length,
      masked: '*'.repeat(slot.length - last4.length) + last4,
      status: this.#statusOf(field),
      brand: isCardNumber ? this.#brand() : null,
      reason: slot.reason,
      refutesSecurityCode: isCompleteCard && this.#slot('security-code').standing === 'rejected',
    };
  }

  isComplete(field: CaptureField): boolean {
    return this.#slot(field).standing === 'complete';
  }

  /** The last four digits of a complete card number; to be asked before the vault is wiped. */
  last4(): string | null {
    return this.isComplete('payment-card-number') ? this.#last4() : null;
  }

  /** The brand of a complete card number; to be asked before the vault is wiped. */
  brand(): CardBrand | null {
    return this.isComplete('payment-card-number') ? this.#brand() : null;
  }

  length(field: CaptureField): number {
    return this.isComplete(field) ? this.#slot(field).length : 0;
  }

  writeInto(
    target: Uint8Array,
    offset: number,
    field: CaptureField,
    start = 0,
    count = this.length(field) - start,
  ): number {
    assert(!this.#isWiped, 'card details asked of a vault that was wiped');
    assert(start >= 0 && count >= 0 && start + count <= this.length(field), 'more digits asked than held');
    assert(offset >= 0 && offset + count <= target.length, 'no room for the digits');
    target.set(this.#digits(field).subarray(start, start + count), offset);
    return offset + count;
  }

  /** Zeroes every digit, for good. Wiping twice does nothing. */
  wipe(): void {
    this.#isWiped = true;
    for (const field of CAPTURE_FIELDS) this.clear(field);
  }

  toJSON(): string {
    return PLACEHOLDER;
  }

  toString(): string {
    return PLACEHOLDER;
  }

  [INSPECT](): string {
    return PLACEHOLDER;
  }

  #decide(field: CaptureField, cause: FinishCause): void {
    const slot = this.#slot(field);
    const fault = faultOf(field, this.#digits(field), this.#context(field));
    const isUnfinished = cause === 'timeout' && !this.#allowedLengths(field).includes(slot.length);
    slot.reason = isUnfinished ? 'input-timeout' : fault;
    slot.standing = fault === null ? 'complete' : 'rejected';
    if (field === 'payment-card-number' && fault === null) this.#recheckSecurityCode();
  }

  /** A code keyed before the card number, or for another card, is judged again by the brand known now. */
  #recheckSecurityCode(): void {
    if (this.isComplete('security-code')) this.#decide('security-code', 'key');
  }

  #statusOf(field: CaptureField): FieldStatus {
    const { standing, length } = this.#slot(field);
    if (standing !== 'open') return standing;
    const mayEnd = this.#allowedLengths(field).includes(length) && mayEndHere(field, this.#digits(field));
    return mayEnd ? 'may-be-complete' : 'partial';
  }

  #allowedLengths(field: CaptureField): readonly number[] {
    return allowedLengths(field, this.#digits(field), this.#context(field));
  }

  #context(field: CaptureField): FieldContext {
    const first = entryOf(field);
    const card = this.isComplete('payment-card-number') ? this.#brandRules() : null;
    return {
      acceptedBrands: this.#rules.brands,
      minPostalCodeLength: this.#rules.minPostalCodeLength,
      securityCodeLength: card?.securityCodeLength ?? null,
      nowMs: this.#rules.wallMs(),
      firstEntry: first !== null && this.isComplete(first) ? this.#digits(first) : null,
    };
  }

  #brandRules(): CardBrandRules | null {
    return brandRulesOf(this.#digits('payment-card-number'));
  }

  #brand(): CardBrand | null {
    return this.#brandRules()?.brand ?? null;
  }

  #last4(): string {
    return String.fromCharCode(...this.#digits('payment-card-number').subarray(-LAST_SHOWN));
  }

  /** A view, not a copy. */
  #digits(field: CaptureField): Uint8Array {
    const { start, length } = this.#slot(field);
    return this.#bytes.subarray(start, start + length);
  }

  #slot(field: CaptureField): Slot {
    const slot = this.#slots.get(field);
    assert(slot !== undefined, 'every field has a slot');
    return slot;
  }
}

function layOutSlots(): ReadonlyMap<CaptureField, Slot> {
  const slots = new Map<CaptureField, Slot>();
  let start = 0;
  for (const field of CAPTURE_FIELDS) {
    const capacity = FIELD_CAPACITY[field];
    slots.set(field, { start, capacity, length: 0, standing: 'open', reason: null, wasCleared: false });
    start += capacity;
  }
  assert(start <= BUFFER_BYTES, 'the fields fit into the buffer');
  return slots;
}
