import { createHash, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { errors, jwtVerify } from 'jose';
import type { JWTPayload } from 'jose';
import type { Clock } from '../core/clock.ts';

/** How far the clocks may be apart. */
const CLOCK_ERROR_SECONDS = 60;
/** With the clock error, five minutes in all. */
const MAX_AGE_SECONDS = 240;
/** A token is remembered for as long as it could be used, and a minute more for clocks that run ahead. */
const REMEMBER_MS = (MAX_AGE_SECONDS + 2 * CLOCK_ERROR_SECONDS) * 1000;
/** 1,000 calls make some 20 webhooks each; with more inside six minutes, new ones are refused. */
const REMEMBERED_MAX = 200_000;
const ID_LENGTH_MAX = 128;

export type WebhookRefusal = 'unsigned' | 'bad-signature' | 'stale';

export interface VerifierSettings {
  readonly signatureSecret: string;
  readonly applicationId: string;
}

/** Checks what Vonage signs: webhooks, and the handshakes of media sockets. */
export class WebhookVerifier {
  readonly #settings: VerifierSettings;
  readonly #clock: Clock;
  readonly #key: KeyObject;
  /** Id of a token to when it may be forgotten, in the order of arrival. */
  readonly #seen = new Map<string, number>();

  constructor(settings: VerifierSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#key = createSecretKey(Buffer.from(settings.signatureSecret));
  }

  /** Null when the webhook is Vonage's, was sent just now, is about this content, and comes for the first time. */
  async verify(authorization: string | undefined, content: Buffer): Promise<WebhookRefusal | null> {
    const claims = await this.#claimsOf(authorization);
    if (typeof claims === 'string') return claims;
    if (!isHashOf(claims['payload_hash'], content)) return 'bad-signature';
    return this.#isFirstUse(claims.jti) ? null : 'bad-signature';
  }

  /** Whether a handshake was signed by Vonage just now; its address works once by itself. */
  async isSigned(authorization: string | undefined): Promise<boolean> {
    return typeof (await this.#claimsOf(authorization)) !== 'string';
  }

  async #claimsOf(authorization: string | undefined): Promise<JWTPayload | WebhookRefusal> {
    if (authorization === undefined || authorization === '') return 'unsigned';
    const token = /^Bearer ([\w.-]{1,4096})$/i.exec(authorization)?.[1];
    if (token === undefined) return 'bad-signature';
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['HS256'],
        issuer: 'Vonage',
        clockTolerance: CLOCK_ERROR_SECONDS,
        maxTokenAge: MAX_AGE_SECONDS,
        currentDate: new Date(this.#clock.wallMs()),
      });
      const application = payload['application_id'];
      const isOurs = application === undefined || application === this.#settings.applicationId;
      return isOurs ? payload : 'bad-signature';
    } catch (error) {
      const isStale =
        error instanceof errors.JWTExpired ||
        (error instanceof errors.JWTClaimValidationFailed && error.claim === 'iat');
      return isStale ? 'stale' : 'bad-signature';
    }
  }

  #isFirstUse(id: string | undefined): boolean {
    if (id === undefined || id === '' || id.length > ID_LENGTH_MAX) return false;
    const nowMs = this.#clock.monotonicMs();
    for (const [seen, untilMs] of this.#seen) {
      if (untilMs > nowMs) break;
      this.#seen.delete(seen);
    }
    if (this.#seen.has(id) || this.#seen.size >= REMEMBERED_MAX) return false;
    this.#seen.set(id, nowMs + REMEMBER_MS);
    return true;
  }
}

/** The hash is that of the body as it came or, if it was laid out anew on its way, of its compact form. */
function isHashOf(hash: unknown, content: Buffer): boolean {
  if (typeof hash !== 'string') return false;
  return (
    isSameText(hash.toLowerCase(), sha256(content)) ||
    isSameText(hash.toLowerCase(), sha256(compact(content)))
  );
}

function compact(content: Buffer): Buffer {
  try {
    return Buffer.from(JSON.stringify(JSON.parse(content.toString('utf8'))));
  } catch {
    return content;
  }
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function isSameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
