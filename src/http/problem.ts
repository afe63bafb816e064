import { Type } from 'typebox';
import { ERRORS } from '../core/errors.ts';
import type { AppError, ErrorCode } from '../core/errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** An error as clients get it (RFC 9457), with a stable `code`. */
export const Problem = Type.Object(
  {
    type: Type.String({ description: 'A name for the kind of problem, made from the code.' }),
    title: Type.String(),
    status: Type.Integer(),
    code: Type.Enum(Object.keys(ERRORS), { description: 'Stable; never reused for something else.' }),
    detail: Type.Optional(Type.String({ description: 'What was expected.' })),
    requestId: Type.String({ description: 'Also in the log line of the request.' }),
    missing: Type.Optional(Type.Array(Type.String(), { description: 'Fields that are still missing.' })),
    paymentId: Type.Optional(Type.String({ description: 'The payment that stands in the way.' })),
    state: Type.Optional(Type.String({ description: 'Its state.' })),
  },
  { $id: 'Problem', description: 'An error (RFC 9457). Nothing of the request is repeated in it.' },
);

/** The body of an error answer: constant text and facts of ours, nothing that came in. */
export function problemOf(error: AppError, requestId: string): string {
  const { detail, missing, paymentId, state } = error.facts;
  return JSON.stringify({
    type: `urn:tonewall:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: ERRORS[error.code].title,
    status: error.status,
    code: error.code,
    detail,
    requestId,
    missing,
    paymentId,
    state,
  });
}

/** What every route of the API may answer. */
const COMMON: readonly ErrorCode[] = [
  'REQUEST_INVALID',
  'CREDENTIAL_MISSING',
  'CREDENTIAL_INVALID',
  'ACCESS_DENIED',
  'RATE_LIMITED',
  'INTERNAL_ERROR',
];

/** What every route with a body may answer besides. */
export const BODY_PROBLEMS: readonly ErrorCode[] = [
  'BODY_INVALID',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
];

/** The `response` part of a route's schema for these errors and the common ones, one entry per status. */
export function problemResponses(...codes: readonly ErrorCode[]): Record<number, object> {
  const responses: Record<number, object> = {};
  const byStatus = Map.groupBy([...COMMON, ...codes], (code) => ERRORS[code].status);
  for (const [status, group] of byStatus) {
    responses[status] = {
      description: group.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join(' '),
      content: { [PROBLEM_TYPE]: { schema: { $ref: 'Problem#' } } },
    };
  }
  return responses;
}
