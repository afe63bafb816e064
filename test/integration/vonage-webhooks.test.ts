import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PhoneScene } from '../support/phone-scene.ts';

let scene: PhoneScene;

beforeAll(async () => {
  scene = await PhoneScene.start({ topology: 'A', join: 'always' });
});

afterAll(async () => scene.stop());

async function post(kind: string, body: string, authorization: string | null): Promise<Response> {
  return fetch(`${scene.app.app.url}/webhooks/vonage/${kind}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(authorization === null ? {} : { authorization }),
    },
    body,
  });
}

async function postSigned(kind: string, body: string): Promise<Response> {
  return post(kind, body, `Bearer ${await scene.platform.webhooks.token(body)}`);
}

async function openCalls(): Promise<number> {
  const { body } = await scene.app.call('GET', '/v1/phone-calls');
  return (body['phoneCalls'] as unknown[]).length;
}

const KINDS = ['answer', 'event', 'fallback', 'message-status'];
const ANSWER = JSON.stringify({
  to: '447700900000',
  from: '447700900005',
  uuid: 'aaaaaaaa-0000-0000-0000-00000000000a',
});

describe('webhooks of the platform', () => {
  it.each(KINDS)('ask for a signed repeat of an unsigned %s', async (kind) => {
    const response = await post(kind, ANSWER, null);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ code: 'WEBHOOK_UNSIGNED' });
  });

  it.each(KINDS)('refuse a %s whose signature is of another body', async (kind) => {
    const response = await post(kind, ANSWER, `Bearer ${await scene.platform.webhooks.token('{}')}`);
    expect(response.status).toBe(401);
    expect(await response.text()).not.toContain('447700900005');
  });

  it('change nothing when they are refused', async () => {
    expect(await openCalls()).toBe(0);
  });

  it('refuse a token that was used before', async () => {
    const body = '{"message_uuid":"aaaaaaaa-0000-0000-0000-00000000000b","status":"delivered"}';
    const header = `Bearer ${await scene.platform.webhooks.token(body)}`;
    expect((await post('message-status', body, header)).status).toBe(204);
    expect((await post('message-status', body, header)).status).toBe(401);
  });

  it('take a repeat under a new token once', async () => {
    const answers = [];
    for (let count = 0; count < 2; count += 1)
      answers.push(await (await postSigned('answer', ANSWER)).text());
    expect(answers[1]).toBe(answers[0]);
    expect(await openCalls()).toBe(1);
    expect(JSON.parse(answers[0]!)).toMatchObject([
      {
        action: 'connect',
        eventType: 'synchronous',
        endpoint: [
          { type: 'websocket', 'content-type': 'audio/l16;rate=16000', authorization: { type: 'vonage' } },
        ],
      },
    ]);
    const metrics = await (await fetch(`${scene.app.app.url}/metrics`)).text();
    expect(metrics).toContain('tonewall_webhooks_total{kind="answer",result="duplicate"} 1');
  });

  it.each([
    ['an unknown leg', { uuid: 'aaaaaaaa-0000-0000-0000-0000000000ff', status: 'completed' }],
    ['an unknown status', { uuid: 'aaaaaaaa-0000-0000-0000-00000000000a', status: 'dreaming' }],
    ['no leg', { status: 'answered' }],
    ['a leg that is no text', { uuid: { $ne: null }, status: 'answered' }],
    ['__proto__', { uuid: 'aaaaaaaa-0000-0000-0000-00000000000a', status: '__proto__' }],
  ])('take an event with %s and do nothing', async (_what, event) => {
    expect((await postSigned('event', JSON.stringify(event))).status).toBe(204);
  });

  it.each([
    ['no JSON', 'hello', 400],
    ['a list', '[]', 400],
    ['nothing', '', 400],
    ['too much', JSON.stringify({ uuid: 'x'.repeat(20_000) }), 413],
  ])('refuse a signed body with %s', async (_what, body, status) => {
    expect((await postSigned('event', body)).status).toBe(status);
  });

  it('refuse an answer without a leg', async () => {
    expect((await postSigned('answer', '{"to":"447700900000"}')).status).toBe(400);
  });

  it('refuse a media socket that the platform did not sign', async () => {
    const uuid = 'aaaaaaaa-0000-0000-0000-00000000000c';
    const answer = await (
      await postSigned('answer', ANSWER.replace('aaaaaaaa-0000-0000-0000-00000000000a', uuid))
    ).json();
    const [{ endpoint }] = answer as [{ endpoint: [{ uri: string }] }];
    const address = endpoint[0].uri.replace(/^ws/, 'http');
    const upgrade = {
      connection: 'upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'c2l4dGVlbiBieXRlcyEhIQ==',
    };
    const { request } = await import('node:http');
    const status = await new Promise((resolve) => {
      request(address, { headers: upgrade }, (response) => resolve(response.statusCode)).end();
    });
    expect(status).toBe(401);
  });
});
