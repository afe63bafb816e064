import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { speechPath } from '../simulator/spoken-lines.ts';
import { PHONE_PAGES, servePages } from '../ui/pages.ts';

/** How long the workspace's question for a call stays open before it asks again. */
const WAIT_MS = 20_000;

export interface DemoRoutesDeps {
  /** Base of the REST API; known once the server listens. */
  readonly url: () => string;
  readonly apiKey: string;
}

/**
 * What stands in for a call platform in the demo: the caller's phone makes calls, and each is given to the agent's
 * workspace with what a contact centre's back end would give it. Both use the REST API as a stranger would.
 */
export function addDemoRoutes(scope: FastifyInstance, { url, apiKey }: DemoRoutesDeps): void {
  servePages(scope, PHONE_PAGES);
  let newestId: string | null = null;
  let waiting: (() => void)[] = [];
  scope.addHook('preClose', async () => waiting.splice(0).forEach((wake) => wake()));
  const ask = (method: string, path: string, body?: object) =>
    request(`${url()}${path}`, method, apiKey, body);

  scope.post('/demo/calls', { schema: { hide: true } }, async () => {
    const call = await ask('POST', '/v1/calls', { topology: 'two-leg', sampleRate: 16_000 });
    const { caller } = call['legs'] as { readonly caller: { readonly uri: string } };
    newestId = call['id'] as string;
    for (const wake of waiting.splice(0)) wake();
    return { callId: newestId, callerUri: caller.uri };
  });

  scope.post<{ Querystring: { after?: string } }>(
    '/demo/agent',
    { schema: { hide: true } },
    async (req, reply) => {
      if (newestId === null || newestId === req.query.after) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, WAIT_MS);
          timer.unref();
          waiting.push(() => {
            clearTimeout(timer);
            resolve();
          });
        });
      }
      if (newestId === null || newestId === req.query.after) return reply.code(204).send();
      const state = await ask('GET', `/v1/calls/${newestId}`);
      if (state['state'] === 'ended') {
        newestId = null;
        return reply.code(204).send();
      }
      const session = await ask('POST', `/v1/calls/${newestId}/agent-session`);
      const leg = await ask('POST', `/v1/calls/${newestId}/legs/agent/renew`);
      return { callId: newestId, token: session['agentToken'], agentUri: leg['uri'] };
    },
  );

  const speech = readFileSync(speechPath('caller-talking'));
  scope.get('/demo/speech', { schema: { hide: true } }, (_request, reply) =>
    reply.type('audio/wav').send(speech),
  );
}

async function request(
  address: string,
  method: string,
  apiKey: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(address, {
    method,
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`the demo's own request answered ${response.status}`);
  return (await response.json()) as Record<string, unknown>;
}
