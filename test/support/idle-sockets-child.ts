import { connect } from 'node:net';

/**
 * Opens many connections to a port and says nothing on them, or, with a pace, one byte of a header at a time. Tells its
 * parent when all are open, and when the other side has closed the last of them.
 */
const [port = 0, count = 0, byteEveryMs = 0] = process.argv.slice(2).map(Number);
const HEAD = `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ${'a'.repeat(5000)}`;

let opened = 0;
let closed = 0;
for (let n = 0; n < count; n++) {
  const socket = connect(port, '127.0.0.1');
  let at = 0;
  const timer = byteEveryMs > 0 ? setInterval(() => socket.write(HEAD[at++] ?? 'a'), byteEveryMs) : undefined;
  socket.on('connect', () => {
    opened += 1;
    if (opened === count) process.send?.('opened');
  });
  socket.on('error', () => undefined);
  socket.on('data', () => undefined);
  socket.on('close', () => {
    clearInterval(timer);
    closed += 1;
    if (closed === count) process.send?.('closed');
  });
}
process.on('disconnect', () => process.exit());
