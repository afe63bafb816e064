import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptureEffect, FieldTimer } from '../../src/capture/capture-effect.ts';
import type { CaptureEvent } from '../../src/capture/capture-event.ts';
import { fieldForKeys } from '../../src/capture/capture-state.ts';
import { openCapture, transition } from '../../src/capture/capture-transition.ts';
import { CAPTURE_FIELDS } from '../../src/core/capture-field.ts';
import { CARD_BRANDS } from '../../src/core/card-brand.ts';
import { CardVault } from '../../src/vault/card-vault.ts';

/** What happens to a payment: runs of keys, a timeout of the running timer, or something said by the agent or the media. */
type Happening = { readonly keys: string } | 'timeout' | CaptureEvent;

const GOOD_ENTRIES = [
  '4111111111111111#',
  '5555555555554444',
  '378282246310005',
  '6771798021000008#',
  '1227',
  '123#',
  '1234',
  '94111#',
];
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ keys: fc.constantFrom(...GOOD_ENTRIES) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      keys: fc.string({ unit: fc.constantFrom(...'0123456789#*'.split('')), maxLength: 24 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant<Happening>('timeout') },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('capture-requested' as const),
      field: fc.constantFrom(...CAPTURE_FIELDS.slice(0, 4)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Happening>(
      { type: 'media-closed' },
      { type: 'media-opened' },
      { type: 'process-requested' },
      { type: 'outcome-known', outcome: 'declined' },
      { type: 'cancel-requested' },
    ),
  },
);

/** A shell without sound or network: carries out effects on a real vault and records all that others would see. */
class Shell {
  readonly vault = new CardVault({
    brands: CARD_BRANDS,
    minPostalCodeLength: 3,
    wallMs: () => Date.UTC(2026, 10, 2),
  });
  state = openCapture({
    fields: CAPTURE_FIELDS.slice(0, 4),
    firstDigitTimeoutMs: 60_000,
    interDigitTimeoutMs: 20_000,
    maxAttempts: 3,
    onRequest: false,
  }).state;
  readonly seen: CaptureEffect[] = [];
  timer: FieldTimer | null = null;

  feed(event: CaptureEvent): void {
    const { state, effects } = transition(this.state, event);
    this.state = state;
    for (const effect of effects) this.#carryOut(effect);
  }

  happen(what: Happening): void {
    if (what === 'timeout') {
      if (this.timer !== null) this.feed({ type: 'timer-fired', timer: this.timer });
    } else if ('keys' in what) for (const key of what.keys) this.#press(key);
    else this.feed(what);
  }

  #press(key: string): void {
    const field = fieldForKeys(this.state);
    if (field === null) return;
    if (key === '*') this.feed({ type: 'clear-pressed' });
    else if (key === '#')
      this.feed({ type: 'field-finished', field, verdict: this.vault.finish(field, 'key') });
    else this.feed({ type: 'key-entered', field, verdict: this.vault.append(field, key.charCodeAt(0)) });
  }

  #carryOut(effect: CaptureEffect): void {
    this.seen.push(effect);
    if (effect.type === 'wipe-field') this.vault.clear(effect.field);
    if (effect.type === 'wipe-all') this.vault.wipe();
    if (effect.type === 'start-timer' && effect.timer !== 'expiry') this.timer = effect.timer;
    if (effect.type === 'stop-timers') this.timer = null;
    if (effect.type === 'finish-field') {
      this.timer = null;
      const verdict = this.vault.finish(effect.field, 'timeout');
      this.feed({ type: 'field-finished', field: effect.field, verdict });
    }
  }
}

function livesHold(invariant: (shell: Shell) => void): void {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30, size: 'max' }), (happenings) => {
      const shell = new Shell();
      shell.feed({ type: 'media-opened' });
      for (const each of happenings) {
        shell.happen(each);
        invariant(shell);
      }
    }),
    { numRuns: 1000 },
  );
}

describe('capture machine with a real vault, over random callers', () => {
  it('shows asterisks only, but for the last four of a complete card number', () => {
    let shown = 0;
    livesHold(({ seen }) => {
      for (const effect of seen) {
        if (effect.type !== 'announce' || !('masked' in effect.announcement)) continue;
        const { type, field, masked } = effect.announcement;
        const isCard = type === 'field-complete' && field === 'payment-card-number';
        if (isCard) shown += 1;
        expect(masked).toMatch(isCard ? /^\*{8,15}\d{4}$/ : /^\**$/);
      }
    });
    expect(shown).toBeGreaterThan(1000);
  });

  it('has no place in state and effects for what was keyed', () => {
    livesHold(({ state, seen }) => {
      expect(JSON.stringify({ fields: state.fields, seen }).match(/\d{6}/)).toBeNull();
    });
  });

  it('agrees with the vault on the digits held and on what is complete', () => {
    livesHold(({ state, vault }) => {
      for (const { field, length, status } of state.fields) {
        expect(vault.verdictOf(field).length).toBe(length);
        expect(vault.isComplete(field)).toBe(status === 'complete');
      }
    });
  });

  it('always waits for something while a field is captured, so that no caller is left alone', () => {
    livesHold(({ state, timer }) => {
      expect(timer).toBe(state.timer);
      expect(timer !== null).toBe(fieldForKeys(state) !== null);
    });
  });
});
