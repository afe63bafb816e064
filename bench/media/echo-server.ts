import { WebSocketServer } from 'ws';
import type { AddressInfo } from 'node:net';
import { reportOnRequest } from './server-report.ts';

/** The peer: a plain `ws` server that sends every binary message back. */
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (data, isBinary) => {
    if (isBinary) socket.send(data);
  });
});
server.on('listening', () => {
  const { port } = server.address() as AddressInfo;
  const calls = Number(process.argv[2]);
  reportOnRequest(Array.from({ length: calls }, () => `ws://127.0.0.1:${port}/`));
});
