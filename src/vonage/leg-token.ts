import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../core/clock.ts';
import type { LegName } from '../core/leg.ts';
import type { Random } from '../core/random.ts';

/** Vonage may dial for 120 s before it connects a leg; the rest is for the way there and back. */
const LIFE_MS = 150_000;

/** Redeemed tokens that are remembered. With more than this many live ones, new ones are refused. */
const REDEEMED_MAX = 100_000;

const TOKEN_LENGTH_MAX = 256;
const SECRET_BYTES = 32;
const NONCE_BYTES = 16;

export interface RedeemedLeg {
  readonly callId: string;
  readonly leg: LegName;
}

export type LegTokenRefusal = 'malformed' | 'forged' | 'expired' | 'reused' | 'crowded';

/**
 * Tokens that let one socket become one leg of one call: `{callId}.{leg}.{expiry}.{nonce}.{hmac}`.
 *
 * Each works once. The secret lives as long as the process, and the expiry is on its monotonic clock: a token is
 * bound to the process that made it, and a step of the wall clock changes nothing. That is no loss, since the
 * call, too, lives in that process only.
 */
export class LegTokens {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #secret: Uint8Array;
  /** Nonce to expiry, in the order of redemption. */
  readonly #redeemed = new Map<string, number>();

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
    this.#secret = random.bytes(SECRET_BYTES);
  }

  /** A fresh token; earlier ones stay valid. `callId` must not hold a full stop. */
  mint(callId: string, leg: LegName): string {
    const expiryMs = Math.ceil(this.#clock.monotonicMs() + LIFE_MS);
    const nonce = Buffer.from(this.#random.bytes(NONCE_BYTES)).toString('base64url');
    const claims = `${callId}.${leg}.${expiryMs}.${nonce}`;
    return `${claims}.${this.#sign(claims)}`;
  }

  /** Uses a token up. The signature is compared in constant time, before anything else is looked at. */
  redeem(token: string): RedeemedLeg | LegTokenRefusal {
    const parts = token.length <= TOKEN_LENGTH_MAX ? token.split('.') : [];
    const [callId, leg, expiry, nonce, signature] = parts;
    if (parts.length !== 5 || callId === undefined || nonce === undefined || signature === undefined)
      return 'malformed';
    if (!this.#isSignature(signature, token.slice(0, token.length - signature.length - 1))) return 'forged';
    if (leg !== 'caller' && leg !== 'agent') return 'malformed';
    const nowMs = this.#clock.monotonicMs();
    const expiryMs = Number(expiry);
    if (expiryMs <= nowMs) return 'expired';
    if (this.#redeemed.has(nonce)) return 'reused';
    this.#forgetExpired(nowMs);
    if (this.#redeemed.size >= REDEEMED_MAX) return 'crowded';
    this.#redeemed.set(nonce, expiryMs);
    return { callId, leg };
  }

  #sign(claims: string): string {
    return createHmac('sha256', this.#secret).update(claims).digest('base64url');
  }

  #isSignature(signature: string, claims: string): boolean {
    const expected = Buffer.from(this.#sign(claims));
    const actual = Buffer.from(signature);
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }

  /** Stops at the first one that still counts: the order is nearly that of expiry, and the rest goes later. */
  #forgetExpired(nowMs: number): void {
    for (const [nonce, expiryMs] of this.#redeemed) {
      if (expiryMs > nowMs) return;
      this.#redeemed.delete(nonce);
    }
  }
}
