import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Goal: the one-way paths media → dsp, digits → vault → provider, events → agent stay one-way.
 * Method: every import of every source file is held against this table. A file's layer is its folder under
 * `src`; a file directly under `src` is a layer of its own. `'*'` may import every layer.
 */
const LAYERS: Record<string, { layers: readonly string[]; node: readonly string[]; npm: readonly string[] }> =
  {
    core: { layers: [], node: [], npm: [] },
    dsp: { layers: ['core'], node: [], npm: [] },
    media: { layers: ['core', 'dsp'], node: [], npm: [] },
    vault: { layers: ['core'], node: ['util'], npm: [] },
    capture: { layers: ['core'], node: [], npm: [] },
    payment: {
      layers: ['core', 'vault', 'journal'],
      node: ['http', 'https', 'crypto', 'net', 'tls', 'util'],
      npm: ['typebox'],
    },
    journal: {
      layers: ['core'],
      node: ['crypto', 'sqlite', 'worker_threads', 'fs', 'os', 'path', 'url'],
      npm: ['pg'],
    },
    events: { layers: ['core'], node: [], npm: [] },
    call: {
      layers: ['core', 'media', 'capture', 'vault', 'payment', 'journal', 'events'],
      node: ['crypto'],
      npm: [],
    },
    'self-service': {
      layers: ['core', 'vault', 'payment', 'journal', 'events', 'call'],
      node: ['crypto'],
      npm: [],
    },
    'pay-page': {
      layers: ['core', 'self-service'],
      node: ['crypto', 'fs', 'http', 'module', 'net', 'stream'],
      npm: ['fastify', '@fastify/rate-limit'],
    },
    conversation: { layers: ['core'], node: [], npm: [] },
    vonage: {
      layers: ['core', 'media', 'call', 'conversation'],
      node: ['crypto', 'http', 'stream', 'net'],
      npm: ['ws', 'fastify', 'jose', '@vonage/server-sdk'],
    },
    twilio: {
      layers: ['core', 'call', 'events'],
      node: ['crypto', 'dns', 'http', 'https', 'net'],
      npm: [],
    },
    webhooks: { layers: ['core', 'call', 'journal'], node: ['crypto'], npm: [] },
    worker: {
      layers: ['core', 'media', 'vonage', 'telemetry'],
      node: ['child_process', 'fs', 'module', 'net'],
      npm: [],
    },
    http: {
      layers: ['core', 'call', 'events', 'twilio'],
      node: ['crypto', 'http', 'stream', 'path', 'url', 'fs', 'net'],
      npm: [
        'fastify',
        '@fastify/ajv-compiler',
        '@fastify/cors',
        '@fastify/fast-json-stringify-compiler',
        '@fastify/helmet',
        '@fastify/rate-limit',
        '@fastify/swagger',
        '@fastify/swagger-ui',
        '@fastify/type-provider-typebox',
        'typebox',
        'jose',
      ],
    },
    telemetry: {
      layers: ['core'],
      node: ['stream', 'crypto'],
      npm: [
        'pino',
        'prom-client',
        '@opentelemetry/api',
        '@opentelemetry/exporter-trace-otlp-http',
        '@opentelemetry/resources',
        '@opentelemetry/sdk-trace',
      ],
    },
    config: { layers: ['core'], node: ['crypto'], npm: ['typebox'] },
    'audio-file': { layers: ['core'], node: ['fs', 'fs/promises', 'path', 'crypto'], npm: [] },
    training: { layers: ['core', 'dsp', 'audio-file'], node: ['*'], npm: [] },
    simulator: { layers: ['core', 'audio-file'], node: ['*'], npm: ['ws', 'jose', 'typebox'] },
    cli: { layers: ['core', 'dsp', 'audio-file', 'journal', 'pay-page'], node: ['*'], npm: [] },
    ui: { layers: ['core'], node: ['fs', 'module'], npm: ['fastify'] },
    app: { layers: ['*'], node: ['*'], npm: ['*'] },
    demo: { layers: ['*'], node: ['*'], npm: ['*'] },
    'main.ts': { layers: ['*'], node: ['*'], npm: ['*'] },
  };

/** The vault's digits may be seen by these only; the payment layer sees the card port, not the vault class. */
const MAY_IMPORT_CARD_VAULT = ['vault', 'call', 'self-service'];

const ROOT = join(import.meta.dirname, '../..');
const SRC = join(ROOT, 'src');
const files = globSync('**/*.ts', { cwd: SRC }).filter((file) => !file.startsWith('ui/public/'));
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\(\s*'([^']+)'\s*\)|new URL\(\s*'(\.[^']+\.ts)'/g;

function specifiersOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const layerOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : file);
/** `typebox/value` is part of `typebox`, `@fastify/static` a package of its own. */
const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
const allows = (list: readonly string[], name: string): boolean => list.includes('*') || list.includes(name);

describe('source layers', () => {
  it('sees the whole source tree', () => {
    expect(files.length).toBeGreaterThan(60);
  });

  it('puts every file into a known layer', () => {
    expect(files.filter((file) => LAYERS[layerOf(file)] === undefined)).toEqual([]);
  });

  it('lets arrows point one way only', () => {
    const violations: string[] = [];
    for (const file of files) {
      const layer = layerOf(file);
      const rule = LAYERS[layer];
      if (rule === undefined) continue;
      for (const specifier of specifiersOf(file)) {
        if (specifier.startsWith('.')) {
          const target = layerOf(relative(SRC, join(SRC, dirname(file), specifier)));
          if (target !== layer && !allows(rule.layers, target)) violations.push(`${file} → ${target}`);
        } else if (specifier.startsWith('node:')) {
          if (!allows(rule.node, specifier.slice(5))) violations.push(`${file} → ${specifier}`);
        } else if (!allows(rule.npm, packageOf(specifier))) {
          violations.push(`${file} → ${specifier}`);
        }
      }
    }
    expect(violations).toEqual([]);
  });

  it('names every relative import by its real file, with the extension', () => {
    const broken: string[] = [];
    for (const file of files) {
      for (const specifier of specifiersOf(file)) {
        if (!specifier.startsWith('.')) continue;
        const target = join(SRC, dirname(file), specifier);
        if (!/\.(ts|json)$/.test(specifier) || !existsSync(target)) broken.push(`${file} → ${specifier}`);
      }
    }
    expect(broken).toEqual([]);
  });

  it('loads the PostgreSQL client only when a PostgreSQL URL asks for it', () => {
    const isPostgres = (file: string): boolean => file.startsWith('journal/postgres-');
    const importers = files.filter(
      (file) =>
        !isPostgres(file) &&
        /\n?import (?!type)[^;]*from '(?:pg|[^']*\/postgres-[^']*)'/.test(
          readFileSync(join(SRC, file), 'utf8'),
        ),
    );
    expect(files.filter(isPostgres).length).toBeGreaterThan(5);
    expect(importers).toEqual([]);
  });

  it('keeps the card vault away from every edge', () => {
    const seen = files.filter(
      (file) =>
        specifiersOf(file).some((specifier) => specifier.endsWith('/card-vault.ts')) &&
        !MAY_IMPORT_CARD_VAULT.includes(layerOf(file)),
    );
    expect(seen).toEqual([]);
  });
});
