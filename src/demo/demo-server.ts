import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../app/app.ts';
import { systemClock } from '../app/system-clock.ts';
import { systemRandom } from '../app/system-random.ts';
import { parseConfig } from '../config/parse-config.ts';
import { Simulator } from '../payment/simulator/simulator.ts';
import type { SimulatorLedgerEntry } from '../payment/simulator/simulator-server.ts';
import { VonageSimulator } from '../simulator/vonage/vonage-simulator.ts';
import { addDemoRoutes } from './demo-routes.ts';

/** A second way of paying, so that there is something to pick. */
const TOKEN_PROFILE = {
  id: 'card-on-file',
  name: 'Keep a card on file',
  method: 'guided',
  operation: 'tokenize',
  currency: 'GBP',
  fields: ['payment-card-number', 'expiration-date', 'postal-code'],
  provider: { kind: 'simulator' },
} as const;

const PROFILE = {
  id: 'card-gbp',
  name: 'Card payment (GBP)',
  method: 'guided',
  operation: 'charge',
  currency: 'GBP',
  fields: ['payment-card-number', 'expiration-date', 'security-code'],
  provider: { kind: 'simulator' },
} as const;

/** The caller pays on a page of his own; the link comes by text message, which the demo prints. */
const LINK_PROFILE = {
  ...PROFILE,
  id: 'link-gbp',
  name: 'Payment by link (GBP)',
  method: 'self-service',
} as const;

/** Whom inbound calls ring. */
export const AGENT_NUMBER = '447700900001';

/** The whole product in this process, with a folder of its own that is gone afterwards. */
export interface DemoServer {
  readonly url: string;
  readonly apiKey: string;
  readonly profileId: string;
  /** The call platform, with phones to play people on. */
  readonly platform: VonageSimulator;
  /** Everything it logged. */
  readonly log: () => string;
  /** What the simulated provider charged. */
  readonly ledger: () => readonly SimulatorLedgerEntry[];
  stop(): Promise<void>;
}

export async function startDemoServer(port: string): Promise<DemoServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tonewall-demo-'));
  const profilesPath = join(folder, 'profiles.json');
  writeFileSync(profilesPath, JSON.stringify({ profiles: [PROFILE, TOKEN_PROFILE, LINK_PROFILE] }));
  const platform = await VonageSimulator.start();
  const apiKey = randomBytes(24).toString('base64url');
  const config = parseConfig(
    {
      TONEWALL_PORT: port,
      TONEWALL_API_KEYS: `demo:${apiKey}`,
      TONEWALL_DATABASE: join(folder, 'tonewall.db'),
      TONEWALL_PROFILES: profilesPath,
      TONEWALL_DRAIN_SECONDS: '0',
      TONEWALL_AGENT_DESTINATION: AGENT_NUMBER,
      TONEWALL_MEDIA_JOIN: 'payment',
      ...platform.environment,
    },
    (path) => readFileSync(path, 'utf8'),
  );
  const lines: string[] = [];
  const app = await startApp(config, {
    clock: systemClock,
    random: systemRandom,
    logSink: { write: (line) => void lines.push(line), flush: () => Promise.resolve() },
    extraPlugins: [async (scope) => addDemoRoutes(scope, { url: () => app.url, apiKey })],
  });
  platform.serve(app.url);
  const provider = app.providers.ofProfile(PROFILE.id);
  return {
    url: app.url,
    apiKey,
    profileId: PROFILE.id,
    platform,
    log: () => lines.join(''),
    ledger: () => (provider instanceof Simulator ? provider.ledger : []),
    stop: async () => {
      await app.drain(Promise.resolve());
      await platform.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
