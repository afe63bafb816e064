import type { WebSocket } from 'ws';
import type { LegSocket, LegSocketHandler } from '../media/leg-socket.ts';
import type { SendBatch } from './send-batch.ts';
import { parseSocketMessage } from './socket-message.ts';

/** A leg's socket over `ws`. */
export class WsLegSocket implements LegSocket {
  readonly #socket: WebSocket;
  readonly #batch: SendBatch;

  constructor(socket: WebSocket, batch: SendBatch) {
    this.#socket = socket;
    this.#batch = batch;
  }

  /** Reports to the handler from now on. */
  listen(handler: LegSocketHandler): void {
    const socket = this.#socket;
    socket.on('message', (message: Buffer, isBinary: boolean) => {
      if (isBinary) handler.binary(message);
      else handler.text(parseSocketMessage(message));
    });
    // Whatever else goes wrong on the wire ends the socket; `close` tells of it.
    socket.on('error', (error: Error & { readonly code?: string }) => {
      if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') handler.tooLong();
    });
    socket.on('pong', () => handler.pong());
    socket.on('close', () => handler.closed());
  }

  send(bytes: Buffer, sent: () => void): void {
    this.#batch.add(this.#socket, bytes, sent);
  }

  close(code: number, reason: string): void {
    this.#batch.flush();
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }
}
