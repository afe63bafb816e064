import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import type { FastifyInstance } from 'fastify';

const PUBLIC = new URL('./public/', import.meta.url);

interface Page {
  readonly path: string;
  readonly file: string;
  readonly type: string;
}

const HTML = 'text/html; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';

/** The agent's screen. */
export const WORKSPACE_PAGES: readonly Page[] = [
  { path: '/workspace', file: 'workspace.html', type: HTML },
  { path: '/assets/workspace.js', file: 'workspace.ts', type: SCRIPT },
  { path: '/assets/icon.svg', file: 'icon.svg', type: 'image/svg+xml' },
  { path: '/assets/style.css', file: 'style.css', type: 'text/css; charset=utf-8' },
];

/** The demo's caller; never served in production. */
export const PHONE_PAGES: readonly Page[] = [
  { path: '/phone', file: 'phone.html', type: HTML },
  { path: '/assets/phone.js', file: 'phone.ts', type: SCRIPT },
];

/** Serves pages from memory; browser code is TypeScript, and its types are stripped once at start. */
export function servePages(server: FastifyInstance, pages: readonly Page[]): void {
  for (const { path, file, type } of pages) {
    const text = readFileSync(new URL(file, PUBLIC), 'utf8');
    const body = file.endsWith('.ts') ? stripTypeScriptTypes(text) : text;
    server.get(path, { schema: { hide: true } }, (_request, reply) =>
      reply.type(type).header('cache-control', 'no-store').send(body),
    );
  }
}
