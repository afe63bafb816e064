import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { DOCS_CONTENT_SECURITY_POLICY } from './security-headers.ts';

const DESCRIPTION = [
  'Takes card payments during phone calls: the caller keys, the agent hears a flat tone and sees asterisks, only the',
  'payment provider gets the digits. No answer, event or error ever holds a digit beyond brand and last four.',
].join(' ');

/** Collects the routes that are added after it into an OpenAPI 3.1 document. */
export async function collectApiDocument(server: FastifyInstance, version: string): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'tonewall',
        version,
        description: DESCRIPTION,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/', description: 'This server.' }],
      tags: [
        { name: 'calls', description: 'Calls and their legs.' },
        { name: 'payments', description: 'Payments on calls.' },
        { name: 'profiles', description: 'Ways of taking a payment.' },
      ],
      components: {
        securitySchemes: {
          apiKey: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key. For back ends; never give one to a browser.',
          },
          agentToken: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description:
              'The `agentToken` of a payment, or of an agent session for the payments of one call.',
          },
        },
      },
      security: [{ apiKey: [] }],
    },
    // Schemas keep the names that the code gives them.
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) =>
        typeof $id === 'string' ? $id : `schema-${index}`,
    },
  });
}

/** Serves the document at `/v1/openapi.json` and a page for reading and trying it at `/docs`. */
export async function serveApiDocument(server: FastifyInstance): Promise<void> {
  let document: Buffer | null = null;
  server.get('/v1/openapi.json', { schema: { hide: true } }, async (_request, reply) => {
    document ??= Buffer.from(JSON.stringify(server.swagger()));
    return reply.header('content-type', 'application/json; charset=utf-8').send(document);
  });
  await server.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: DOCS_CONTENT_SECURITY_POLICY,
    // The layout without the maker's bar.
    uiConfig: { layout: 'BaseLayout' },
    theme: { title: 'tonewall API' },
  });
}
