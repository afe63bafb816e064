import { describe, expect, it } from 'vitest';
import { SAMPLE_RATES } from '../../src/core/sample-rate.ts';
import type { SampleRate } from '../../src/core/sample-rate.ts';
import { AttackScene, stretches } from '../support/dsp/attacker/attack-scene.ts';
import type { AttackedPress } from '../support/dsp/attacker/attack-scene.ts';
import { ALL_KEYS, keyTones, lineNoise } from '../support/dsp/key-tones.ts';
import { masked } from '../support/dsp/masked.ts';
import { makeBridge, TestLeg } from '../support/fake-socket-bridge.ts';

/**
 * Goal: each way in which another media proxy fails at masking without telling anybody is impossible here. Method: the
 * whole path of a call, from the caller's socket to the agent's, and what was heard compared with what was said.
 */

/** The look-ahead of `makeBridge`. */
const LOOKAHEAD_MS = 5;
const FRAME = 160;
const NOISE_DBM0 = -60;

/** The longest piece of any press that came through, in ms; half a millisecond tells no digit. */
function longestOpenMs(
  said: Int16Array,
  heard: Int16Array,
  presses: readonly AttackedPress[],
  rateHz: number,
): number {
  const delaySamples = (LOOKAHEAD_MS * rateHz) / 1000;
  const scene = new AttackScene({
    clean: said,
    masked: heard,
    delaySamples,
    rateHz,
    presses,
    levelDbm0: -10,
  });
  return Math.max(...scene.openMs());
}

function call(rate: SampleRate = 8000) {
  const made = makeBridge();
  const caller = new TestLeg(made.bridge, 'caller', rate);
  const agent = new TestLeg(made.bridge, 'agent', rate);
  return { ...made, caller, agent };
}

/** Frames of `samples` without those from `first` on that were lost, and where the presses are in what is left. */
function withoutFrames(
  { samples, presses }: { samples: Int16Array; presses: readonly AttackedPress[] },
  first: number,
  count: number,
): { kept: Int16Array; keptPresses: AttackedPress[] } {
  const [from, to] = [first * FRAME, (first + count) * FRAME];
  const kept = new Int16Array([...samples.subarray(0, from), ...samples.subarray(to)]);
  const moved = (at: number): number => (at <= from ? at : Math.max(from, at - (to - from)));
  const keptPresses = presses
    .map(({ digit, onset, end }) => ({ digit, onset: moved(onset), end: moved(end) }))
    .filter(({ onset, end }) => end > onset);
  return { kept, keptPresses };
}

describe('a setup that says it masks', () => {
  it.each(SAMPLE_RATES)('masks every key at %i Hz', (rateHz) => {
    const keyed = keyTones({ rateHz, digits: ALL_KEYS, toneMs: 80, pauseMs: 120, noiseDbm0: NOISE_DBM0 });
    const { bridge, caller, agent } = call(rateHz);
    expect(bridge.masking).toBe('armed');
    caller.send(keyed.samples, agent);
    expect(agent.heard).toHaveLength(keyed.samples.length);
    expect(longestOpenMs(keyed.samples, agent.heard, keyed.presses, rateHz)).toBeLessThan(0.5);
  });

  it('is told apart from one that does not', () => {
    const keyed = keyTones({ rateHz: 8000, digits: '5', toneMs: 80, pauseMs: 120, noiseDbm0: NOISE_DBM0 });
    const { bridge, caller, agent } = call();
    bridge.setArmed(false);
    expect(bridge.masking).toBe('off');
    caller.send(keyed.samples, agent);
    expect(longestOpenMs(keyed.samples, agent.heard, keyed.presses, 8000)).toBe(80);
  });

  it('masks in loopback, where the caller leg is also the way to the agent', () => {
    const keyed = keyTones({
      rateHz: 8000,
      digits: ALL_KEYS,
      toneMs: 80,
      pauseMs: 120,
      noiseDbm0: NOISE_DBM0,
    });
    const { bridge } = makeBridge({ topology: 'loopback' });
    const caller = new TestLeg(bridge, 'caller', 8000);
    caller.send(keyed.samples, caller);
    expect(longestOpenMs(keyed.samples, caller.heard, keyed.presses, 8000)).toBeLessThan(0.5);
  });

  it.each(['tone', 'silence', 'noise'] as const)('masks from the first frame on in mode %s', (maskMode) => {
    const keyed = keyTones({
      rateHz: 8000,
      digits: '5',
      toneMs: 80,
      pauseMs: 200,
      noiseDbm0: NOISE_DBM0,
      marginMs: 10,
    });
    const { bridge } = makeBridge({ maskMode });
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    const whole = keyed.samples.subarray(0, Math.floor(keyed.samples.length / FRAME) * FRAME);
    caller.send(whole, agent);
    expect(longestOpenMs(whole, agent.heard, keyed.presses, 8000)).toBeLessThan(0.5);
  });
});

