import { describe, expect, it } from 'vitest';
import type { ConversationEffect } from '../../../src/conversation/conversation-effect.ts';
import type { ConversationEvent } from '../../../src/conversation/conversation-event.ts';
import { newConversation } from '../../../src/conversation/conversation-state.ts';
import type { ConversationState } from '../../../src/conversation/conversation-state.ts';
import { transition } from '../../../src/conversation/conversation-transition.ts';

type Topology = ConversationState['topology'];
type Step = readonly [on: string, canSpeak: unknown, canHear: unknown];

const everyone = 'everyone';

/** Runs a call whose platform does at once whatever it is asked, and keeps what it was asked, in order. */
class Platform {
  state: ConversationState;
  asked: Step[] = [];
  isGateOpen = false;

  constructor(topology: Topology) {
    this.state = newConversation({ topology, join: 'payment', direction: 'inbound' });
    this.feed({ type: 'caller-arrived', uuid: 'caller' });
    this.feed({ type: 'leg-attached', uuid: 'caller' });
  }

  feed(event: ConversationEvent): void {
    const { state, effects } = transition(this.state, event);
    this.state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: ConversationEffect): void {
    if (effect.type === 'set-gate') {
      this.isGateOpen = effect.isOpen;
      this.asked.push([effect.isOpen ? 'keys taken' : 'keys dropped', null, null]);
    }
    if (effect.type === 'hang-up') {
      this.asked.push([`hang up ${effect.uuid}`, null, null]);
      this.feed({ type: 'hung-up', uuid: effect.uuid });
    }
    if (effect.type !== 'create-leg' && effect.type !== 'place-leg') return;
    const { leg, key, place } = effect;
    const isSocket = leg === 'caller-media' || leg === 'agent-media';
    const lists =
      place.kind === 'conversation' ? ([place.canSpeak, place.canHear] as const) : [null, place.kind];
    this.asked.push([leg, ...lists] as Step);
    if (effect.type === 'create-leg') this.feed({ type: 'leg-created', leg, key, uuid: leg });
    else this.feed({ type: 'step-taken', uuid: leg });
    this.feed({ type: 'leg-attached', uuid: leg });
    if (isSocket) this.feed({ type: 'media-opened', leg });
    if (place.kind === 'bridge')
      this.feed({ type: 'media-opened', leg: leg === 'caller' ? 'caller-media' : 'agent-media' });
  }
}

function paid(topology: Topology): { readonly joining: readonly Step[]; readonly leaving: readonly Step[] } {
  const platform = new Platform(topology);
  expect(platform.asked.splice(0)).toEqual([['agent', everyone, everyone]]);
  platform.feed({ type: 'payment-opened' });
  const joining = platform.asked.splice(0);
  platform.feed({ type: 'payment-ended' });
  platform.feed({ type: 'timer-fired', timer: 'release' });
  return { joining, leaving: platform.asked };
}

describe('a conversation that is joined for a payment', () => {
  it('moves the caller away first with topology A, and the agent last when it is undone', () => {
    const { joining, leaving } = paid('A');
    expect(joining.filter(([on]) => on !== 'keys taken')).toEqual([
      ['caller', null, 'bridge'],
      ['agent', null, 'bridge'],
    ]);
    expect(leaving).toEqual([
      ['keys dropped', null, null],
      ['caller', everyone, everyone],
      ['agent', everyone, everyone],
    ]);
  });

  it('cuts the agent off before anything else with topology C, and lets him hear the socket last', () => {
    const { joining, leaving } = paid('C');
    expect(joining.filter(([on]) => on !== 'keys taken')).toEqual([
      ['agent', ['caller'], []],
      ['caller-media', ['agent'], ['caller']],
      ['caller', ['caller-media'], ['agent']],
      ['agent', ['caller'], ['caller-media']],
    ]);
    expect(leaving).toEqual([
      ['keys dropped', null, null],
      ['caller', everyone, everyone],
      ['agent', everyone, everyone],
      ['hang up caller-media', null, null],
    ]);
  });

  it('gives each party a socket of his own with topology B, after the agent was cut off', () => {
    const { joining, leaving } = paid('B');
    expect(joining.filter(([on]) => on !== 'keys taken')).toEqual([
      ['agent', [], []],
      ['caller-media', ['caller'], ['caller']],
      ['caller', ['caller-media'], ['caller-media']],
      ['agent-media', ['agent'], ['agent']],
      ['agent', ['agent-media'], ['agent-media']],
    ]);
    expect(leaving).toEqual([
      ['keys dropped', null, null],
      ['caller', everyone, everyone],
      ['agent', everyone, everyone],
      ['hang up caller-media', null, null],
      ['hang up agent-media', null, null],
    ]);
  });

  it.each(['A', 'B', 'C'] as const)('takes keys only while the payment is open, topology %s', (topology) => {
    const platform = new Platform(topology);
    expect(platform.isGateOpen).toBe(false);
    platform.feed({ type: 'payment-opened' });
    expect(platform.isGateOpen).toBe(true);
    platform.feed({ type: 'payment-ended' });
    expect(platform.isGateOpen).toBe(false);
  });
});
