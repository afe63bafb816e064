import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/app/system-clock.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { CallbackClient } from '../../../src/twilio/callback-client.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

async function serve(listener: RequestListener): Promise<URL> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://localhost:${(server.address() as AddressInfo).port}/`);
}

function client(clock: Clock = systemClock): CallbackClient {
  const made = new CallbackClient(clock);
  cleanUps.push(() => made.close());
  return made;
}

describe('CallbackClient', () => {
  it('follows no redirect', async () => {
    let requests = 0;
    const url = await serve((_request, response) => {
      requests += 1;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    expect(await client().post(url, {}, 'a=1')).toEqual({ type: 'answered', status: 307 });
    expect(requests).toBe(1);
  });

  it('gives up after five seconds without an answer', async () => {
    const clock = new FakeClock();
    const arrived = Promise.withResolvers<void>();
    const url = await serve(() => arrived.resolve());
    const result = client(clock).post(url, {}, 'a=1');
    await arrived.promise;
    clock.advance(5000);
    expect(await result).toEqual({ type: 'failed', code: 'TIMEOUT' });
  });

  it('says when nobody listens', async () => {
    expect(await client().post(new URL('http://127.0.0.1:1/'), {}, '')).toEqual({
      type: 'failed',
      code: 'ECONNREFUSED',
    });
  });

  it('connects to no forbidden address that a name has, and to the others it has', async () => {
    const forbidden = { address: '169.254.169.254', family: 4 };
    const url = await serve((_request, response) => response.end());
    url.hostname = 'metadata.merchant.example';
    const ask = (addresses: { address: string; family: number }[]) => {
      const made = new CallbackClient(systemClock, (_name, _options, done) => done(null, addresses));
      cleanUps.push(() => made.close());
      return made.post(url, {}, '');
    };
    expect(await ask([forbidden])).toEqual({ type: 'failed', code: 'ADDRESS_FORBIDDEN' });
    expect(await ask([forbidden, { address: '127.0.0.1', family: 4 }])).toEqual({
      type: 'answered',
      status: 200,
    });
  });

  it.each([
    'http://169.254.169.254/latest/meta-data',
    // The same address in other spellings.
    'http://2852039166/',
    'https://[::ffff:169.254.169.254]/',
    'https://[fe80::1]/',
    'https://[fd00:ec2::254]/',
    'https://100.100.100.200/',
    'http://0.0.0.0/',
  ])('connects not to %s', async (url) => {
    expect(await client().post(new URL(url), {}, '')).toEqual({ type: 'failed', code: 'ADDRESS_FORBIDDEN' });
  });
});
