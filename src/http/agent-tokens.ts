import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { JWTPayload } from 'jose';
import type { Clock } from '../core/clock.ts';

const LIFETIME_SECONDS = 15 * 60;
const ALGORITHM = 'EdDSA';
const ISSUER = 'tonewall';
/** Who a token is for says what its subject is. */
const PAYMENT_AUDIENCE = 'ui';
const CALL_AUDIENCE = 'ui-call';

export interface IssuedToken {
  readonly token: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** What a token covers: one payment, or everything an agent does about payments on one call. */
export type AgentScope =
  | { readonly kind: 'agent'; readonly paymentId: string }
  | {
      readonly kind: 'agent-session';
      readonly callId: string;
      /** Name of the API key that asked for the session; payments opened in it are recorded under it. */
      readonly apiKeyName: string;
    };

/** What a token allows, until it expires. */
export type AgentGrant = AgentScope & { readonly expiresAtMs: number };

/**
 * Signed tokens for the agent's browser, each bound to one payment or to one call for 15 minutes. The key pair lives
 * and dies with the process: nothing to store, nothing to steal; after a restart the back end gets a new token for
 * its agent.
 */
export class AgentTokens {
  readonly #clock: Clock;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  constructor(clock: Clock) {
    this.#clock = clock;
    const pair = generateKeyPairSync('ed25519');
    this.#privateKey = pair.privateKey;
    this.#publicKey = pair.publicKey;
  }

  async issue(scope: AgentScope): Promise<IssuedToken> {
    const nowSeconds = Math.floor(this.#clock.wallMs() / 1000);
    const expiresSeconds = nowSeconds + LIFETIME_SECONDS;
    const isPayment = scope.kind === 'agent';
    const token = await new SignJWT(isPayment ? {} : { key: scope.apiKeyName })
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(isPayment ? PAYMENT_AUDIENCE : CALL_AUDIENCE)
      .setSubject(isPayment ? scope.paymentId : scope.callId)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(expiresSeconds)
      .sign(this.#privateKey);
    return { token, expiresAt: new Date(expiresSeconds * 1000).toISOString() };
  }

  /** Null if the token is forged, expired, for someone else, or no token at all. */
  async verify(token: string): Promise<AgentGrant | null> {
    try {
      const { payload } = await jwtVerify(token, this.#publicKey, {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: [PAYMENT_AUDIENCE, CALL_AUDIENCE],
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(this.#clock.wallMs()),
      });
      return grantOf(payload);
    } catch {
      // Why it is not valid is nobody's business.
      return null;
    }
  }
}

function grantOf({ aud, sub, exp, key }: JWTPayload): AgentGrant | null {
  if (sub === undefined || exp === undefined) return null;
  const expiresAtMs = exp * 1000;
  if (aud === PAYMENT_AUDIENCE) return { kind: 'agent', paymentId: sub, expiresAtMs };
  if (aud !== CALL_AUDIENCE || typeof key !== 'string') return null;
  return { kind: 'agent-session', callId: sub, apiKeyName: key, expiresAtMs };
}