describe('keys that the platform tells', () => {
  it('go to the agent neither as a message nor as a sound of their own', () => {
    const heard = Array.from('159#', (key) => {
      const { caller, agent } = call();
      caller.send(lineNoise(10 * FRAME, NOISE_DBM0), agent);
      caller.handler.text({ kind: 'key', code: key.charCodeAt(0) as 0x31 });
      caller.send(lineNoise(20 * FRAME, NOISE_DBM0, 2), agent);
      // A leg's socket can carry nothing but bytes: one frame of audio for each that came, none more.
      expect(agent.socket.messages.map(({ length }) => length)).toEqual(Array(30).fill(2 * FRAME));
      return agent.heard;
    });
    for (const one of heard) expect(one).toEqual(heard[0]);
  });

  it('are not passed on when they come while the tone is masked', () => {
    const keyed = keyTones({ rateHz: 8000, digits: '7', toneMs: 100, pauseMs: 200, noiseDbm0: NOISE_DBM0 });
    const [silent, told] = [call(), call()];
    silent.caller.send(keyed.samples, silent.agent);
    const middle = Math.floor((keyed.presses[0]!.onset + 400) / FRAME) * FRAME;
    told.caller.send(keyed.samples.subarray(0, middle), told.agent);
    told.caller.handler.text({ kind: 'key', code: 0x37 });
    told.caller.send(keyed.samples.subarray(middle), told.agent);
    expect(told.agent.socket.messages).toEqual(silent.agent.socket.messages);
  });
});

describe('lost packets', () => {
  const keyed = keyTones({
    rateHz: 8000,
    digits: '1590#A',
    toneMs: 100,
    pauseMs: 100,
    noiseDbm0: NOISE_DBM0,
  });
  const counts = Array.from({ length: 50 }, (_, i) => i + 1);

  it.each([
    { where: 'before the first key', first: 4 },
    { where: 'within a key', first: 16 },
    { where: 'between keys', first: 21 },
  ])('never move the mask: 1 to 50 of them, $where', ({ first }) => {
    for (const count of counts) {
      const { kept, keptPresses } = withoutFrames(keyed, first, count);
      const { caller, agent } = call();
      caller.send(kept, agent);
      expect(agent.heard).toHaveLength(kept.length);
      expect({ count, openMs: longestOpenMs(kept, agent.heard, keptPresses, 8000) }).toMatchObject({
        openMs: 0,
      });
      // The last half of the margin is as it was said, so that neither mask nor audio has moved.
      const latency = (LOOKAHEAD_MS * 8000) / 1000;
      expect(agent.heard.subarray(-1200)).toEqual(kept.subarray(-1200 - latency, -latency));
    }
  });

  it('never move the mask when each is a message that is no audio', () => {
    for (const count of [1, 2]) {
      const { caller, agent } = call();
      const first = 16;
      caller.send(keyed.samples.subarray(0, first * FRAME), agent);
      for (let i = 0; i < count; i += 1) caller.handler.binary(Buffer.alloc(0));
      caller.send(keyed.samples.subarray((first + count) * FRAME), agent);
      const { kept, keptPresses } = withoutFrames(keyed, first, count);
      // Each was answered with a frame of silence; without them the rest is as if they had never been.
      const heard = new Int16Array([
        ...agent.heard.subarray(0, first * FRAME),
        ...agent.heard.subarray((first + count) * FRAME),
      ]);
      expect(agent.heard).toHaveLength(keyed.samples.length);
      expect(agent.heard.subarray(first * FRAME, (first + count) * FRAME)).toEqual(
        new Int16Array(count * FRAME),
      );
      expect(longestOpenMs(kept, heard, keptPresses, 8000)).toBe(0);
    }
  });
});

