import { afterEach, describe, expect, it, vi } from 'vitest';
import { DigitRouter } from '../../../src/call/digit-router.ts';

const FIVE = '5'.charCodeAt(0);
const SIX = '6'.charCodeAt(0);

/** A router whose only buffer the test can look at. */
function makeTransparentRouter(): { router: DigitRouter; bytes: () => Uint8Array } {
  const buffers: ArrayBuffer[] = [];
  class RecordedArrayBuffer extends ArrayBuffer {
    constructor(size: number) {
      super(size);
      buffers.push(this);
    }
  }
  vi.stubGlobal('ArrayBuffer', RecordedArrayBuffer);
  const router = new DigitRouter();
  expect(buffers.length).toBe(1);
  return { router, bytes: () => new Uint8Array(buffers[0]!) };
}

function count(bytes: Uint8Array, code: number): number {
  return bytes.filter((byte) => byte === code).length;
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('DigitRouter', () => {
  it('counts a press once when the event follows the tone', () => {
    const router = new DigitRouter();
    expect(router.heard(FIVE, 30)).toBe('count');
    router.released(FIVE, 110);
    expect(router.told(FIVE, 150)).toBe('duplicate');
  });

  it('counts a press once when the event comes while the key is held for ten seconds', () => {
    const router = new DigitRouter();
    expect(router.heard(FIVE, 30)).toBe('count');
    expect(router.told(FIVE, 10_000)).toBe('duplicate');
    router.released(FIVE, 10_100);
    expect(router.told(FIVE, 10_200)).toBe('count');
  });

  it('counts a press once when the event overtakes the tone', () => {
    const router = new DigitRouter();
    expect(router.told(FIVE, 100)).toBe('count');
    expect(router.heard(FIVE, 290)).toBe('duplicate');
    router.released(FIVE, 380);
    // The pair is used up: what follows is another press.
    expect(router.told(FIVE, 400)).toBe('count');
  });

  it('counts two presses of one key that are 40 ms apart, tones and events mixed', () => {
    const router = new DigitRouter();
    const counted = [router.heard(FIVE, 30)];
    router.released(FIVE, 48);
    counted.push(router.heard(FIVE, 110), router.told(FIVE, 115));
    router.released(FIVE, 128);
    counted.push(router.told(FIVE, 195));
    expect(counted).toEqual(['count', 'count', 'duplicate', 'duplicate']);
  });

  it.each(['heard', 'told'] as const)(
    'counts every press of a caller with reports of one kind: %s',
    (kind) => {
      const router = new DigitRouter();
      expect([0, 80, 160, 240].map((atMs) => router[kind](FIVE, atMs))).toEqual([
        'count',
        'count',
        'count',
        'count',
      ]);
    },
  );

  it('does not pair different keys', () => {
    const router = new DigitRouter();
    expect(router.heard(FIVE, 30)).toBe('count');
    expect(router.told(SIX, 120)).toBe('count');
  });

  it('pairs an event up to ten seconds after the tone ended, even if it comes with the next press', () => {
    const router = new DigitRouter();
    router.heard(FIVE, 30);
    router.released(FIVE, 100);
    expect(router.told(FIVE, 10_100)).toBe('duplicate');
    router.heard(FIVE, 20_000);
    router.released(FIVE, 20_100);
    expect(router.told(FIVE, 30_101)).toBe('count');
  });

  it('pairs a tone up to half a second after the event', () => {
    const router = new DigitRouter();
    router.told(FIVE, 0);
    expect(router.heard(FIVE, 500)).toBe('duplicate');
    router.told(FIVE, 10_000);
    expect(router.heard(FIVE, 10_501)).toBe('count');
  });

  it('takes a tone as ended when the next one is heard, though nobody said so', () => {
    const router = new DigitRouter();
    router.heard(FIVE, 0);
    router.heard(SIX, 1000);
    router.released(FIVE, 9000);
    expect(router.told(FIVE, 11_001)).toBe('count');
  });

  it('keeps a tone sounding when only another one has ended', () => {
    const router = new DigitRouter();
    router.heard(FIVE, 0);
    router.heard(SIX, 100);
    router.released(FIVE, 110);
    expect(router.told(SIX, 20_000)).toBe('duplicate');
  });

  it('pairs the oldest report first, also when the ring has come round', () => {
    const router = new DigitRouter();
    for (let i = 0; i < 63; i += 1) router.told(SIX, i);
    router.told(FIVE, 1000);
    router.told(FIVE, 1300);
    expect(router.heard(FIVE, 1400)).toBe('duplicate');
    expect(router.heard(FIVE, 1700)).toBe('duplicate');
  });

  it('counts a press missed by the detector when all events come', () => {
    const router = new DigitRouter();
    expect(router.told(FIVE, 100)).toBe('count');
    expect(router.heard(FIVE, 300)).toBe('duplicate');
    expect(router.told(FIVE, 400)).toBe('count');
  });

  it('forgets the oldest report when more wait than it has room for', () => {
    const router = new DigitRouter();
    router.told(FIVE, 0);
    for (let i = 0; i < 64; i += 1) router.told(SIX, i);
    expect(router.heard(FIVE, 100)).toBe('count');
    expect(router.heard(SIX, 100)).toBe('duplicate');
  });
});

describe('DigitRouter memory', () => {
  it('zeroes a code when it is paired', () => {
    const { router, bytes } = makeTransparentRouter();
    router.heard(FIVE, 0);
    expect(count(bytes(), FIVE)).toBe(1);
    router.told(FIVE, 10);
    expect(count(bytes(), FIVE)).toBe(0);
  });

  it('zeroes a code that waited too long, at the next report', () => {
    const { router, bytes } = makeTransparentRouter();
    router.told(FIVE, 0);
    router.told(SIX, 501);
    expect(count(bytes(), FIVE)).toBe(0);
  });

  it('never keeps two codes side by side', () => {
    const { router, bytes } = makeTransparentRouter();
    for (let i = 0; i < 80; i += 1) router.heard(FIVE, i * 80);
    expect(count(bytes(), FIVE)).toBe(64);
    const places = Array.from(bytes(), (byte, i) => (byte === FIVE ? i : -1)).filter((i) => i >= 0);
    expect(new Set(places.slice(1).map((place, i) => place - places[i]!))).toEqual(new Set([16]));
  });

  it('leaves no byte behind when it is wiped, and serves on', () => {
    const { router, bytes } = makeTransparentRouter();
    router.heard(FIVE, 0);
    router.told(SIX, 10);
    router.wipe();
    expect(bytes().every((byte) => byte === 0)).toBe(true);
    expect(router.told(FIVE, 20)).toBe('count');
    expect(router.heard(FIVE, 30)).toBe('duplicate');
  });
});
