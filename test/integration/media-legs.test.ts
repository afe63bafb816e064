import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_RATES } from '../../src/core/sample-rate.ts';
import { LegClient, refusedStatus, samplesToBytes } from '../support/leg-client.ts';
import { keyPress, loudestDb } from '../support/leg-client-audio.ts';
import { MediaServer } from '../support/leg-client-server.ts';

let server: MediaServer;
beforeAll(async () => void (server = await MediaServer.start()));
afterAll(() => server.stop());

const RATE_PAIRS = SAMPLE_RATES.flatMap((caller) => SAMPLE_RATES.map((agent) => [caller, agent] as const));
let calls = 0;

/** A fresh call, and what its bridge told. */
function newCall(settings: Parameters<MediaServer['call']>[1] = {}) {
  const callId = `call_${'abcdefghij'[(calls / 10) | 0]}${'abcdefghij'[calls++ % 10]}`;
  const told: string[] = [];
  return { callId, told, bridge: server.call(callId, settings, told) };
}

/** Waits until the bridge has told a line. */
async function toldLine(told: readonly string[], line: string): Promise<void> {
  await expect.poll(() => told, { timeout: 10_000, interval: 5 }).toContain(line);
}

describe('two legs over real sockets', () => {
  it.each(RATE_PAIRS)('carry audio both ways, masked for the agent, at %d and %d Hz', async (from, to) => {
    const { callId, told } = newCall();
    const caller = await LegClient.connect(server.uri(callId, 'caller'), from);
    const agent = await LegClient.connect(server.uri(callId, 'agent'), to);
    await toldLine(told, `opened caller ${from}`);
    await toldLine(told, `opened agent ${to}`);

    caller.sendSamples(keyPress('8', from), from / 50);
    const heard = await agent.samplesReceived(25);
    expect(agent.messages.map((message) => message.length)).toEqual(Array(25).fill(to / 25));
    expect(told.slice(2)).toEqual(['heard 8', 'released 8']);
    expect(loudestDb(heard, to, 852)).toBeLessThan(-45);
    expect(loudestDb(heard, to, 1336)).toBeLessThan(-45);
    expect(loudestDb(heard, to, 500)).toBeGreaterThan(-25);

    agent.sendSamples(new Int16Array(to / 5).fill(1000), to / 50);
    await caller.messagesReceived(10);
    expect(caller.messages.map((message) => message.length)).toEqual(Array(10).fill(from / 25));
    await Promise.all([caller.hangUp(), agent.hangUp()]);
    await toldLine(told, 'closed agent peer-closed');
  });

  it.each(SAMPLE_RATES)('pass the agent to the caller byte for byte at %d Hz', async (rate) => {
    const { callId, told } = newCall();
    const caller = await LegClient.connect(server.uri(callId, 'caller'), rate);
    const agent = await LegClient.connect(server.uri(callId, 'agent'), rate);
    await toldLine(told, `opened agent ${rate}`);
    const input = Int16Array.from({ length: rate }, (_, n) => ((n * 7919) % 65536) - 32768);
    agent.sendSamples(input, rate / 50);
    expect(await caller.messagesReceived(50)).toEqual(samplesToBytes(input));
  });

  it.each(RATE_PAIRS)('delay the caller by exactly the look-ahead from %d to %d Hz', async (from, to) => {
    const { callId, told } = newCall({ armed: false, lookaheadMs: 7 });
    const caller = await LegClient.connect(server.uri(callId, 'caller'), from);
    const agent = await LegClient.connect(server.uri(callId, 'agent'), to);
    await toldLine(told, `opened agent ${to}`);
    const input = new Int16Array((5 * from) / 50);
    input[from / 50] = 20_000;
    caller.sendSamples(input, from / 50);
    const heard = await agent.samplesReceived(5);
    expect(heard.indexOf(Math.max(...heard))).toBe(to / 50 + (7 * to) / 1000);
  });

  it('pass a burst of 200 frames whole', async () => {
    const { callId, told } = newCall();
    const caller = await LegClient.connect(server.uri(callId, 'caller'), 24000);
    const agent = await LegClient.connect(server.uri(callId, 'agent'), 24000);
    await toldLine(told, 'opened agent 24000');
    caller.sendSamples(new Int16Array(200 * 480), 480);
    await agent.messagesReceived(200);
    expect(agent.messages).toHaveLength(200);
  });
});

