import type { RejectionReason } from '../../../src/core/capture-field.ts';
import type { FieldVerdict } from '../../../src/core/field-verdict.ts';

const BLANK: FieldVerdict = {
  length: 0,
  masked: '',
  status: 'partial',
  brand: null,
  reason: null,
  refutesSecurityCode: false,
};

export function partial(length: number): FieldVerdict {
  return { ...BLANK, length, masked: '*'.repeat(length) };
}

export function mayBeComplete(length: number): FieldVerdict {
  return { ...partial(length), status: 'may-be-complete' };
}

export function complete(length: number, change: Partial<FieldVerdict> = {}): FieldVerdict {
  return { ...partial(length), status: 'complete', ...change };
}

export function rejected(length: number, reason: RejectionReason): FieldVerdict {
  return { ...partial(length), status: 'rejected', reason };
}

export function full(length: number): FieldVerdict {
  return { ...partial(length), status: 'full' };
}
