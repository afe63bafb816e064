import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

/**
 * Node's HTTP servers read every socket of the process into one block of 64 KiB, which keeps what was read last; the
 * bodies that we get are copies of it.
 */
const BLOCK_BYTES = 65_536;
/** The longest header that the server takes, and the longest form: a card stands within as many bytes. */
const CARD_BYTES_MAX = 16_384;
/** One read takes what has arrived, which may be too little on a busy machine. */
const TRIES_MAX = 10;

/**
 * Overwrites the block into which a card was read, by having an HTTP server of this process, on the loopback interface,
 * read something longer into it.
 */
export class ReadBlock {
  #server: Promise<Server> | null = null;
  #longestRead = 0;

  /** Resolves when the block holds nothing of what was read before. Rejects when this machine has no loopback. */
  async overwrite(): Promise<void> {
    this.#server ??= this.#listen();
    const { port } = (await this.#server).address() as AddressInfo;
    this.#longestRead = 0;
    for (let tries = 0; tries < TRIES_MAX && this.#longestRead < CARD_BYTES_MAX; tries += 1) {
      await sendSpaces(port);
    }
  }

  async close(): Promise<void> {
    const server = await this.#server;
    server?.closeAllConnections();
    server?.close();
  }

  #listen(): Promise<Server> {
    const server = createServer((request, response) => {
      request.on('data', ({ byteLength }: Uint8Array) => {
        this.#longestRead = Math.max(this.#longestRead, byteLength);
      });
      request.on('end', () => response.end());
    });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(server));
      server.unref();
    });
  }
}

function sendSpaces(port: number): Promise<void> {
  const head = `POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: ${BLOCK_BYTES}\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head + ' '.repeat(BLOCK_BYTES)));
    socket.resume();
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
}
