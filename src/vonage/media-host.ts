import type { Duplex } from 'node:stream';
import { assert } from '../core/assert.ts';
import type { LegName } from '../core/leg.ts';
import { CallBridge } from '../media/call-bridge.ts';
import type { CallBridgeDependencies } from '../media/call-bridge.ts';
import type { MakeBridge, MediaBridge } from '../media/media-bridge.ts';
import { WsAcceptor } from './ws-acceptor.ts';
import type { UpgradeRequest } from './ws-acceptor.ts';

/** Where the media of calls is: it makes their bridges, and takes the sockets that were let in. */
export interface MediaHost {
  readonly makeBridge: MakeBridge;
  /** `bridge` is one that this host made. */
  accept(bridge: MediaBridge, leg: LegName, request: UpgradeRequest, socket: Duplex, head: Buffer): void;
}

/** Media in this very process. */
export class LocalMedia implements MediaHost {
  readonly #dependencies: CallBridgeDependencies;
  readonly #acceptor: WsAcceptor;

  constructor(dependencies: CallBridgeDependencies) {
    this.#dependencies = dependencies;
    this.#acceptor = new WsAcceptor(dependencies.logger);
  }

  makeBridge: MakeBridge = (settings, observer) => new CallBridge(settings, this.#dependencies, observer);

  accept: MediaHost['accept'] = (bridge, leg, request, socket, head) => {
    assert(bridge instanceof CallBridge, 'a bridge of this host');
    this.#acceptor.accept(bridge, leg, request, socket, head);
  };
}
