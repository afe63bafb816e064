import type { FastifyInstance } from 'fastify';
import { browserModules, vendorModules } from './browser-modules.ts';
import { readPublic } from './public-files.ts';
import type { PublicFile } from './public-files.ts';

/** Pages that a browser opens; everything that they load lies under `/assets`. */
interface Page {
  readonly path: string;
  readonly file: string;
  /** What the page may use beside what every page may (Permissions Policy). */
  readonly permissions?: string;
}

interface PageSet {
  readonly pages: readonly Page[];
  readonly assets: readonly string[];
  /** Folders of browser code. */
  readonly code: readonly string[];
  readonly hasVendorCode: boolean;
}

/** The agent's screen, and the panel that other screens embed. */
export const WORKSPACE_PAGES: PageSet = {
  pages: [{ path: '/workspace', file: 'workspace/workspace.html' }],
  assets: ['icon.svg', 'shared/page.css', 'workspace/workspace.css'],
  code: ['secure-payments', 'workspace', 'media', 'shared'],
  hasVendorCode: true,
};

/** The demo's caller; never served in production. */
export const PHONE_PAGES: PageSet = {
  pages: [
    {
      path: '/phone',
      file: 'phone/phone.html',
      permissions: 'camera=(), geolocation=(), microphone=(self), payment=(), usb=()',
    },
  ],
  assets: ['phone/phone.css'],
  code: ['phone'],
  hasVendorCode: false,
};

/** Serves pages from memory; browser code is TypeScript, and its types are stripped once at start. */
export function servePages(server: FastifyInstance, set: PageSet): void {
  for (const { path, file, permissions } of set.pages) {
    const { type, body } = readPublic(file);
    server.get(path, { schema: { hide: true } }, (_request, reply) => {
      if (permissions !== undefined) void reply.header('permissions-policy', permissions);
      return reply.type(type).header('cache-control', 'no-store').send(body);
    });
  }
  const code = set.code.flatMap((folder) => browserModules(folder));
  const vendor = set.hasVendorCode ? vendorModules() : [];
  for (const asset of [...set.assets.map(readPublic), ...code, ...vendor]) serveAsset(server, asset);
}

/** Assets hold nothing secret, and pages of other sites load the panel: any origin may read them. */
function serveAsset(server: FastifyInstance, { path, type, body }: PublicFile): void {
  server.get(`/assets/${path}`, { schema: { hide: true } }, (_request, reply) =>
    reply
      .type(type)
      .header('cache-control', 'no-store')
      .header('access-control-allow-origin', '*')
      .header('cross-origin-resource-policy', 'cross-origin')
      .send(body),
  );
}
