import type { LegSocket } from '../../src/media/leg-socket.ts';

/** A leg's socket in memory. The reader at its other end takes nothing until `read` is called. */
export class FakeSocket implements LegSocket {
  /** Every binary message as it was when it was handed over. */
  readonly messages: Buffer[] = [];
  /** The very buffers that were handed over, to see what becomes of them. */
  readonly buffers: Buffer[] = [];
  closedWith: { readonly code: number; readonly reason: string } | null = null;
  isTerminated = false;
  pings = 0;
  #unread: (() => void)[] = [];

  send(bytes: Buffer, sent: () => void): void {
    this.messages.push(Buffer.from(bytes));
    this.buffers.push(bytes);
    this.#unread.push(sent);
  }

  close(code: number, reason: string): void {
    this.closedWith = { code, reason };
  }

  terminate(): void {
    this.isTerminated = true;
  }

  ping(): void {
    this.pings += 1;
  }

  /** Takes everything, also what is sent while it does. */
  read(): void {
    for (let sent = this.#unread.shift(); sent !== undefined; sent = this.#unread.shift()) sent();
  }

  /** The messages as samples, one array each. */
  get frames(): Int16Array[] {
    return this.messages.map((message) => {
      const samples = new Int16Array(message.length / 2);
      return samples.map((_, index) => message.readInt16LE(index * 2));
    });
  }
}
