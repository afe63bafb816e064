import { connect } from 'node:net';

/**
 * Opens many connections to a port and says nothing on them, or, with a pace, one byte of a header at a time. Tells its
 * parent when all are open, and when the other side has closed the last of them.
 */
const [port = 0, count = 0, byteEveryMs = 0] = process.argv.slice(2).map(Number);
const HEAD = `GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ${'a'.repeat(5000)}`;

/** At the same time, so that the queue of the listening socket does not run over. */
const DIALS = 100;

let begun = 0;
let dialled = 0;
let closed = 0;

function dial(): void {
  if (begun === count) return;
  begun += 1;
  const socket = connect(port, '127.0.0.1');
  let at = 0;
  const timer = byteEveryMs > 0 ? setInterval(() => socket.write(HEAD[at++] ?? 'a'), byteEveryMs) : undefined;
  let isDialling = true;
  const settled = (): void => {
    if (!isDialling) return;
    isDialling = false;
    dialled += 1;
    if (dialled === count) process.send?.('opened');
    dial();
  };
  socket.on('connect', settled);
  socket.on('error', () => undefined);
  socket.on('data', () => undefined);
  socket.on('close', () => {
    settled();
    clearInterval(timer);
    closed += 1;
    if (closed === count) process.send?.('closed');
  });
}

for (let n = 0; n < DIALS; n++) dial();
process.on('disconnect', () => process.exit());
