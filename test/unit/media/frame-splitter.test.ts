import { describe, expect, it } from 'vitest';
import { FrameSplitter } from '../../../src/media/frame-splitter.ts';

/** `bytes` numbered from 1 at an odd address, as a message inside a larger read may be. */
function unaligned(bytes: number): Buffer {
  const message = Buffer.alloc(bytes + 1).subarray(1);
  message.forEach((_, index) => (message[index] = (index % 255) + 1));
  return message;
}

describe('FrameSplitter', () => {
  it.each([
    [0, 'empty'],
    [1, 'odd'],
    [641, 'odd'],
    [2, 'short'],
    [638, 'short'],
    [640, 'whole'],
    [642, 'long'],
    [1280, 'long'],
  ] as const)('calls %d bytes at 16 kHz %s', (bytes, fit) => {
    expect(new FrameSplitter(16000).fit(Buffer.alloc(bytes))).toBe(fit);
  });

  it('reads little-endian samples when the message starts at an odd address', () => {
    const splitter = new FrameSplitter(8000);
    splitter.load(unaligned(320), 0);
    expect([...splitter.samples.subarray(0, 3)]).toEqual([0x0201, 0x0403, 0x0605]);
    expect(splitter.samples).toHaveLength(160);
  });

  it('splits several whole frames', () => {
    const splitter = new FrameSplitter(8000);
    const message = unaligned(960);
    expect(splitter.count(message)).toBe(3);
    splitter.load(message, 2);
    // Byte 640 holds (640 % 255) + 1 = 131, the next one 132.
    expect(splitter.samples[0]).toBe((132 << 8) + 131 - 65536);
  });

  it('pads the last frame with silence when it is partial', () => {
    const splitter = new FrameSplitter(8000);
    const message = unaligned(324);
    splitter.load(message, 0);
    expect(splitter.count(message)).toBe(2);
    splitter.load(message, 1);
    expect([...splitter.samples.subarray(0, 4)]).toEqual([0x4342, 0x4544, 0, 0]);
    expect(splitter.samples.subarray(2).every((sample) => sample === 0)).toBe(true);
  });

  it('holds nothing after it was wiped', () => {
    const splitter = new FrameSplitter(24000);
    splitter.load(unaligned(960), 0);
    splitter.wipe();
    expect(splitter.samples).toEqual(new Int16Array(480));
  });
});
