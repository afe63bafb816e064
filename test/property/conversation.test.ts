import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConversationWorld } from '../support/conversation-world.ts';
import type { Luck } from '../support/conversation-world.ts';

const topology = fc.constantFrom('A' as const, 'B' as const, 'C' as const);
const join = fc.constantFrom('always' as const, 'payment' as const);
const direction = fc.constantFrom('inbound' as const, 'outbound' as const);
const luck = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Luck>('works') },
  { weight: 1, arbitrary: fc.constant<Luck>('fails') },
  { weight: 1, arbitrary: fc.constant<Luck>('done-but-fails') },
);

type Act =
  | { readonly type: 'advance'; readonly index: number; readonly luck: Luck }
  | { readonly type: 'settle' | 'payment-opened' | 'payment-ended' | 'transfer-requested' | 'end-requested' }
  | { readonly type: 'strike'; readonly index: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ type: fc.constant('advance' as const), index: fc.nat(20), luck }) },
  { weight: 2, arbitrary: fc.constant<Act>({ type: 'settle' }) },
  { weight: 3, arbitrary: fc.constant<Act>({ type: 'payment-opened' }) },
  { weight: 2, arbitrary: fc.constant<Act>({ type: 'payment-ended' }) },
  { weight: 2, arbitrary: fc.constant<Act>({ type: 'transfer-requested' }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('strike' as const), index: fc.nat(6) }) },
);

function play(world: ConversationWorld, acts: readonly Act[]): void {
  for (const step of acts) {
    if (step.type === 'advance') world.advance(step.index, step.luck);
    else if (step.type === 'strike') world.strike(step.index);
    else if (step.type === 'settle') world.settle();
    else world.feed({ type: step.type });
  }
}

describe('a conversation on the platform, whatever the platform does', () => {
  it('never has the caller heard as he is while keys may be captured', () => {
    let openings = 0;
    fc.assert(
      fc.property(topology, join, direction, fc.array(act, { maxLength: 120 }), (t, j, d, acts) => {
        const world = new ConversationWorld(t, j, d);
        play(world, acts);
        world.settle();
        if (world.isGateOpen) openings += 1;
        expect(world.leaks).toBe(0);
      }),
      { numRuns: 3000 },
    );
    expect(openings).toBeGreaterThan(300);
  });

  it('gets to where it belongs as soon as the platform works again', () => {
    let alive = 0;
    fc.assert(
      fc.property(
        topology,
        join,
        direction,
        fc.array(act, { maxLength: 80 }),
        fc.boolean(),
        (t, j, d, acts, pays) => {
          const world = new ConversationWorld(t, j, d);
          play(world, acts);
          world.feed({ type: pays ? 'payment-opened' : 'payment-ended' });
          world.settle();
          world.settle();
          if (world.hasEnded) return;
          alive += 1;
          expect(world.isGateOpen).toBe(pays || j === 'always');
          if (pays || j === 'always') return;
          const together = { kind: 'conversation', canSpeak: 'everyone', canHear: 'everyone' };
          expect([world.placeOf('caller'), world.placeOf('agent')]).toEqual([together, together]);
        },
      ),
      { numRuns: 2000 },
    );
    expect(alive).toBeGreaterThan(300);
  });

  it('leaves nobody on the line after the end', () => {
    fc.assert(
      fc.property(topology, join, direction, fc.array(act, { maxLength: 80 }), (t, j, d, acts) => {
        const world = new ConversationWorld(t, j, d);
        play(world, acts);
        world.feed({ type: 'end-requested' });
        world.settle();
        world.settle();
        expect(world.hasEnded).toBe(true);
        expect(world.isGateOpen).toBe(false);
        const left = world.legs.filter((leg) => leg.isAlive && !(t === 'A' && leg.name.endsWith('-media')));
        expect(left).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
