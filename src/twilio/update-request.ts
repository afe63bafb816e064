import { CAPTURE_FIELDS } from '../core/capture-field.ts';
import type { CaptureField } from '../core/capture-field.ts';
import { Parameters } from './parameters.ts';
import { TwilioError } from './twilio-error.ts';

const KNOWN = ['IdempotencyKey', 'StatusCallback', 'Capture', 'Status'];

export type UpdateAction =
  | { readonly type: 'capture'; readonly field: CaptureField }
  | { readonly type: 'complete' }
  | { readonly type: 'cancel' };

export interface UpdateRequest {
  readonly idempotencyKey: string;
  readonly statusCallback: string;
  readonly action: UpdateAction;
}

/** Reads the form of an update request. Throws `TwilioError`. */
export function readUpdateRequest(form: URLSearchParams): UpdateRequest {
  const parameters = new Parameters(form, KNOWN);
  const idempotencyKey = parameters.required('IdempotencyKey', 255);
  const statusCallback = parameters.required('StatusCallback', 4096);
  const field = parameters.oneOf('Capture', CAPTURE_FIELDS);
  const status = parameters.oneOf('Status', ['complete', 'cancel']);
  if ((field === null) === (status === null)) {
    throw new TwilioError(64018, 'Expected one of Capture and Status.');
  }
  const action: UpdateAction =
    field !== null ? { type: 'capture', field } : { type: status === 'cancel' ? 'cancel' : 'complete' };
  return { idempotencyKey, statusCallback, action };
}
