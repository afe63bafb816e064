import { describe, expect, it } from 'vitest';
import { SAMPLE_RATES } from '../../../src/core/sample-rate.ts';
import { keyTone } from '../../../src/simulator/key-tones.ts';
import { FakeSocket } from '../../support/fake-socket.ts';
import { TestLeg, makeBridge } from '../../support/fake-socket-bridge.ts';
import { samplesToBytes } from '../../support/leg-client.ts';
import { isSilent, keyPress, loudestDb, voice } from '../../support/leg-client-audio.ts';

/** The look-ahead of `makeBridge`. */
const LOOKAHEAD_MS = 5;
const RATE_PAIRS = SAMPLE_RATES.flatMap((caller) => SAMPLE_RATES.map((agent) => [caller, agent] as const));

describe('CallBridge in the two-leg topology', () => {
  it.each(SAMPLE_RATES)('delays the caller by exactly the look-ahead at %d Hz', (rate) => {
    const { bridge } = makeBridge();
    const [caller, agent] = [new TestLeg(bridge, 'caller', rate), new TestLeg(bridge, 'agent', rate)];
    const input = voice(rate, 60).fill(0, 0, rate / 5);
    caller.send(input, agent);
    const latency = (LOOKAHEAD_MS * rate) / 1000;
    expect(agent.heard).toHaveLength(input.length);
    expect(isSilent(agent.heard.subarray(0, latency))).toBe(true);
    // The onset may be taken for that of a tone; a quarter of a second later the caller passes untouched.
    const from = 0.45 * rate;
    expect(agent.heard.subarray(from + latency)).toEqual(input.subarray(from, input.length - latency));
  });

  it.each(RATE_PAIRS.filter(([caller, agent]) => caller !== agent))(
    'delays the caller by exactly the look-ahead from %d to %d Hz',
    (callerRate, agentRate) => {
      const { bridge } = makeBridge({ armed: false });
      const [caller, agent] = [
        new TestLeg(bridge, 'caller', callerRate),
        new TestLeg(bridge, 'agent', agentRate),
      ];
      const input = new Int16Array((3 * callerRate) / 50);
      input[callerRate / 50] = 20_000;
      caller.send(input, agent);
      const peak = agent.heard.indexOf(Math.max(...agent.heard));
      expect(peak).toBe(agentRate / 50 + (LOOKAHEAD_MS * agentRate) / 1000);
    },
  );

  it.each(RATE_PAIRS)('sends one frame for each frame both ways at %d and %d Hz', (callerRate, agentRate) => {
    const { bridge, meter } = makeBridge();
    const [caller, agent] = [
      new TestLeg(bridge, 'caller', callerRate),
      new TestLeg(bridge, 'agent', agentRate),
    ];
    caller.send(voice(callerRate, 7), agent);
    agent.send(voice(agentRate, 5), caller);
    expect(agent.socket.messages.map((message) => message.length)).toEqual(Array(7).fill(agentRate / 25));
    expect(caller.socket.messages.map((message) => message.length)).toEqual(Array(5).fill(callerRate / 25));
    expect(meter.value('media_frames_total', { leg: 'agent', dir: 'out' })).toBe(7);
    expect(meter.value('media_frames_total', { leg: 'caller', dir: 'in' })).toBe(7);
  });

  it.each(SAMPLE_RATES)('passes the agent to the caller byte for byte at %d Hz', (rate) => {
    const { bridge } = makeBridge();
    const [caller, agent] = [new TestLeg(bridge, 'caller', rate), new TestLeg(bridge, 'agent', rate)];
    const input = Int16Array.from({ length: rate }, (_, n) => ((n * 7919) % 65536) - 32768);
    agent.send(input, caller);
    expect(caller.heard).toEqual(input);
  });

  it.each(RATE_PAIRS)('masks a key that the caller at %d Hz presses from the agent at %d Hz', (from, to) => {
    const { bridge, told } = makeBridge();
    const [caller, agent] = [new TestLeg(bridge, 'caller', from), new TestLeg(bridge, 'agent', to)];
    caller.send(keyPress('5', from), agent);
    expect(told.slice(2)).toEqual(['heard 5', 'released 5']);
    // -10 dBm0 per tone is -13 dB of full scale; the mask's own splatter stays far below.
    expect(loudestDb(agent.heard, to, 770)).toBeLessThan(-45);
    expect(loudestDb(agent.heard, to, 1336)).toBeLessThan(-45);
    expect(loudestDb(agent.heard, to, 500)).toBeGreaterThan(-25);
  });

  it('lets tones pass while disarmed, and still hears keys', () => {
    const { bridge, told } = makeBridge({ armed: false });
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    caller.send(keyPress('5', 8000), agent);
    expect(told.slice(2)).toEqual(['heard 5', 'released 5']);
    expect(loudestDb(agent.heard, 8000, 770)).toBeGreaterThan(-15);
    expect(bridge.masking).toBe('off');
  });

  it('masks from the frame after it was armed', () => {
    const { bridge } = makeBridge({ armed: false });
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    bridge.setArmed(true);
    expect(bridge.masking).toBe('armed');
    caller.send(keyPress('#', 8000), agent);
    expect(loudestDb(agent.heard, 8000, 941)).toBeLessThan(-45);
  });

  it('never takes tones or told keys of the agent for digits', () => {
    const { bridge, told } = makeBridge();
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    agent.send(keyPress('5', 8000), caller);
    agent.handler.text({ kind: 'key', code: 0x35 });
    expect(told).toEqual(['opened caller 8000', 'opened agent 8000']);
  });

  it('tells the keys that the platform tells on the caller leg, and covers them with the mask', () => {
    const { bridge, told } = makeBridge();
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    caller.handler.text({ kind: 'key', code: 0x37 });
    caller.send(new Int16Array(10 * 160), agent);
    expect(told.slice(2)).toEqual(['told 7']);
    expect(loudestDb(agent.heard, 8000, 500)).toBeGreaterThan(-25);
  });

  it('hears keys while the agent is not there, and counts the frames that nobody got', () => {
    const { bridge, told, meter } = makeBridge();
    const caller = new TestLeg(bridge, 'caller', 16000);
    caller.send(keyPress('1', 16000));
    expect(told.slice(1)).toEqual(['heard 1', 'released 1']);
    expect(meter.value('media_dropped_frames_total', { leg: 'agent', cause: 'no-peer' })).toBe(25);
  });

  it('drops and counts agent frames while the caller is not there', () => {
    const { bridge, meter } = makeBridge();
    const agent = new TestLeg(bridge, 'agent', 16000);
    agent.send(voice(16000, 3));
    expect(meter.value('media_dropped_frames_total', { leg: 'caller', cause: 'no-peer' })).toBe(3);
    expect(agent.socket.messages).toHaveLength(0);
  });

  it('answers caller audio before its first message with silent frames to the agent', () => {
    const { bridge } = makeBridge();
    const agent = new TestLeg(bridge, 'agent', 16000);
    const caller = new TestLeg(bridge, 'caller', null);
    caller.handler.binary(samplesToBytes(voice(8000, 1)));
    caller.handler.binary(Buffer.alloc(7, 1));
    agent.socket.read();
    expect(agent.socket.messages).toEqual([Buffer.alloc(640), Buffer.alloc(640)]);
    expect(caller.socket.messages).toEqual([]);
  });

  it('answers an unusable message with a silent frame', () => {
    const { bridge } = makeBridge();
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 16000)];
    caller.handler.binary(Buffer.alloc(321, 1));
    agent.handler.binary(Buffer.alloc(0));
    expect(agent.socket.messages).toEqual([Buffer.alloc(640)]);
    expect(caller.socket.messages).toEqual([Buffer.alloc(320)]);
  });

  it('passes a burst after a gap whole: its clock is the samples, not the time', () => {
    const [steady, gapped] = [makeBridge(), makeBridge()];
    const heard = [steady, gapped].map(({ bridge, clock }) => {
      const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
      const input = new Int16Array([...voice(8000, 50), ...keyPress('9', 8000), ...voice(8000, 125)]);
      caller.send(input.subarray(0, 160 * 3), agent);
      if (clock === gapped.clock) clock.advance(4000);
      caller.send(input.subarray(160 * 3), agent);
      return agent.heard;
    });
    expect(heard[0]).toHaveLength(200 * 160);
    expect(heard[1]).toEqual(heard[0]);
  });
});

