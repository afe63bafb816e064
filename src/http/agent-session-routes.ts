import { Type } from 'typebox';
import { AppError } from '../core/errors.ts';
import { apiKeyNameOf } from './auth.ts';
import { problemResponses } from './problem.ts';
import { AgentSession, CallId } from './schemas.ts';
import type { Api, ServerDeps } from './server-deps.ts';

type Deps = Pick<ServerDeps, 'calls' | 'agentTokens' | 'publicUrl'>;

/**
 * A session lets an agent's browser open payments on one call, and no more: it gets no API key, sees no other call
 * and cannot end this one. A session renews itself while the call goes on.
 */
export function addAgentSessionRoutes(api: Api, { calls, agentTokens, publicUrl }: Deps): void {
  api.post(
    '/calls/:id/agent-session',
    {
      config: { access: 'call' },
      schema: {
        tags: ['calls'],
        security: [{ apiKey: [] }, { agentToken: [] }],
        operationId: 'openAgentSession',
        summary: "A token with which an agent's browser takes payments on this call",
        params: Type.Object({ id: CallId }),
        response: { 200: AgentSession, ...problemResponses('CALL_NOT_FOUND', 'CALL_ENDED') },
      },
    },
    async (request) => {
      const { id, state } = calls.get(request.params.id);
      if (state === 'ended') throw new AppError('CALL_ENDED');
      const scope = { kind: 'agent-session', callId: id, apiKeyName: apiKeyNameOf(request) } as const;
      const { token, expiresAt } = await agentTokens.issue(scope);
      return {
        agentToken: token,
        agentTokenExpiresAt: expiresAt,
        workspaceUrl: `${publicUrl()}/workspace#call=${id}&token=${token}`,
      };
    },
  );
}