describe('late packets', () => {
  it('never add to the delay', () => {
    const said = lineNoise(600 * FRAME, -30);
    const { caller, agent, clock } = call();
    // Bursts of 1 to 24 frames, each as late as it is long, as a network under load delivers them.
    for (let at = 0, burst = 1; at < said.length; at += burst * FRAME, burst = 1 + ((burst + 6) % 24)) {
      clock.advance(20 * burst);
      caller.send(said.subarray(at, Math.min(said.length, at + burst * FRAME)), agent);
    }
    const latency = (LOOKAHEAD_MS * 8000) / 1000;
    expect(agent.heard).toHaveLength(said.length);
    expect(agent.heard.subarray(latency)).toEqual(said.subarray(0, -latency));
  });
});

describe.each(['tone', 'silence', 'noise'] as const)('what a mask in mode %s leaves behind', (maskMode) => {
  it('never replays a key: after the mask comes what was said, and nothing else', () => {
    const keyed = keyTones({ rateHz: 8000, digits: '0', toneMs: 120, pauseMs: 5000 });
    const { bridge } = makeBridge({ maskMode });
    const [caller, agent] = [new TestLeg(bridge, 'caller', 8000), new TestLeg(bridge, 'agent', 8000)];
    caller.send(keyed.samples, agent);
    const { end } = keyed.presses[0]!;
    // The longest tail is 60 ms and a frame, then 5 ms in which the mask gives way.
    expect(agent.heard.subarray(end + 8 * (60 + 20 + 8 + 5) + FRAME).every((sample) => sample === 0)).toBe(
      true,
    );
  });
});

describe.each(['tone', 'noise'] as const)('the shape of a mask in mode %s', (mode) => {
  it.each([8000, 16_000] as const)('has no digital silence that would count the keys at %i Hz', (rateHz) => {
    const keyed = keyTones({ rateHz, digits: ALL_KEYS, toneMs: 80, pauseMs: 120, noiseDbm0: -55 });
    const { output, latencySamples } = masked(keyed.samples, rateHz, { mode });
    const silences = stretches((n) => output[n] === 0, latencySamples, output.length, rateHz / 250);
    expect(silences).toEqual([]);
  });

  it.each([8000, 16_000, 24_000] as const)('starts and ends on the grid of frames at %i Hz', (rateHz) => {
    const frame = rateHz / 50;
    for (const [i, digit] of Array.from(ALL_KEYS).entries()) {
      // Every key at another place between two frames, and held for another time.
      const keyed = keyTones({
        rateHz,
        digits: digit,
        toneMs: 61 + 3 * i,
        pauseMs: 200,
        noiseDbm0: -70,
        marginMs: 301 + i,
      });
      const { spans, latencySamples } = masked(keyed.samples, rateHz, { mode });
      expect(spans).toHaveLength(1);
      const edges = [spans[0]!.start, spans[0]!.end].map((edge) => (edge + latencySamples) % frame);
      expect({ digit, edges }).toEqual({ digit, edges: [0, 0] });
    }
  });

  it('is the same for every key', () => {
    const shapes = Array.from(ALL_KEYS, (digit) => {
      const keyed = keyTones({ rateHz: 16_000, digits: digit, toneMs: 90, pauseMs: 200, noiseDbm0: -70 });
      const { output, spans, latencySamples } = masked(keyed.samples, 16_000, { mode });
      const { start, end } = spans[0]!;
      // From the point where concealment has given way to the mask; before it only the caller's own past sounds.
      return { start, end, mask: output.slice(start + latencySamples + 65 * 16, end + latencySamples) };
    });
    for (const shape of shapes) expect(shape).toEqual(shapes[0]);
  });
});
