import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../src/events/agent-event.ts';
import { API_KEY_HEADERS, API_SECRET, makeHttpEdge } from '../support/http-edge.ts';
import type { HttpEdge } from '../support/http-edge.ts';

/** Goal: an agent's screen misses nothing, and no reader can hurt the server. Method: real sockets, time by hand. */
let edge: HttpEdge;
let base: string;
const readers: Reader[] = [];

beforeEach(async () => {
  edge = await makeHttpEdge();
  base = await edge.server.listen({ host: '127.0.0.1', port: 0 });
  await edge.payments.open(
    {
      callId: 'call_a',
      profileId: 'card-gbp',
      payee: null,
      interactionType: null,
      amount: null,
      currency: null,
      reference: null,
      description: null,
    },
    'crm',
    null,
  );
});
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.close();
  await edge.server.close();
});

const STATE: AgentEvent = {
  type: 'payment-state',
  state: 'capturing',
  required: ['security-code'],
  field: 'security-code',
};
const progress = (length: number): AgentEvent => ({
  type: 'field-progress',
  field: 'security-code',
  length,
  masked: '*'.repeat(length),
});

/** What an EventSource does: reads blocks that end with an empty line. */
class Reader {
  readonly blocks: string[] = [];
  readonly status: number;
  readonly headers: Headers;
  hasEnded = false;
  readonly #abort: AbortController;
  #waiting: (() => void)[] = [];

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status;
    this.headers = response.headers;
    this.#abort = abort;
    void this.#read(response);
  }

  static async open(
    query = '',
    headers: Record<string, string> = API_KEY_HEADERS,
    id = 'pay_a',
  ): Promise<Reader> {
    const abort = new AbortController();
    const response = await fetch(`${base}/v1/payments/${id}/events${query}`, {
      headers,
      signal: abort.signal,
    });
    const reader = new Reader(response, abort);
    readers.push(reader);
    return reader;
  }

  /** Resolves once `condition` holds; checked whenever something arrives. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  async events(count: number): Promise<{ id: string; event: string; data: Record<string, unknown> }[]> {
    const read = () =>
      this.blocks
        .map((block) => /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(block))
        .filter((match) => match !== null)
        .map(([, id = '', event = '', data = '']) => ({
          id,
          event,
          data: JSON.parse(data) as Record<string, unknown>,
        }));
    await this.until(() => read().length >= count);
    return read();
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(response: Response): Promise<void> {
    let text = '';
    try {
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk;
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        this.blocks.push(...blocks);
        this.#wake();
      }
    } catch {
      // Aborted, or cut by the server: what came before is kept.
    }
    this.hasEnded = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function publish(...events: AgentEvent[]): void {
  for (const event of events) edge.events.publish('pay_a', event);
  edge.clock.advance(0);
}

async function metric(line: RegExp): Promise<string | undefined> {
  return line.exec(await edge.meter.text())?.[1];
}

describe('an event stream', () => {
  it('starts with everything so far and goes on with what is new', async () => {
    publish(STATE, progress(1));
    const reader = await Reader.open();
    expect(reader.status).toBe(200);
    expect(reader.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(reader.headers.get('cache-control')).toBe('no-store');
    expect(reader.headers.get('x-content-type-options')).toBe('nosniff');
    edge.clock.advance(0);
    await reader.events(2);
    publish(progress(2));
    expect(await reader.events(3)).toEqual([
      {
        id: 'pay_a.1',
        event: 'payment-state',
        data: {
          paymentId: 'pay_a',
          seq: 1,
          at: '2026-11-23T10:00:00.000Z',
          state: 'capturing',
          required: ['security-code'],
          field: 'security-code',
        },
      },
      {
        id: 'pay_a.2',
        event: 'field-progress',
        data: {
          paymentId: 'pay_a',
          seq: 2,
          at: '2026-11-23T10:00:00.000Z',
          field: 'security-code',
          length: 1,
          masked: '*',
        },
      },
      {
        id: 'pay_a.3',
        event: 'field-progress',
        data: {
          paymentId: 'pay_a',
          seq: 3,
          at: '2026-11-23T10:00:00.000Z',
          field: 'security-code',
          length: 2,
          masked: '**',
        },
      },
    ]);
    expect(reader.blocks[0]).toBe('retry: 2000');
  });

  it('resumes after Last-Event-ID without loss and without repeats', async () => {
    publish(STATE, progress(1), progress(2));
    const first = await Reader.open();
    edge.clock.advance(0);
    const seen = await first.events(3);
    first.close();
    publish(progress(3), { type: 'field-complete', field: 'security-code', masked: '***', brand: null });
    const second = await Reader.open('', { ...API_KEY_HEADERS, 'last-event-id': seen[2]?.id ?? '' });
    edge.clock.advance(0);
    const rest = await second.events(2);
    publish(STATE);
    await second.events(3);
    expect([...seen, ...rest].map((event) => event.data['seq'])).toEqual([1, 2, 3, 4, 5]);
    expect(await metric(/event_resume_total\{result="replayed"\} (\d+)/)).toBe('1');
  });

  it('resumes after ?lastEventId= for clients that cannot set a header', async () => {
    publish(STATE, progress(1), progress(2));
    const reader = await Reader.open('?lastEventId=pay_a.2');
    edge.clock.advance(0);
    expect((await reader.events(1)).map((event) => event.id)).toEqual(['pay_a.3']);
  });

  it.each(['pay_a.9999', 'pay_a.1'])(
    'answers a place that is not known any more with reset and the state: %s',
    async (place) => {
      for (let length = 0; length < 1002; length += 1) publish(progress(length % 3));
      await edge.payments.capture('pay_a', 'security-code');
      const reader = await Reader.open('', {
        ...API_KEY_HEADERS,
        'last-event-id': place,
      });
      publish(progress(3));
      expect(await reader.events(3)).toMatchObject([
        { id: 'pay_a.1002', event: 'reset', data: { paymentId: 'pay_a', seq: 1002 } },
        {
          id: 'pay_a.1002',
          event: 'payment-state',
          data: {
            seq: 1002,
            state: 'capturing',
            required: ['payment-card-number', 'security-code'],
            field: 'security-code',
          },
        },
        { id: 'pay_a.1003', event: 'field-progress', data: { length: 3 } },
      ]);
      expect(await metric(/event_resume_total\{result="reset"\} (\d+)/)).toBe('1');
    },
  );

  it('shows the state of a payment whose events are gone, such as after a restart', async () => {
    await edge.payments.settle('pay_a', 'approved');
    const reader = await Reader.open();
    const [state, result] = await reader.events(2);
    expect(result).toMatchObject({ id: 'pay_a.0', event: 'payment-result', data: { outcome: 'approved' } });
    expect([state]).toEqual([
      {
        id: 'pay_a.0',
        event: 'payment-state',
        data: {
          paymentId: 'pay_a',
          seq: 0,
          at: '2026-11-23T10:00:00.000Z',
          state: 'approved',
          required: [],
          field: null,
        },
      },
    ]);
  });

  it.each([
    ['no id at all', 'garbage', 400, 'CURSOR_INVALID'],
    ['a number alone', '3', 400, 'CURSOR_INVALID'],
    ['a negative number', 'pay_a.-1', 400, 'CURSOR_INVALID'],
    ['text behind it', 'pay_a.1x', 400, 'CURSOR_INVALID'],
    ['an enormous number', 'pay_a.99999999999999999999', 400, 'CURSOR_INVALID'],
    ['an id of another payment', 'pay_b.1', 403, 'ACCESS_DENIED'],
  ])('refuses a Last-Event-ID that is %s', async (_what, place, status, code) => {
    const answer = await edge.server.inject({
      method: 'GET',
      url: '/v1/payments/pay_a/events',
      headers: { ...API_KEY_HEADERS, 'last-event-id': place },
    });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code });
    expect(answer.body).not.toContain(place);
  });

  it('of an unknown payment does not start', async () => {
    const answer = await edge.server.inject({
      method: 'GET',
      url: '/v1/payments/pay_z/events',
      headers: API_KEY_HEADERS,
    });
    expect(answer.json()).toMatchObject({ status: 404, code: 'PAYMENT_NOT_FOUND' });
  });

  it('sends a comment every 15 seconds', async () => {
    const reader = await Reader.open();
    await reader.until(() => reader.blocks.length >= 2);
    edge.clock.advance(15_000);
    await reader.until(() => reader.blocks.filter((block) => block === ': alive').length === 1);
    edge.clock.advance(30_000);
    await reader.until(() => reader.blocks.filter((block) => block === ': alive').length === 3);
    expect(reader.hasEnded).toBe(false);
  });

  it('ends with the agent token and can be resumed with the next one', async () => {
    publish(STATE);
    const { token } = await edge.agentTokens.issue({ kind: 'agent', paymentId: 'pay_a' });
    const reader = await Reader.open('', { authorization: `Bearer ${token}` });
    edge.clock.advance(0);
    await reader.events(1);
    edge.clock.advance(15 * 60_000 - 1);
    expect(reader.hasEnded).toBe(false);
    edge.clock.advance(1);
    await reader.until(() => reader.hasEnded);
    const next = await edge.agentTokens.issue({ kind: 'agent', paymentId: 'pay_a' });
    const resumed = await Reader.open('', {
      authorization: `Bearer ${next.token}`,
      'last-event-id': 'pay_a.1',
    });
    publish(progress(1));
    expect((await resumed.events(1))[0]?.id).toBe('pay_a.2');
  });

  it('ends 15 minutes after the payment did', async () => {
    publish(STATE);
    const reader = await Reader.open();
    edge.events.end('pay_a');
    edge.clock.advance(15 * 60_000);
    await reader.until(() => reader.hasEnded);
    expect((await reader.events(1))[0]?.id).toBe('pay_a.1');
  });

  it('is counted while it is open and leaves nothing behind', async () => {
    publish(STATE);
    const timersBefore = edge.clock.pending;
    const reader = await Reader.open();
    edge.clock.advance(0);
    await reader.events(1);
    expect(await metric(/^tonewall_event_clients (\d+)/m)).toBe('1');
    reader.close();
    while ((await metric(/^tonewall_event_clients (\d+)/m)) !== '0') {
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(edge.clock.pending).toBe(timersBefore);
  });

  it('passes the last filter', async () => {
    edge.events.publish('pay_a', {
      type: 'payment-state',
      state: '4111111111111111' as 'ready',
      required: [],
      field: null,
    });
    const reader = await Reader.open();
    edge.clock.advance(0);
    const [event] = await reader.events(1);
    expect(event?.data['state']).toBe('****************');
    expect(await metric(/digit_leak_blocked_total\{sink="http"\} (\d+)/)).toBe('1');
  });

  it('is not opened a 21st time for one payment', async () => {
    for (let count = 0; count < 20; count += 1) expect((await Reader.open()).status).toBe(200);
    const reader = await Reader.open();
    expect(reader.status).toBe(429);
    expect(reader.headers.get('content-type')).toContain('application/problem+json');
  });

  it('does not keep the server from closing', async () => {
    const reader = await Reader.open();
    await edge.server.close();
    await reader.until(() => reader.hasEnded);
    expect(reader.hasEnded).toBe(true);
  });

  it('answers HEAD as an address that is not there', async () => {
    const response = await fetch(`${base}/v1/payments/pay_a/events`, {
      method: 'HEAD',
      headers: API_KEY_HEADERS,
    });
    expect(response.status).toBe(404);
  });
});

describe('a reader that does not read', () => {
  /** Opens a stream on a bare socket and reads nothing of it. */
  function openDeaf(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const port = (edge.server.server.address() as AddressInfo).port;
      const socket = connect(port, '127.0.0.1', () => {
        socket.pause();
        socket.write(
          `GET /v1/payments/pay_a/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${API_SECRET}\r\n\r\n`,
        );
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }

  it('is dropped once 64 KB wait for it, and those who read miss nothing', async () => {
    const healthy = await Reader.open();
    const deaf = await openDeaf();
    deaf.on('error', () => undefined);
    while ((await metric(/^tonewall_event_clients (\d+)/m)) !== '2') {
      await new Promise((resolve) => setImmediate(resolve));
    }
    let published = 0;
    // The kernel takes a few megabytes before anything waits in the process; each round lets the healthy one read.
    while ((await metric(/^tonewall_event_clients_dropped_total (\d+)/m)) !== '1') {
      expect(published).toBeLessThan(200_000);
      for (let count = 0; count < 500; count += 1) {
        edge.events.publish('pay_a', { ...progress(0), length: 200, masked: '*'.repeat(200) } as AgentEvent);
      }
      published += 500;
      edge.clock.advance(0);
      const newest = `id: pay_a.${published}\n`;
      await healthy.until(() => healthy.blocks.at(-1)?.startsWith(newest) === true);
    }
    expect(healthy.blocks.filter((block) => block.startsWith('id:'))).toHaveLength(published + 1);
    expect(await metric(/^tonewall_event_clients (\d+)/m)).toBe('1');
    deaf.destroy();
  });
});
