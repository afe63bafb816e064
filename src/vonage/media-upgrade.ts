import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../core/clock.ts';
import type { Counter, Meter } from '../core/meter.ts';
import type { MediaBridge } from '../media/media-bridge.ts';
import type { LegTokens } from './leg-token.ts';
import type { MediaHost } from './media-host.ts';

const MEDIA_PATH = '/media/';

/** How long a refused connection may take to read its answer and go. */
const REFUSED_MS = 1000;

export interface MediaUpgradeDependencies {
  readonly tokens: LegTokens;
  /** The bridge of a call that is open. */
  readonly bridgeOf: (callId: string) => MediaBridge | null;
  readonly host: MediaHost;
  /** Of calls that the platform carries for us; without one, the leg token is all that a socket needs. */
  readonly platform?: PlatformSignature;
  readonly clock: Clock;
  readonly meter: Meter;
}

/** The platform signs the handshakes of the sockets that it was told to open. */
export interface PlatformSignature {
  /** Whether the call's sockets come from the platform. */
  isNeeded(callId: string): boolean;
  /** Never rejects. */
  isValid(authorization: string | undefined): Promise<boolean>;
}

/** Turns HTTP upgrades of `/media/{token}` into legs. Whoever has no valid token gets no WebSocket at all. */
export class MediaUpgrade {
  readonly #dependencies: MediaUpgradeDependencies;
  readonly #authFailures: Counter;

  constructor(dependencies: MediaUpgradeDependencies) {
    this.#dependencies = dependencies;
    this.#authFailures = dependencies.meter.counter('auth_failures_total', { kind: 'leg-token' });
  }

  /** Answers every upgrade of the server from now on; those for other paths get 404. */
  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without a listener, a connection that is reset here would end the process.
    socket.on('error', () => undefined);
    const path = request.url ?? '';
    if (!path.startsWith(MEDIA_PATH)) return this.#refuse(socket, '404 Not Found');
    const redeemed = this.#dependencies.tokens.redeem(path.slice(MEDIA_PATH.length));
    const bridge = typeof redeemed === 'string' ? null : this.#dependencies.bridgeOf(redeemed.callId);
    if (typeof redeemed === 'string' || bridge === null) {
      this.#authFailures.add(1);
      return this.#refuse(socket, '401 Unauthorized');
    }
    const accept = (): void => this.#dependencies.host.accept(bridge, redeemed.leg, request, socket, head);
    const { platform } = this.#dependencies;
    if (platform?.isNeeded(redeemed.callId) !== true) return accept();
    void platform.isValid(request.headers.authorization).then((isValid) => {
      if (isValid) return accept();
      this.#authFailures.add(1);
      return this.#refuse(socket, '401 Unauthorized');
    });
  }

  #refuse(socket: Duplex, status: string): void {
    const cancel = this.#dependencies.clock.after(REFUSED_MS, () => socket.destroy());
    socket.once('close', cancel);
    socket.once('finish', () => socket.destroy());
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
}