describe('one leg in loopback over a real socket', () => {
  it.each(SAMPLE_RATES)('hears itself masked at %d Hz', async (rate) => {
    const { callId, told } = newCall({ topology: 'loopback' });
    const caller = await LegClient.connect(server.uri(callId, 'caller'), rate);
    caller.sendSamples(keyPress('#', rate), rate / 50);
    const heard = await caller.samplesReceived(25);
    expect(told).toEqual([`opened caller ${rate}`, 'heard #', 'released #']);
    expect(loudestDb(heard, rate, 941)).toBeLessThan(-45);
    expect(loudestDb(heard, rate, 1477)).toBeLessThan(-45);
  });

  it('tells the keys that the platform tells', async () => {
    const { callId, told } = newCall({ topology: 'loopback' });
    const caller = await LegClient.connect(server.uri(callId, 'caller'), 16000);
    for (const key of '0*9') caller.tellKey(key);
    await toldLine(told, 'told 9');
    expect(told).toEqual(['opened caller 16000', 'told 0', 'told *', 'told 9']);
  });
});

describe('the way in', () => {
  it('refuses a token that was used, forged, made elsewhere, or is of a call that has ended', async () => {
    const { callId } = newCall();
    const token = server.tokens.mint(callId, 'caller');
    const failures = (): number => server.meter.value('auth_failures_total', { kind: 'leg-token' });
    const before = failures();
    const caller = await LegClient.connect(server.uriOf(token), 8000);
    expect(await refusedStatus(server.uriOf(token))).toBe(401);
    expect(await refusedStatus(server.uriOf(server.tokens.mint(callId, 'agent').slice(0, -1)))).toBe(401);
    expect(await refusedStatus(server.uriOf(token.replace('caller', 'agent')))).toBe(401);
    expect(await refusedStatus(server.uriOf(''))).toBe(401);
    expect(await refusedStatus(server.uriOf('%2e%2e%2f'))).toBe(401);
    const late = server.uri(callId, 'agent');
    server.forget(callId);
    expect(await refusedStatus(late)).toBe(401);
    expect(failures() - before).toBe(6);
    expect(caller.socket.readyState).toBe(caller.socket.OPEN);
  });

  it('has nothing at other addresses', async () => {
    for (const path of ['/', '/media', '/v1/calls', '/MEDIA/x'])
      expect(await refusedStatus(`ws://127.0.0.1:${server.port}${path}`)).toBe(404);
  });

  it('gives the leg to the newest socket and closes the older one with 4409', async () => {
    const { callId, told } = newCall();
    const older = await LegClient.connect(server.uri(callId, 'caller'), 8000);
    const agent = await LegClient.connect(server.uri(callId, 'agent'), 8000);
    await toldLine(told, 'opened agent 8000');
    const newer = await LegClient.connect(server.uri(callId, 'caller'), 16000);
    expect(await older.closed).toEqual({ code: 4409, reason: 'replaced' });
    newer.sendSamples(new Int16Array(3 * 320), 320);
    await agent.messagesReceived(3);
    expect(told.filter((line) => line.startsWith('closed'))).toEqual([]);
  });

  it('takes a leg back after its socket was lost', async () => {
    const { callId, told } = newCall();
    const agent = await LegClient.connect(server.uri(callId, 'agent'), 8000);
    const lost = await LegClient.connect(server.uri(callId, 'caller'), 8000);
    await toldLine(told, 'opened caller 8000');
    lost.socket.terminate();
    await toldLine(told, 'closed caller peer-closed');
    const back = await LegClient.connect(server.uri(callId, 'caller'), 8000);
    back.sendSamples(keyPress('4', 8000), 160);
    await agent.messagesReceived(25);
    expect(told.slice(-2)).toEqual(['heard 4', 'released 4']);
  });

  it('closes both sockets with 1000 when the call ends', async () => {
    const { callId, told, bridge } = newCall();
    const caller = await LegClient.connect(server.uri(callId, 'caller'), 8000);
    const agent = await LegClient.connect(server.uri(callId, 'agent'), 8000);
    await toldLine(told, 'opened agent 8000');
    bridge.end();
    expect(await caller.closed).toEqual({ code: 1000, reason: 'call-ended' });
    expect(await agent.closed).toEqual({ code: 1000, reason: 'call-ended' });
  });
});
