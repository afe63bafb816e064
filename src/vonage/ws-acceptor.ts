import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ServerOptions, WebSocket } from 'ws';
import type { LegName } from '../core/leg.ts';
import { describeError } from '../core/log.ts';
import type { Logger } from '../core/log.ts';
import type { CallBridge } from '../media/call-bridge.ts';
import { SendBatch } from './send-batch.ts';
import { WsLegSocket } from './ws-leg-socket.ts';

/** The installed types do not know every option of the installed `ws`. */
type WebSocketServerOptions = ServerOptions & {
  readonly maxPendingAutoPongs: number;
  readonly closeTimeout: number;
};

const SOCKET_OPTIONS: WebSocketServerOptions = {
  noServer: true,
  clientTracking: false,
  // Vonage negotiates no extension.
  perMessageDeflate: false,
  // A third of a second at 24 kHz, more at lower rates: what may be sent at once after a gap comes as frames.
  maxPayload: 16_384,
  // A frame comes in one piece; thousands of pieces of one byte would pin their buffers.
  maxFragments: 4,
  // A frame of 640 bytes that arrives four bytes at a time still passes.
  maxBufferedChunks: 1024,
  // A peer that only sends pings does not make us queue answers.
  maxPendingAutoPongs: 4,
  closeTimeout: 3000,
};

/** What is needed of a request to answer its upgrade; one that came through another process has no more. */
export type UpgradeRequest = Pick<IncomingMessage, 'method' | 'url' | 'headers'>;

/** Ends the WebSocket handshake of a request that has been let in, and makes the socket a leg. */
export class WsAcceptor {
  readonly #logger: Logger;
  readonly #batch = new SendBatch(setImmediate);
  readonly #sockets = new WebSocketServer(SOCKET_OPTIONS);

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  accept(bridge: CallBridge, leg: LegName, request: UpgradeRequest, socket: Duplex, head: Buffer): void {
    this.#sockets.handleUpgrade(request as IncomingMessage, socket, head, (webSocket) =>
      this.#connect(webSocket, bridge, leg),
    );
  }

  #connect(webSocket: WebSocket, bridge: CallBridge, leg: LegName): void {
    // What goes wrong on the wire ends this socket only; `close` follows.
    webSocket.on('error', () => undefined);
    const socket = new WsLegSocket(webSocket, this.#batch);
    try {
      socket.listen(bridge.connect(leg, socket));
    } catch (error) {
      this.#logger.error('leg not connected', { ...describeError(error), leg });
      webSocket.terminate();
    }
  }
}
