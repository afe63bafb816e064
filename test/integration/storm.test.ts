import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pathOf } from '../support/deploy-files.ts';
import { LegClient } from '../support/leg-client.ts';
import { RunningApp } from '../support/running-app.ts';

const RATE = 8000;
const FRAME = RATE / 50;

/**
 * Goal: crowds at the door cost those who are inside nothing.
 * Method: the running product under thousands of silent or slow connections, made by a process of their own, and
 * under legs that all come back at once; a call that was there before must answer frame for frame.
 */
let app: RunningApp;
let bystander: LegClient;

beforeAll(async () => {
  // The crowd's clients and the server share this process: its event loop is no measure of the server's load.
  app = await RunningApp.start({ TONEWALL_OVERLOAD_LATENESS_MS: '1000' });
  bystander = (await app.openCall()).leg;
});
afterAll(() => app.stop());

async function expectBystanderAlive(): Promise<void> {
  const count = bystander.messages.length;
  bystander.sendSamples(new Int16Array(5 * FRAME), FRAME);
  await bystander.messagesReceived(count + 5);
}

/** Connections made by another process; what it tells is kept until somebody asks. */
function crowd(count: number, byteEveryMs = 0) {
  const script = pathOf('test/support/idle-sockets-child.ts');
  const child = fork(script, [new URL(app.app.url).port, String(count), String(byteEveryMs)]);
  const told = (what: string): Promise<void> =>
    new Promise((resolve) => child.on('message', (message) => message === what && resolve()));
  return { opened: told('opened'), closed: told('closed'), end: () => child.disconnect() };
}

/** What the machine lets a process open; Node takes the hard limit. */
function openFilesMax(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1] ?? Infinity);
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${app.app.url}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1],
  );
}

describe('crowds', () => {
  it('of 10,000 connections that say nothing are closed within seconds, and calls go on meanwhile', async () => {
    const { opened, closed, end } = crowd(Math.min(10_000, openFilesMax() - 500));
    await opened;
    await expectBystanderAlive();
    const { leg, id } = await app.openCall();
    leg.sendSamples(new Int16Array(FRAME), FRAME);
    await leg.messagesReceived(1);
    await leg.hangUp();
    await app.call('DELETE', `/v1/calls/${id}`);
    await closed;
    end();
    await expectBystanderAlive();
  });

  it('of 300 that send one byte of a header at a time are closed, however busy they look', async () => {
    const { opened, closed, end } = crowd(300, 100);
    await opened;
    const startedAtMs = performance.now();
    await expectBystanderAlive();
    await closed;
    // 3 s for the header, looked at once a second; the rest is for a busy machine.
    expect(performance.now() - startedAtMs).toBeLessThan(15_000);
    end();
  });

  it('of 100 legs that were lost and all come back at once are taken in, each on its own call', async () => {
    const calls = await Promise.all(Array.from({ length: 100 }, () => app.openCall()));
    const connections = (): Promise<number> => metric('tonewall_media_connections{leg="caller"}');
    await expect.poll(connections).toBe(101);
    for (const { leg } of calls) leg.socket.terminate();
    const legs = await Promise.all(
      calls.map(async ({ id }) => {
        const { status, body } = await app.call('POST', `/v1/calls/${id}/legs/caller/renew`);
        expect(status).toBe(200);
        return LegClient.connect(body['uri'] as string, RATE);
      }),
    );
    await expectBystanderAlive();
    for (const leg of legs) {
      leg.sendSamples(new Int16Array(3 * FRAME), FRAME);
      await leg.messagesReceived(3);
    }
    await expect.poll(connections).toBe(101);
    expect(await metric('tonewall_calls')).toBe(101);
    expect(await metric('tonewall_auth_failures_total{kind="leg-token"}')).toBe(0);
    await Promise.all(calls.map(({ id }) => app.call('DELETE', `/v1/calls/${id}`)));
  });
});