describe('CallBridge in the loopback topology', () => {
  it.each(SAMPLE_RATES)('sends the caller back masked on the same socket at %d Hz', (rate) => {
    const { bridge, told } = makeBridge({ topology: 'loopback' });
    const caller = new TestLeg(bridge, 'caller', rate);
    caller.send(keyPress('5', rate), caller);
    expect(told).toEqual([`opened caller ${rate}`, 'heard 5', 'released 5']);
    expect(caller.socket.messages).toHaveLength(25);
    expect(loudestDb(caller.heard, rate, 770)).toBeLessThan(-45);
  });

  it('answers early frames with silence of their own length, and nothing to what is no frame', () => {
    const { bridge } = makeBridge({ topology: 'loopback' });
    const caller = new TestLeg(bridge, 'caller', null);
    for (const size of [320, 640, 960, 641, 0]) caller.handler.binary(Buffer.alloc(size, 1));
    expect(caller.socket.messages).toEqual([Buffer.alloc(320), Buffer.alloc(640), Buffer.alloc(960)]);
  });

  it('has no agent leg', () => {
    const { bridge } = makeBridge({ topology: 'loopback' });
    expect(() => bridge.connect('agent', new FakeSocket())).toThrow('no such leg');
  });
});

describe('CallBridge when sockets come and go', () => {
  it('tells the state of its legs', () => {
    const { bridge } = makeBridge();
    expect(bridge.legState('caller')).toEqual({ state: 'waiting', sampleRate: null });
    const caller = new TestLeg(bridge, 'caller', null);
    expect(bridge.legState('caller')).toEqual({ state: 'waiting', sampleRate: null });
    caller.handler.text({ kind: 'connected', sampleRate: 24000 });
    expect(bridge.legState('caller')).toEqual({ state: 'open', sampleRate: 24000 });
    caller.handler.closed();
    expect(bridge.legState('caller')).toEqual({ state: 'closed', sampleRate: 24000 });
  });

  it('closes the older socket of a leg with 4409 and tells nobody that the leg was closed', () => {
    const { bridge, told } = makeBridge();
    const older = new TestLeg(bridge, 'caller', 8000);
    const newer = new TestLeg(bridge, 'caller', 8000);
    expect(older.socket.closedWith).toEqual({ code: 4409, reason: 'replaced' });
    older.handler.closed();
    expect(told).toEqual(['opened caller 8000', 'opened caller 8000']);
    expect(bridge.legState('caller').state).toBe('open');
    const agent = new TestLeg(bridge, 'agent', 8000);
    older.send(voice(8000, 3), agent);
    newer.send(voice(8000, 2), agent);
    expect(agent.socket.messages).toHaveLength(2);
  });

  it('tells why a leg was closed', () => {
    const { bridge, told, clock } = makeBridge();
    new TestLeg(bridge, 'agent', null);
    clock.advance(2000);
    expect(told).toEqual(['closed agent first-message-late']);
  });

  it('releases a key that is held and ends the mask when the caller is lost', () => {
    const { bridge, told, meter } = makeBridge();
    const caller = new TestLeg(bridge, 'caller', 8000);
    caller.send(keyPress('5', 8000).subarray(0, 160 * 14));
    expect(told).toEqual(['opened caller 8000', 'heard 5']);
    expect(meter.value('mask_active')).toBe(1);
    caller.handler.closed();
    expect(told.slice(2)).toEqual(['released 5', 'closed caller peer-closed']);
    expect(meter.value('mask_active')).toBe(0);
  });

  it('goes on with a caller that connects again, at another rate', () => {
    const { bridge, told } = makeBridge();
    const agent = new TestLeg(bridge, 'agent', 16000);
    new TestLeg(bridge, 'caller', 8000).handler.closed();
    const caller = new TestLeg(bridge, 'caller', 24000);
    bridge.setSensitivity('capture');
    caller.send(keyPress('3', 24000), agent);
    expect(told.slice(-2)).toEqual(['heard 3', 'released 3']);
    expect(agent.socket.messages.map((message) => message.length)).toEqual(Array(25).fill(640));
  });

  it('goes on with an agent that connects again, at another rate', () => {
    const { bridge } = makeBridge();
    const caller = new TestLeg(bridge, 'caller', 8000);
    new TestLeg(bridge, 'agent', 16000).handler.closed();
    const agent = new TestLeg(bridge, 'agent', 24000);
    caller.send(voice(8000, 3), agent);
    agent.send(voice(24000, 2), caller);
    expect(agent.socket.messages.map((message) => message.length)).toEqual([960, 960, 960]);
    expect(caller.socket.messages.map((message) => message.length)).toEqual([320, 320]);
  });

  it('counts a key once when an agent with another rate joins while it is held', () => {
    const { bridge, told } = makeBridge();
    const caller = new TestLeg(bridge, 'caller', 8000);
    const key = keyTone('5', 8000, { toneMs: 400, pauseMs: 0, levelDbm0: -10 });
    caller.send(key.subarray(0, 160 * 8));
    new TestLeg(bridge, 'agent', 16_000);
    caller.send(key.subarray(160 * 8));
    caller.send(new Int16Array(160 * 10));
    caller.send(keyPress('5', 8000));
    expect(told.filter((line) => line === 'heard 5')).toHaveLength(2);
  });

  it('closes its legs and tells nothing more when it ends', () => {
    const { bridge, told, clock } = makeBridge();
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    caller.send(voice(8000, 3), agent);
    bridge.end();
    bridge.end();
    caller.send(keyPress('5', 8000), agent);
    caller.handler.closed();
    expect(caller.socket.closedWith).toEqual({ code: 1000, reason: 'call-ended' });
    expect(agent.socket.closedWith).toEqual({ code: 1000, reason: 'call-ended' });
    expect(agent.socket.messages).toHaveLength(3);
    expect(told).toEqual(['opened caller 8000', 'opened agent 8000']);
    expect(clock.pending).toBe(0);
  });

  it('closes a socket that comes after the end', () => {
    const { bridge } = makeBridge();
    bridge.end();
    const late = new TestLeg(bridge, 'caller', 8000);
    expect(late.socket.closedWith).toEqual({ code: 1000, reason: 'call-ended' });
    expect(bridge.legState('caller').state).toBe('closed');
  });
});

