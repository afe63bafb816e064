import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHONE_PAGES, servePages, WORKSPACE_PAGES } from '../../src/ui/pages.ts';
import { makeHttpEdge } from '../support/http-edge.ts';

/** Goal: a browser finds everything that a page needs, here and nowhere else. Method: follow every reference. */
const REFERENCE = /(?:\bfrom\s*|\bimport\s*|\bsrc=|\bhref=|new URL\(\s*)["']([^"'\s]+)["']/g;

let server: FastifyInstance;
beforeAll(async () => {
  server = fastify();
  servePages(server, WORKSPACE_PAGES);
  servePages(server, PHONE_PAGES);
  await server.ready();
});
afterAll(() => server.close());

/** Everything that is reached from a page, and what is missing. */
async function follow(start: string): Promise<{ readonly found: Set<string>; readonly missing: string[] }> {
  const found = new Set<string>();
  const missing: string[] = [];
  const waiting = [start];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    const answer = await server.inject({ method: 'GET', url: path });
    if (answer.statusCode !== 200) missing.push(path);
    if (!/html|javascript/.test(String(answer.headers['content-type']))) continue;
    for (const [, reference = ''] of answer.body.matchAll(REFERENCE)) {
      const isPath = reference.startsWith('/') || reference.startsWith('.');
      if (!isPath) missing.push(`${path} → ${reference}`);
      else waiting.push(new URL(reference, `http://server${path}`).pathname);
    }
  }
  return { found, missing };
}

describe('the pages', () => {
  it.each([
    ['/workspace', '/assets/vendor/lit-html/lit-html.js', 30],
    ['/phone', '/assets/media/leg-worker.js', 8],
  ])('need nothing that is not served here: %s', async (page, part, count) => {
    const { found, missing } = await follow(page);
    expect(missing).toEqual([]);
    expect([...found]).toContain(part);
    expect(found.size).toBeGreaterThan(count);
  });

  it('are JavaScript without types', async () => {
    const answer = await server.inject({ url: '/assets/secure-payments/secure-payments.js' });
    expect(answer.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(answer.body).not.toMatch(/\bimport type\b|: Promise<|\.ts['"]/);
  });

  it('let other sites load the panel, and no page be framed', async () => {
    const edge = await makeHttpEdge([async (scope) => servePages(scope, WORKSPACE_PAGES)]);
    const asset = await edge.server.inject({ url: '/assets/secure-payments/secure-payments.js' });
    expect(asset.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    });
    const page = await edge.server.inject({ url: '/workspace' });
    expect(page.headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(page.headers['access-control-allow-origin']).toBeUndefined();
    expect(page.headers['permissions-policy']).toContain('microphone=()');
    expect((await edge.server.inject({ url: '/phone' })).statusCode).toBe(404);
    await edge.server.close();
  });

  it('let the phone of the demo, and it alone, ask for the microphone', async () => {
    const edge = await makeHttpEdge([async (scope) => servePages(scope, PHONE_PAGES)]);
    const page = await edge.server.inject({ url: '/phone' });
    expect(page.headers['permissions-policy']).toContain('microphone=(self)');
    await edge.server.close();
  });
});
