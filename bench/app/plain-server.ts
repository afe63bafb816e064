import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The peer of the API bench: plain `node:http`. It parses the JSON that is posted, answers 201 with an object of the
 * same size, and sends each message of `/publish` to every stream of `/events`.
 */
const ANSWER = JSON.stringify({ id: 'pay_'.padEnd(30, 'x'), state: 'connecting', more: 'y'.repeat(900) });
const streams = new Set<ServerResponse>();

const server = createServer((request, response) => {
  if (request.url === '/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    streams.add(response);
    request.on('close', () => streams.delete(response));
    return;
  }
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    JSON.parse(body === '' ? '{}' : body);
    for (const stream of streams) stream.write(`event: field-progress\ndata: ${'z'.repeat(120)}\n\n`);
    response.writeHead(201, { 'content-type': 'application/json' }).end(ANSWER);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
process.on('disconnect', () => process.exit(0));
