import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../core/errors.ts';
import type { ErrorCode } from '../core/errors.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { AccessLog } from './access-log.ts';
import { PROBLEM_TYPE, problemOf } from './problem.ts';

/** Sent with 503 and 429 unless a limit knows better: another node, or this one a little later. */
const RETRY_AFTER_SECONDS = 5;

/** The framework's errors that a client can cause. Their own texts may quote the request, so none is used. */
const FRAMEWORK_ERRORS: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_INVALID',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_INVALID',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_INVALID',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_BAD_URL: 'REQUEST_INVALID',
  FST_ERR_MAX_PARAM_LENGTH: 'URI_TOO_LONG',
};

/** Node's errors about bytes that are not a request. */
const CONNECTION_ERRORS: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

/** `expose`: an error of the static file plugin that was made for clients. */
type FrameworkError = FastifyError & { readonly expose: boolean };

/** Turns whatever was thrown into an error of the catalogue. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const { code, statusCode, expose, validation, validationContext } = (error ??
    {}) as Partial<FrameworkError>;
  const violation = Array.isArray(validation) ? validation[0] : undefined;
  if (violation !== undefined) {
    // The path has names of our own schema only, the message is made from the schema: nothing that came in.
    const place = `${validationContext ?? 'request'}${violation.instancePath}`;
    return new AppError('REQUEST_INVALID', { detail: `${place} ${violation.message ?? 'is not valid'}` });
  }
  const known = FRAMEWORK_ERRORS[String(code)];
  if (known !== undefined) return new AppError(known);
  const isFromFramework = expose === true || String(code).startsWith('FST_');
  const isClientError = Number(statusCode) >= 400 && Number(statusCode) < 500;
  return new AppError(isFromFramework && isClientError ? 'REQUEST_INVALID' : 'INTERNAL_ERROR');
}

/** Answers every error as a problem document; logs those that are ours. */
export function makeErrorHandler(logger: Logger) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const appError = toAppError(error);
    if (appError.code === 'INTERNAL_ERROR') {
      logger.error('a request failed', { requestId: request.id, ...describeError(error) });
    }
    const isBusy = appError.status === 503 || appError.status === 429;
    if (isBusy && !reply.hasHeader('retry-after')) void reply.header('retry-after', RETRY_AFTER_SECONDS);
    if (appError.status === 401) void reply.header('www-authenticate', 'Bearer realm="tonewall"');
    void reply
      .code(appError.status)
      .header('content-type', PROBLEM_TYPE)
      .send(problemOf(appError, request.id));
  };
}

/** Answers bytes that never became a request, and closes their connection. */
export function makeClientErrorHandler(makeRequestId: () => string, accessLog: AccessLog) {
  return (error: Error & { code?: string }, socket: Socket): void => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const appError = new AppError(CONNECTION_ERRORS[String(error.code)] ?? 'HTTP_INVALID');
    const requestId = makeRequestId();
    const body = problemOf(appError, requestId);
    accessLog.record({
      route: 'other',
      method: 'other',
      status: appError.status,
      requestId,
      durationMs: null,
    });
    socket.end(
      [
        `HTTP/1.1 ${appError.status} ${STATUS_CODES[appError.status]}`,
        'Connection: close',
        `Content-Type: ${PROBLEM_TYPE}`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    );
  };
}
