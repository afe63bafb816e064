import { MASKING_DEFAULTS } from '../../src/core/masking.ts';
import type { Bench, BenchRow, BenchSize } from '../bench.ts';
import { loadLegs, openLegs, percentile } from './leg-load.ts';
import { BRIDGE, callerFrames, ECHO, MediaServerProcess, PEER_NAME } from './media-server.ts';

const SIZES: Readonly<Record<BenchSize, { readonly calls: number; readonly seconds: number }>> = {
  smoke: { calls: 5, seconds: 2 },
  full: { calls: 100, seconds: 30 },
};

interface Measured {
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly latenessMs: number;
  readonly framesLost: number;
}

async function measure(script: string, size: BenchSize): Promise<Measured> {
  const { calls, seconds } = SIZES[size];
  const server = await MediaServerProcess.start(script, calls);
  try {
    const legs = await openLegs(server.uris);
    const before = await server.report();
    const load = await loadLegs(legs, await callerFrames(), seconds * 1000);
    const after = await server.report();
    return {
      cpuMicroseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / (calls * seconds),
      p50Ms: percentile(load.latenciesMs, 0.5),
      p99Ms: percentile(load.latenciesMs, 0.99),
      p999Ms: percentile(load.latenciesMs, 0.999),
      latenessMs: load.generatorLatenessMs,
      framesLost: load.framesLost,
    };
  } finally {
    server.stop();
  }
}

export const bench: Bench = {
  name: 'bridge',
  method:
    'Loopback calls at 16 kHz with speech and keying, default masking, against a plain `ws` echo server on the same ' +
    'frames in the same run; processor time is the server process’s own.',
  async run(size): Promise<readonly BenchRow[]> {
    const peer = await measure(ECHO, size);
    const ours = await measure(BRIDGE, size);
    const row = (what: string, unit: string, pick: (measured: Measured) => number): BenchRow => ({
      what,
      unit,
      ours: pick(ours),
      peer: pick(peer),
      peerName: PEER_NAME,
    });
    return [
      row('processor time per call-second', 'µs', (measured) => measured.cpuMicroseconds),
      row('frame to frame, p50', 'ms', (measured) => measured.p50Ms),
      row('frame to frame, p99', 'ms', (measured) => measured.p99Ms),
      row('frame to frame, p99.9', 'ms', (measured) => measured.p999Ms),
      {
        what: 'look-ahead, by design',
        unit: 'ms',
        ours: MASKING_DEFAULTS.lookaheadMs,
        peer: 0,
        peerName: PEER_NAME,
      },
      row('frames lost', '', (measured) => measured.framesLost),
      row('lateness of the generator, p99', 'ms', (measured) => measured.latenessMs),
    ];
  },
};
