import { Type } from 'typebox';
import { problemResponses } from './problem.ts';
import { ProfileView } from './schemas.ts';
import type { Api, ServerDeps } from './server-deps.ts';

/** The payment profiles, without anything secret of their providers. */
export function addProfileRoutes(api: Api, { profiles }: Pick<ServerDeps, 'profiles'>): void {
  const views = profiles.map((profile) => ({
    ...profile,
    fields: [...profile.fields],
    brands: [...profile.brands],
    provider: { kind: profile.provider.kind },
  }));
  api.get(
    '/profiles',
    {
      config: { access: 'session' },
      schema: {
        tags: ['profiles'],
        security: [{ apiKey: [] }, { agentToken: [] }],
        operationId: 'listProfiles',
        summary: 'The payment profiles, without provider secrets',
        response: {
          200: Type.Object(
            { profiles: Type.Array(ProfileView) },
            { description: 'In the order of the file.' },
          ),
          ...problemResponses(),
        },
      },
    },
    async () => ({ profiles: views }),
  );
}
