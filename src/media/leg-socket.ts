import type { LegMessage } from './leg-message.ts';

/** One media socket as a leg uses it. No method throws, also after the socket is gone. */
export interface LegSocket {
  /**
   * Sends one binary message. `bytes` belongs to the socket until it calls `sent`, which it does once per message
   * and in the order of the messages, also when the message could not be sent; never from within `send`.
   */
  send(bytes: Buffer, sent: () => void): void;
  /** Starts the closing handshake; the handler's `closed` follows. */
  close(code: number, reason: string): void;
  /** Drops the connection without a handshake; the handler's `closed` follows. */
  terminate(): void;
  ping(): void;
}

/** What a socket reports to its leg. No method throws. */
export interface LegSocketHandler {
  /** One binary message. The handler zeroes it before it returns. */
  binary(message: Buffer): void;
  text(message: LegMessage): void;
  pong(): void;
  /** A message was longer than any may be; the socket is closing with code 1009. */
  tooLong(): void;
  /** The socket is gone; nothing follows. */
  closed(): void;
}
