import { connect as connectPlain, isIP } from 'node:net';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';

/** Where a connection goes. */
export interface CardDestination {
  readonly host: string;
  readonly port: number;
  readonly isTls: boolean;
  /** Certificate authorities to trust instead of Node's own, PEM. */
  readonly trustedCertificates: string | undefined;
}

/** Node's types forget that TLS connections may read into a block of the caller's too. */
type TlsOptions = ConnectionOptions & Pick<TcpNetConnectOpts, 'onread'>;

const READ_BYTES = 16_384;

/**
 * A connection of its own, plain or TLS 1.2 at least, whose reads leave no copy: they go into one block that is
 * zeroed as soon as the HTTP parser has taken what it wants. By default Node reads into a block that it keeps and
 * reads into again later, and a card number that a provider echoes would stay there.
 */
export function openCardConnection({ host, port, isTls, trustedCertificates }: CardDestination): Socket {
  const onread = {
    buffer: new Uint8Array(new ArrayBuffer(READ_BYTES)),
    callback(size: number, block: Uint8Array): boolean {
      // The parser listens for this event; reads into a block of our own do not raise it by themselves.
      socket.emit('data', Buffer.from(block.buffer, block.byteOffset, size));
      block.fill(0);
      return true;
    },
  };
  const socket: Socket = isTls
    ? connectTls({
        host,
        port,
        onread,
        servername: isIP(host) === 0 ? host : '',
        ca: trustedCertificates,
        minVersion: 'TLSv1.2',
        // Stated, because an environment variable can turn the default off.
        rejectUnauthorized: true,
      } as TlsOptions)
    : connectPlain({ host, port, onread });
  return socket;
}

/** The event after which bytes leave at once. */
export function connectedEventOf({ isTls }: CardDestination): 'secureConnect' | 'connect' {
  return isTls ? 'secureConnect' : 'connect';
}

/** 64 KiB of arguments; Node decrypts into 16 KiB on the stack. */
const STACK_WORDS: readonly number[] = Array.from({ length: 8192 }, () => 0);

/**
 * Overwrites the stack below the event loop, where Node leaves the last reply that it decrypted. The arguments of a
 * call lie there one beside the other; to be called from a callback that the event loop runs itself.
 */
export function overwriteStack(): void {
  Math.max(...STACK_WORDS);
}
