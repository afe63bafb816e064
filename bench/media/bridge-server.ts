import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import { CallRegistry } from '../../src/call/call-registry.ts';
import { MASKING_DEFAULTS } from '../../src/core/masking.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { PrometheusMeter } from '../../src/telemetry/prometheus-meter.ts';
import { LegTokens } from '../../src/vonage/leg-token.ts';
import { LocalMedia } from '../../src/vonage/media-host.ts';
import { MediaUpgrade } from '../../src/vonage/media-upgrade.ts';
import { reportOnRequest } from './server-report.ts';

/** Our media edge with default settings and nothing else: loopback calls, so that work compares with the echo. */
const meter = new PrometheusMeter();
const logger = createLogger('error', { write: () => undefined }, meter);
const shared = { clock: systemClock, random: systemRandom, meter, logger };
const tokens = new LegTokens(systemClock, systemRandom);
const host = new LocalMedia(shared);
const server = createServer();
const registry = new CallRegistry(
  {
    maxCalls: 10_000,
    maskPolicy: 'always',
    masking: {
      lookaheadMs: MASKING_DEFAULTS.lookaheadMs,
      maskMode: 'tone',
      maskFrequencyHz: MASKING_DEFAULTS.frequencyHz,
      maskLevelDbm0: MASKING_DEFAULTS.levelDbm0,
    },
  },
  {
    ...shared,
    makeBridge: host.makeBridge,
    isOverloaded: () => false,
    addressOf: (_call, id, leg) => {
      const { port } = server.address() as AddressInfo;
      return { uri: `ws://127.0.0.1:${port}/media/${tokens.mint(id, leg)}`, ncco: [] };
    },
  },
);
new MediaUpgrade({ ...shared, host, tokens, bridgeOf: (id) => registry.bridgeOf(id) }).attach(server);
server.listen(0, '127.0.0.1', () => {
  const calls = Number(process.argv[2]);
  const create = () => registry.create({ topology: 'loopback', sampleRate: 16_000, reference: null });
  reportOnRequest(Array.from({ length: calls }, () => create().legs.caller?.uri ?? ''));
});
