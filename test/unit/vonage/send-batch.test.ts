import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { SendBatch } from '../../../src/vonage/send-batch.ts';

/** Goal: frames leave together, in their order, once what has arrived is dealt with. Method: sockets that take notes. */

function scene(): {
  batch: SendBatch;
  socket: (name: string) => WebSocket;
  sent: string[];
  flush: () => void;
} {
  const sent: string[] = [];
  const due: (() => void)[] = [];
  const socket = (name: string): WebSocket =>
    ({
      send: (frame: Buffer, options: { binary: boolean }, done: () => void) => {
        sent.push(`${name} ${frame.toString('latin1')} ${options.binary ? 'binary' : 'text'}`);
        done();
      },
    }) as unknown as WebSocket;
  return {
    batch: new SendBatch((task) => due.push(task)),
    socket,
    sent,
    flush: () => due.splice(0).forEach((task) => task()),
  };
}

describe('a batch of frames', () => {
  it('sends nothing from within `add`, then everything in its order', () => {
    const { batch, socket, sent, flush } = scene();
    const [a, b] = [socket('a'), socket('b')];
    batch.add(a, Buffer.from('1'), () => sent.push('done 1'));
    batch.add(b, Buffer.from('2'), () => sent.push('done 2'));
    batch.add(a, Buffer.from('3'), () => sent.push('done 3'));
    expect(sent).toEqual([]);
    flush();
    expect(sent).toEqual(['a 1 binary', 'done 1', 'b 2 binary', 'done 2', 'a 3 binary', 'done 3']);
  });

  it('sends at once what fills it, and on demand', () => {
    const { batch, socket, sent } = scene();
    const a = socket('a');
    const add = (name: string): void => batch.add(a, Buffer.from(name), () => undefined);
    for (let n = 1; n <= 8; n++) add(String(n));
    expect(sent).toHaveLength(8);
    add('9');
    expect(sent).toHaveLength(8);
    batch.flush();
    expect(sent.at(-1)).toBe('a 9 binary');
  });
});
