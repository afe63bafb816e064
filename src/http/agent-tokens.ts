import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { jwtVerify, SignJWT } from 'jose';
import type { Clock } from '../core/clock.ts';

const LIFETIME_SECONDS = 15 * 60;
const ALGORITHM = 'EdDSA';
const ISSUER = 'tonewall';
const AUDIENCE = 'ui';

export interface IssuedToken {
  readonly token: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** What a token allows: everything an agent does with one payment, until it expires. */
export interface AgentGrant {
  readonly paymentId: string;
  readonly expiresAtMs: number;
}

/**
 * Signed tokens for the agent's browser, each bound to one payment for 15 minutes. The key pair lives and dies with
 * the process: nothing to store, nothing to steal; after a restart the back end gets a new token for its agent.
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

  async issue(paymentId: string): Promise<IssuedToken> {
    const nowSeconds = Math.floor(this.#clock.wallMs() / 1000);
    const expiresSeconds = nowSeconds + LIFETIME_SECONDS;
    const token = await new SignJWT()
      .setProtectedHeader({ alg: ALGORITHM })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(paymentId)
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
        audience: AUDIENCE,
        requiredClaims: ['sub', 'exp'],
        currentDate: new Date(this.#clock.wallMs()),
      });
      return payload.sub === undefined || payload.exp === undefined
        ? null
        : { paymentId: payload.sub, expiresAtMs: payload.exp * 1000 };
    } catch {
      // Why it is not valid is nobody's business.
      return null;
    }
  }
}
