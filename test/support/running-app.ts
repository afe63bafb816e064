import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../../src/app/app.ts';
import type { App } from '../../src/app/app.ts';
import { systemClock } from '../../src/app/system-clock.ts';
import { systemRandom } from '../../src/app/system-random.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import type { Clock } from '../../src/core/clock.ts';
import { LegClient } from './leg-client.ts';

const SECRET = 'integration-secret-of-32-letters';

const PROFILE = {
  id: 'card',
  name: 'Card',
  method: 'guided',
  operation: 'charge',
  currency: 'GBP',
  fields: ['payment-card-number', 'expiration-date', 'security-code'],
  provider: { kind: 'simulator' },
};

export interface JsonAnswer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** The whole product in the test's process, with a folder and a port of its own. */
export class RunningApp {
  readonly app: App;
  readonly folder: string;
  readonly lines: string[];

  private constructor(app: App, folder: string, lines: string[]) {
    this.app = app;
    this.folder = folder;
    this.lines = lines;
  }

  /** `profile` changes the product's one profile; `others` come after it. */
  static async start(
    environment: Record<string, string> = {},
    profile: object = {},
    others: readonly object[] = [],
    clock: Clock = systemClock,
  ): Promise<RunningApp> {
    const folder = mkdtempSync(join(tmpdir(), 'tonewall-test-'));
    const profiles = join(folder, 'profiles.json');
    writeFileSync(
      profiles,
      JSON.stringify({
        profiles: [{ ...PROFILE, ...profile }, ...others.map((other) => ({ ...PROFILE, ...other }))],
      }),
    );
    const config = parseConfig(
      {
        TONEWALL_PORT: '0',
        TONEWALL_API_KEYS: `test:${SECRET}`,
        TONEWALL_DATABASE: join(folder, 'tonewall.db'),
        TONEWALL_PROFILES: profiles,
        TONEWALL_DRAIN_SECONDS: '0',
        ...environment,
      },
      (path) => readFileSync(path, 'utf8'),
    );
    const lines: string[] = [];
    const logSink = { write: (line: string) => void lines.push(line), flush: () => Promise.resolve() };
    const app = await startApp(config, { clock, random: systemRandom, logSink });
    return new RunningApp(app, folder, lines);
  }

  async call(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<JsonAnswer> {
    const response = await fetch(`${this.app.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${SECRET}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  }

  /** A loopback call whose only leg is open. */
  async openCall(): Promise<{ readonly id: string; readonly leg: LegClient }> {
    const { body } = await this.call('POST', '/v1/calls', { topology: 'loopback', sampleRate: 8000 });
    const legs = body['legs'] as { readonly caller: { readonly uri: string } };
    return { id: body['id'] as string, leg: await LegClient.connect(legs.caller.uri, 8000) };
  }

  async openPayment(
    callId: string,
    more: object = {},
    headers: Record<string, string> = {},
  ): Promise<JsonAnswer> {
    return this.call(
      'POST',
      '/v1/payments',
      { callId, profileId: 'card', amount: '42.50', ...more },
      headers,
    );
  }

  /** Polls the payment, as a back end would, until it is in this state. */
  async untilState(paymentId: string, state: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { body } = await this.call('GET', `/v1/payments/${paymentId}`);
      if (body['state'] === state) return body;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Stops as SIGTERM does, without waiting for calls. */
  async stop(): Promise<void> {
    await this.app.drain(Promise.resolve());
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Keys a card by telephone events, which need no audio; Visa numbers are ended by `#`. */
export function keyCard(leg: LegClient, number: string): void {
  for (const key of `${number}#1229123`) leg.tellKey(key);
}
