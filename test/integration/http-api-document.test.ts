import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../../src/core/errors.ts';
import { makeHttpEdge } from '../support/http-edge.ts';
import type { HttpEdge } from '../support/http-edge.ts';

/** Goal: the OpenAPI document is valid and says everything. Method: an independent validator, and the routes. */
interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly object[];
  readonly security?: readonly Record<string, unknown>[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, object> }
  >;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
}

let edge: HttpEdge;
let document: Document;
let operations: Operation[];
beforeAll(async () => {
  edge = await makeHttpEdge();
  document = (await edge.server.inject({ method: 'GET', url: '/v1/openapi.json' })).json<Document>();
  operations = Object.values(document.paths).flatMap((path) => Object.values(path));
});
afterAll(() => edge.server.close());

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(document as unknown as Record<string, unknown>);
    expect(result).toMatchObject({ valid: true });
    expect(document.openapi).toBe('3.1.0');
    expect(document.info.version).toBe('0.1.0');
  });

  it('has every route of the API', () => {
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual([
      'DELETE /v1/calls/{id}',
      'GET /v1/calls/{id}',
      'GET /v1/payments',
      'GET /v1/payments/{id}',
      'GET /v1/payments/{id}/deliveries',
      'GET /v1/payments/{id}/events',
      'GET /v1/phone-calls',
      'GET /v1/phone-calls/{id}',
      'GET /v1/profiles',
      'POST /v1/calls',
      'POST /v1/calls/{id}/agent-session',
      'POST /v1/calls/{id}/legs/{leg}/renew',
      'POST /v1/payments',
      'POST /v1/payments/{id}/agent-token',
      'POST /v1/payments/{id}/cancel',
      'POST /v1/payments/{id}/capture',
      'POST /v1/payments/{id}/deliveries/redeliver',
      'POST /v1/payments/{id}/more-time',
      'POST /v1/payments/{id}/process',
      'POST /v1/phone-calls',
      'POST /v1/phone-calls/{id}/transfer',
    ]);
  });

  it('names and describes each operation, with a schema for what it answers', () => {
    expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(operations.length);
    for (const { summary, responses } of operations) {
      expect(summary).toMatch(/^[A-Z]/);
      const [success] = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      expect(success?.[1].description).toMatch(/^(?!Default)[A-Z].*\.$/);
      expect(success?.[1].content !== undefined || success?.[0] === '204').toBe(true);
    }
  });

  it('documents errors as problem documents, by code', () => {
    const documented = new Set<string>();
    for (const { responses } of operations) {
      for (const status of ['400', '401', '403', '429', '500']) expect(responses).toHaveProperty(status);
      for (const [status, { description, content }] of Object.entries(responses)) {
        if (status.startsWith('2')) continue;
        expect(content).toEqual({
          'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
        });
        for (const [, code = ''] of description.matchAll(/`([A-Z_]+)`/g)) {
          documented.add(code);
          expect(String(ERRORS[code as keyof typeof ERRORS].status)).toBe(status);
        }
      }
    }
    // What answers before a route is found is no part of a route.
    const beforeRouting = [
      'HTTP_INVALID',
      'ROUTE_NOT_FOUND',
      'REQUEST_TIMEOUT',
      'URI_TOO_LONG',
      'HEADERS_TOO_LARGE',
    ];
    // What the call platform gets, and what callers inside the program get.
    const elsewhere = ['WEBHOOK_REFUSED', 'WEBHOOK_UNSIGNED', 'SMS_NOT_SENT'];
    expect([...documented, ...beforeRouting, ...elsewhere].sort()).toEqual(Object.keys(ERRORS).sort());
  });

  it('says which credential each operation takes', () => {
    const withToken = operations
      .filter((operation) => operation.security?.some((entry) => 'agentToken' in entry))
      .map((operation) => operation.operationId);
    expect(withToken.sort()).toEqual([
      'cancelPayment',
      'captureField',
      'getCall',
      'getPayment',
      'giveMoreTime',
      'listPayments',
      'listProfiles',
      'openAgentSession',
      'openPayment',
      'processPayment',
      'renewAgentToken',
      'streamEvents',
    ]);
  });

  it('offers an Idempotency-Key on every POST, and says how one is refused', () => {
    const posts = Object.values(document.paths).flatMap(({ post }) => post ?? []);
    expect(posts.length).toBeGreaterThan(6);
    for (const { parameters, responses } of posts) {
      expect(parameters).toContainEqual(
        expect.objectContaining({ in: 'header', name: 'idempotency-key', required: false }),
      );
      expect(responses['422']?.description).toContain('`IDEMPOTENCY_CONFLICT`');
    }
  });

  it('has examples for what clients send', () => {
    const bodies = operations.flatMap(({ requestBody }) => requestBody ?? []);
    expect(bodies).toHaveLength(5);
    for (const body of bodies) expect(JSON.stringify(body)).toMatch(/"examples?":/);
    expect(document.components.schemas).toHaveProperty('Problem');
    expect(document.components.schemas).toHaveProperty('Payment');
  });
});

describe('/docs', () => {
  it('serves the page and its script from this server, under a policy that allows nothing else', async () => {
    const page = await edge.server.inject({ method: 'GET', url: '/docs' });
    expect(page.statusCode).toBe(200);
    expect(page.body).toContain('swagger-ui');
    expect(page.body).not.toMatch(/(?:src|href)="https?:/);
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
    const scripts = [...page.body.matchAll(/<script src="\.?\/?([^"]+)"/g)].map(([, source = '']) => source);
    expect(scripts.length).toBeGreaterThan(1);
    for (const source of scripts) {
      const url = source.startsWith('docs') ? `/${source}` : `/docs/${source}`;
      expect((await edge.server.inject({ method: 'GET', url })).statusCode).toBe(200);
    }
    expect(page.body).not.toMatch(/<script>/);
  });
});
