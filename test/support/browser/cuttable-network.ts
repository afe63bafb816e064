import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/** A network in front of a server, on an address of its own, that can be cut and mended. */
export class CuttableNetwork {
  readonly url: string;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #state: { isCut: boolean };

  private constructor(url: string, server: Server, sockets: Set<Socket>, state: { isCut: boolean }) {
    this.url = url;
    this.#server = server;
    this.#sockets = sockets;
    this.#state = state;
  }

  static before(target: string): Promise<CuttableNetwork> {
    const { hostname, port } = new URL(target);
    const sockets = new Set<Socket>();
    const state = { isCut: false };
    const server = createServer((near) => {
      if (state.isCut) return near.destroy();
      const far = connect(Number(port), hostname);
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        sockets.add(socket);
        socket.on('error', () => other.destroy());
        socket.on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
        socket.pipe(other);
      }
      return undefined;
    });
    return new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => {
        const address = server.address() as { readonly port: number };
        resolve(new CuttableNetwork(`http://127.0.0.1:${address.port}`, server, sockets, state));
      }),
    );
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.#state.isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#state.isCut = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
