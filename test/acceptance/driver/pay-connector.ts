import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A Generic Pay Connector as a merchant would run it: keeps what it was sent and approves. */
export class PayConnector {
  readonly requests: { readonly authorization: string; readonly body: Record<string, unknown> }[] = [];
  readonly url: string;
  #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pay`;
  }

  static open(): Promise<PayConnector> {
    return new Promise((resolve) => {
      const server = createServer((request, response) => {
        let text = '';
        request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
        request.on('end', () => {
          connector.requests.push({
            authorization: request.headers.authorization ?? '',
            body: JSON.parse(text) as Record<string, unknown>,
          });
          response.setHeader('content-type', 'application/json');
          response.end(
            JSON.stringify({
              charge_id: `ch_${connector.requests.length}`,
              error_code: null,
              error_message: null,
            }),
          );
        });
      });
      let connector: PayConnector;
      server.listen(0, '127.0.0.1', () => resolve((connector = new PayConnector(server))));
    });
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
