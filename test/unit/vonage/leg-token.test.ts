import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Random } from '../../../src/core/random.ts';
import { LegTokens } from '../../../src/vonage/leg-token.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Bytes that differ from request to request and are the same in every run. */
function fakeRandom(seed: string): Random {
  let drawn = 0;
  return {
    bytes: (count) => createHash('sha256').update(`${seed} ${drawn++}`).digest().subarray(0, count),
  };
}

function setUp() {
  const clock = new FakeClock();
  return { clock, tokens: new LegTokens(clock, fakeRandom('a')) };
}

describe('LegTokens', () => {
  it('redeems what it minted', () => {
    const { tokens } = setUp();
    expect(tokens.redeem(tokens.mint('call_abc', 'agent'))).toEqual({ callId: 'call_abc', leg: 'agent' });
  });

  it('signs with HMAC-SHA256 over everything before the signature', () => {
    const { tokens } = setUp();
    const token = tokens.mint('call_abc', 'caller');
    const [callId, leg, expiry, nonce, signature] = token.split('.');
    const secret = createHash('sha256').update('a 0').digest();
    expect([callId, leg, expiry]).toEqual(['call_abc', 'caller', '150000']);
    expect(signature).toBe(
      createHmac('sha256', secret).update(`${callId}.${leg}.${expiry}.${nonce}`).digest('base64url'),
    );
    expect(token).toMatch(/^[\w.-]+$/);
  });

  it('redeems a token once', () => {
    const { tokens } = setUp();
    const token = tokens.mint('call_abc', 'caller');
    tokens.redeem(token);
    expect(tokens.redeem(token)).toBe('reused');
  });

  it('redeems a fresh token for the same leg, and the older one after it', () => {
    const { tokens } = setUp();
    const older = tokens.mint('call_abc', 'caller');
    const fresh = tokens.mint('call_abc', 'caller');
    expect(tokens.redeem(fresh)).toEqual({ callId: 'call_abc', leg: 'caller' });
    expect(tokens.redeem(older)).toEqual({ callId: 'call_abc', leg: 'caller' });
  });

  it('is valid through the 120 s that Vonage may dial, and refuses after 150 s', () => {
    const { clock, tokens } = setUp();
    const [early, late] = [tokens.mint('call_abc', 'caller'), tokens.mint('call_abc', 'caller')];
    clock.advance(149_999);
    expect(tokens.redeem(early)).toEqual({ callId: 'call_abc', leg: 'caller' });
    clock.advance(1);
    expect(tokens.redeem(late)).toBe('expired');
  });

  it('never accepts a reused token, also when it has forgotten it after its expiry', () => {
    const { clock, tokens } = setUp();
    const token = tokens.mint('call_abc', 'caller');
    tokens.redeem(token);
    clock.advance(200_000);
    tokens.redeem(tokens.mint('call_abc', 'caller'));
    expect(tokens.redeem(token)).toBe('expired');
  });

  it('refuses when 100,000 tokens are remembered, until the first of them expire', () => {
    const { clock, tokens } = setUp();
    for (let n = 0; n < 100_000; n++) tokens.redeem(tokens.mint('call_abc', 'caller'));
    expect(tokens.redeem(tokens.mint('call_abc', 'caller'))).toBe('crowded');
    clock.advance(150_000);
    expect(tokens.redeem(tokens.mint('call_abc', 'caller'))).toEqual({ callId: 'call_abc', leg: 'caller' });
  });

  it('refuses tokens of another process', () => {
    const token = new LegTokens(new FakeClock(), fakeRandom('b')).mint('call_abc', 'caller');
    expect(setUp().tokens.redeem(token)).toBe('forged');
  });

  it('refuses a token in which any one character was changed', () => {
    const { tokens } = setUp();
    const token = tokens.mint('call_abc', 'caller');
    for (let index = 0; index < token.length; index++) {
      const changed = token[index] === 'x' ? 'y' : 'x';
      const forged = token.slice(0, index) + changed + token.slice(index + 1);
      expect(['forged', 'malformed'], `character ${index}`).toContain(tokens.redeem(forged));
    }
    expect(tokens.redeem(token)).toEqual({ callId: 'call_abc', leg: 'caller' });
  });

  it.each(['', '.', '....', 'a.b.c.d', 'a.b.c.d.e.f', `${'a'.repeat(300)}.caller.1.n.s`, '%2e%2e', '\u0000'])(
    'refuses %j',
    (token) => {
      expect(['forged', 'malformed']).toContain(setUp().tokens.redeem(token));
    },
  );
});
