import type { RunningApp } from './running-app.ts';

/** The profile of every test of the pay page. */
export const LINK_PROFILE = { id: 'link', method: 'self-service' };

export const GOOD_CARD = {
  'payment-card-number': '4242 4242 4242 4242',
  'expiration-date': '12 / 2029',
  'security-code': '123',
};

/** A payment by link as the back end that asked for it sees it. */
export interface OpenedLink {
  readonly id: string;
  readonly url: string;
  readonly agentToken: string;
  readonly eventsUrl: string;
}

export async function openLink(app: RunningApp, more: object = {}): Promise<OpenedLink> {
  const { status, body } = await app.call('POST', '/v1/payments', {
    profileId: LINK_PROFILE.id,
    to: '+447700900123',
    amount: '42.50',
    payee: 'Jo Smith',
    reference: 'order 17',
    ...more,
  });
  if (status !== 201) throw new Error(`opening a link answered ${status} ${JSON.stringify(body)}`);
  return {
    id: String(body['id']),
    url: String(body['payUrl']),
    agentToken: String(body['agentToken']),
    eventsUrl: String(body['eventsUrl']),
  };
}

export interface SeenPage {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** A payer's browser without scripts: it posts forms and follows where they lead. */
export async function look(url: string, headers: Record<string, string> = {}): Promise<SeenPage> {
  const response = await fetch(url, { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

export async function send(url: string, form: Record<string, string>): Promise<SeenPage> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

export async function tell(url: string, form: Record<string, string> = {}): Promise<number> {
  return (await send(url, form)).status;
}