describe('CallBridge in doubt', () => {
  const failure = (): never => {
    throw new Error('broken');
  };

  it('mutes the agent for good and raises the alarm when a frame fails, and the caller still hears', () => {
    const { bridge, told, meter } = makeBridge({}, { digitHeard: failure });
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    caller.send(keyPress('5', 8000), agent);
    caller.send(voice(8000, 200), agent);
    expect(told.slice(2)).toEqual(['alarm error']);
    expect(bridge.masking).toBe('muted');
    expect(agent.socket.messages).toHaveLength(225);
    expect(isSilent(agent.heard.subarray(25 * 160))).toBe(true);
    expect(meter.value('failclosed_total', { cause: 'error' })).toBe(1);
    agent.send(voice(8000, 1), caller);
    expect(isSilent(caller.heard)).toBe(false);
  });

  it('stays muted when the caller connects again', () => {
    const { bridge } = makeBridge({}, { digitHeard: failure });
    const agent = new TestLeg(bridge, 'agent', 8000);
    new TestLeg(bridge, 'caller', 8000).send(keyPress('5', 8000), agent);
    const before = agent.socket.messages.length;
    new TestLeg(bridge, 'caller', 8000).send(voice(8000, 50), agent);
    expect(agent.socket.messages).toHaveLength(before + 50);
    expect(isSilent(agent.heard.subarray(before * 160))).toBe(true);
  });

  it('mutes when the observer fails outside of a frame', () => {
    const { bridge, told } = makeBridge({}, { digitTold: failure });
    const caller = new TestLeg(bridge, 'caller', 8000);
    caller.handler.text({ kind: 'key', code: 0x35 });
    expect(bridge.masking).toBe('muted');
    expect(told.at(-1)).toBe('alarm error');
  });

  it('survives an observer that fails at everything', () => {
    const { bridge } = makeBridge({}, { legOpened: failure, legClosed: failure, maskingAlarm: failure });
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    caller.send(voice(8000, 3), agent);
    caller.handler.closed();
    expect(agent.socket.messages).toHaveLength(3);
    expect(isSilent(agent.heard)).toBe(true);
  });

  it('mutes when the masker cannot be made', () => {
    const { bridge, told } = makeBridge({ lookaheadMs: 0 });
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    caller.send(voice(8000, 3), agent);
    expect(told).toContain('alarm error');
    expect(agent.socket.messages).toHaveLength(3);
    expect(isSilent(agent.heard)).toBe(true);
  });

  it('mutes for a second and raises the alarm when the caller sends more than it may', () => {
    const { bridge, told, clock, meter } = makeBridge();
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    caller.send(voice(8000, 260), agent);
    expect(told.slice(2)).toEqual(['alarm overload']);
    expect(agent.socket.messages).toHaveLength(250);
    expect(meter.value('failclosed_total', { cause: 'overload' })).toBe(1);
    clock.advance(2000);
    caller.send(voice(8000, 100), agent);
    const after = agent.heard.subarray(250 * 160);
    expect(isSilent(after.subarray(0, 50 * 160))).toBe(true);
    expect(isSilent(after.subarray(50 * 160))).toBe(false);
    expect(bridge.masking).toBe('armed');
  });
});

describe('CallBridge and memory', () => {
  it('zeroes every message in place once it is used', () => {
    const { bridge } = makeBridge();
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 16000)];
    for (const [leg, size] of [
      [caller, 320],
      [agent, 640],
      [caller, 321],
      [caller, 960],
    ] as const) {
      const message = Buffer.alloc(size, 0x55);
      leg.handler.binary(message);
      expect(message).toEqual(Buffer.alloc(size));
    }
  });

  it('zeroes every frame it sent once the socket has sent it', () => {
    const { bridge } = makeBridge();
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    agent.send(voice(8000, 20), caller);
    expect(caller.socket.buffers.every((buffer) => buffer.every((byte) => byte === 0))).toBe(true);
  });
});
