import { describe, expect, it } from 'vitest';
import { ConfigError, publicUrlOf } from '../../../src/config/config.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import type { Environment } from '../../../src/config/provider-settings.ts';
import { MASKING_DEFAULTS } from '../../../src/core/masking.ts';
import {
  DEFAULT_LOOKAHEAD_MS,
  DEFAULT_MASK_FREQUENCY_HZ,
  DEFAULT_MASK_LEVEL_DBM0,
} from '../../../src/dsp/constants.ts';

const SECRET = 'abcdefghijklmnopqrstuvwx';
const KEYS = { TONEWALL_API_KEYS: `crm:${SECRET}` };

function noFile(): string {
  throw new Error('no file was expected');
}

function problemsOf(env: Environment): readonly string[] {
  try {
    parseConfig(env, noFile);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('parseConfig', () => {
  it('needs nothing but API keys', () => {
    expect(parseConfig(KEYS, noFile)).toEqual({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: null,
      // By sha256sum of the coreutils.
      apiKeys: [
        {
          name: 'crm',
          secretSha256: '93b0cabf8668e0c534c52a568957499e12a284f59d97dc9b2725ef836804875b',
          isWeak: false,
        },
      ],
      database: './data/tonewall.db',
      profiles: [],
      twilio: null,
      webhook: null,
      embedOrigins: [],
      masking: { mode: 'tone', policy: 'always', frequencyHz: 500, levelDbm0: -16, lookaheadMs: 10 },
      vonage: null,
      maxCalls: 1000,
      otlpEndpoint: null,
      linkMs: 1_800_000,
      workers: 1,
      overloadLatenessMs: 50,
      drainMs: 900_000,
      retentionMs: 400 * 86_400_000,
      auditAnchorsPath: null,
      logLevel: 'info',
    });
  });

  it('reads every variable', () => {
    const config = parseConfig(
      {
        TONEWALL_HOST: '0.0.0.0',
        TONEWALL_PORT: '0',
        TONEWALL_PUBLIC_URL: 'https://pay.example/voice/',
        TONEWALL_API_KEYS: `crm:${SECRET},back-office-2:${SECRET}:with:colons!`,
        TONEWALL_DATABASE: '/var/lib/tonewall.db',
        TONEWALL_EMBED_ORIGINS: 'https://crm.example, http://localhost:3000',
        TONEWALL_MASK_MODE: 'noise',
        TONEWALL_MASK_POLICY: 'payment',
        TONEWALL_MASK_FREQUENCY_HZ: '425.5',
        TONEWALL_MASK_LEVEL_DBM0: '-20',
        TONEWALL_LOOKAHEAD_MS: '5.5',
        TONEWALL_MAX_CALLS: '40',
        TONEWALL_DRAIN_SECONDS: '0',
        TONEWALL_LOG_LEVEL: 'warn',
        PATH: '/usr/bin',
      },
      noFile,
    );
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 0,
      publicUrl: 'https://pay.example/voice',
      database: '/var/lib/tonewall.db',
      embedOrigins: ['https://crm.example', 'http://localhost:3000'],
      masking: { mode: 'noise', policy: 'payment', frequencyHz: 425.5, levelDbm0: -20, lookaheadMs: 5.5 },
      maxCalls: 40,
      drainMs: 0,
      logLevel: 'warn',
    });
    expect(config.apiKeys.map((key) => key.name)).toEqual(['crm', 'back-office-2']);
  });

  it('keeps no secret of an API key', () => {
    expect(JSON.stringify(parseConfig(KEYS, noFile))).not.toContain(SECRET);
  });

  describe('webhooks', () => {
    const WEBHOOK_SECRET = `whsec_${'c2VjcmV0'.repeat(4)}`;
    const OTHER_SECRET = `whsec_${'b3RoZXIh'.repeat(4)}`;
    const URL_PROBLEM =
      'TONEWALL_WEBHOOK_URL: expected an https:// address, or an http:// address of this machine, without user and fragment, and TONEWALL_WEBHOOK_SECRET beside it';
    const SECRET_PROBLEM =
      'TONEWALL_WEBHOOK_SECRET: expected whsec_ and 24 to 64 random bytes in base64, or two of them with a comma between, and TONEWALL_WEBHOOK_URL beside it';
    const variables = (url?: string, secret?: string): Environment => ({
      ...KEYS,
      ...(url === undefined ? {} : { TONEWALL_WEBHOOK_URL: url }),
      ...(secret === undefined ? {} : { TONEWALL_WEBHOOK_SECRET: secret }),
    });

    it.each(['https://shop.example/hooks?from=tonewall', 'http://127.0.0.1:9000/', 'http://[::1]/hooks'])(
      'go to %s',
      (url) => {
        const secret = `${WEBHOOK_SECRET},${OTHER_SECRET}`;
        const { webhook } = parseConfig(variables(url, secret), noFile);
        expect(webhook).toEqual({ url, secrets: [WEBHOOK_SECRET, OTHER_SECRET] });
        expect(Object.isFrozen(webhook?.secrets)).toBe(true);
      },
    );

    it.each([
      'http://shop.example/',
      'https://u:p@shop.example/',
      'https://shop.example/#a',
      'ftp://a',
      'a',
      '',
    ])('do not go to %j', (url) => {
      expect(problemsOf(variables(url, WEBHOOK_SECRET))).toEqual([URL_PROBLEM]);
    });

    it.each([
      'whsec_c2VjcmV0',
      'c2VjcmV0'.repeat(4),
      `${WEBHOOK_SECRET},${WEBHOOK_SECRET}`,
      `${WEBHOOK_SECRET},`,
      `${WEBHOOK_SECRET},${OTHER_SECRET},whsec_${'dGhpcmQh'.repeat(4)}`,
      '',
    ])('are not signed with %j', (secret) => {
      expect(problemsOf(variables('https://shop.example/', secret))).toEqual([SECRET_PROBLEM]);
    });

    it('need both variables or none', () => {
      expect(problemsOf(variables('https://shop.example/'))).toEqual([SECRET_PROBLEM]);
      expect(problemsOf(variables(undefined, WEBHOOK_SECRET))).toEqual([URL_PROBLEM]);
    });
  });

  it('freezes what it returns, all the way down', () => {
    const config = parseConfig(KEYS, noFile);
    expect([config, config.masking, config.apiKeys, config.apiKeys[0]].every(Object.isFrozen)).toBe(true);
  });

  it('takes a short secret and says that it is weak', () => {
    expect(parseConfig({ TONEWALL_API_KEYS: 'Test_1:s3cret' }, noFile).apiKeys).toMatchObject([
      { name: 'Test_1', isWeak: true },
    ]);
  });

  it.each([
    'postgres://db/x',
    'postgresql://user:pass%2Fword@db:6432/x?sslmode=verify-full&sslrootcert=/etc/ca.pem',
    'POSTGRES://db/x?sslmode=no-verify',
    'postgres:///x?host=/var/run/postgresql',
    '/var/lib/postgres:/x.db',
  ])('takes %s as the database, as it is', (database) => {
    expect(parseConfig({ ...KEYS, TONEWALL_DATABASE: database }, noFile).database).toBe(database);
  });

  it('does not start without an API key', () => {
    expect(problemsOf({})).toEqual([
      'TONEWALL_API_KEYS: is needed: name:secret pairs with commas between; names of letters, digits, dots, - and _; secrets of visible ASCII characters; nothing twice',
    ]);
  });

  it('reports every problem at once, with the name of the variable and without its value', () => {
    const error = (() => {
      try {
        return parseConfig(
          {
            TONEWALL_PORT: '0x10',
            TONEWALL_MASK_MODE: 'beep',
            TONEWALL_API_KEYS: `crm:${SECRET},crm:another-secret`,
            TONEWALL_DATABASE: 'postgres://user:hidden@db',
            TONEWALL_LOOKAHEAD_MS: '11',
            TONEWALL_PROT: '1',
          },
          noFile,
        );
      } catch (thrown) {
        return thrown as ConfigError;
      }
    })() as ConfigError;
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message.split('\n')).toEqual([
      'The configuration has 6 problems:',
      '  TONEWALL_PROT: there is no such variable',
      '  TONEWALL_PORT: expected a whole number from 0 to 65535',
      '  TONEWALL_MASK_MODE: expected one of tone, silence, noise',
      '  TONEWALL_LOOKAHEAD_MS: expected a number from 3 to 10 ms',
      '  TONEWALL_API_KEYS: expected name:secret pairs with commas between; names of letters, digits, dots, - and _; secrets of visible ASCII characters; nothing twice',
      '  TONEWALL_DATABASE: expected the path of an SQLite file, or postgres://USER:PASSWORD@HOST:PORT/DATABASE, with ?sslmode= of disable, no-verify or verify-full',
    ]);
    for (const value of [SECRET, 'another-secret', 'hidden', 'beep', '0x10']) {
      expect(error.message).not.toContain(value);
    }
  });

  it.each([
    [
      'TONEWALL_PORT',
      ['yes', '0x10', ' 8080 ', '8080 ', '65536', '-1', '8080.0', '080', '1e3', '', '٣', '99999999999'],
    ],
    [
      'TONEWALL_EMBED_ORIGINS',
      [
        '',
        '*',
        'crm.example',
        'https://crm.example/',
        'https://crm.example:443',
        'https://a.example,',
        'ftp://a.example',
        'https://a.example,https://a.example',
        'null',
      ],
    ],
    ['TONEWALL_HOST', ['', ' ', 'a b', 'http://host', 'host/path']],
    [
      'TONEWALL_PUBLIC_URL',
      [
        '',
        'pay.example',
        'ftp://a.example',
        'https://u:p@a.example',
        'https://a.example/?x=1',
        'https://a.example#f',
        ' https://a.example',
      ],
    ],
    [
      'TONEWALL_API_KEYS',
      [
        '',
        SECRET,
        `:${SECRET}`,
        `c m:${SECRET}`,
        'crm:',
        `crm:${SECRET} `,
        ` crm:${SECRET}`,
        `crm:${SECRET},`,
        `a:${SECRET},b:${SECRET}`,
        `a:${SECRET},a:${SECRET}2`,
        `crm:${SECRET}é`,
      ],
    ],
    [
      'TONEWALL_DATABASE',
      [
        '',
        'a\0b',
        'sqlite://x',
        'mysql://db/x',
        'postgres://db',
        'postgres://db/',
        'postgres://db/x/y',
        'postgres://db:port/x',
        'postgres://u:%zz@db/x',
        // Taken for no TLS at all by the client.
        'postgres://db/x?sslmode=verify_full',
      ],
    ],
    ['TONEWALL_PROFILES', ['']],
    ['TONEWALL_MASK_MODE', ['', 'Tone', 'tone ', 'beep']],
    ['TONEWALL_MASK_POLICY', ['', 'never']],
    [
      'TONEWALL_MASK_FREQUENCY_HZ',
      ['299', '3401', '5e2', 'NaN', 'Infinity', '+500', '500.', '.5', '500Hz', ''],
    ],
    ['TONEWALL_MASK_LEVEL_DBM0', ['-41', '-5', '3', '−16', '']],
    ['TONEWALL_LOOKAHEAD_MS', ['0', '2.9', '-1', '10.1', '10 ', '']],
    ['TONEWALL_MAX_CALLS', ['0', '4001', '10.5', '']],
    ['TONEWALL_DRAIN_SECONDS', ['-1', '86401', '']],
    ['TONEWALL_LOG_LEVEL', ['', 'trace', 'INFO']],
  ])('refuses bad values of %s', (name, values) => {
    const blamed = values.map((value) => {
      const problems = problemsOf({ ...KEYS, [name]: value });
      return [value, ...problems.map((problem) => problem.split(':')[0])];
    });
    expect(blamed).toEqual(values.map((value) => [value, name]));
  });

  it.each([
    [697 * 0.941, 697],
    [697, 697],
    [750, 770],
    [997, 941],
    [1400, 1336],
    [1633 * 1.059, 1633],
  ])('refuses a mask tone of %d Hz, near the DTMF frequency %d', (frequencyHz, toneHz) => {
    expect(problemsOf({ ...KEYS, TONEWALL_MASK_FREQUENCY_HZ: frequencyHz.toFixed(3) })).toEqual([
      `TONEWALL_MASK_FREQUENCY_HZ: expected more than 6 % of distance from the DTMF frequency ${toneHz} Hz`,
    ]);
  });

  it.each([300, 500, 655, 999, 1100, 1732, 3400])('accepts a mask tone of %d Hz', (frequencyHz) => {
    expect(problemsOf({ ...KEYS, TONEWALL_MASK_FREQUENCY_HZ: String(frequencyHz) })).toEqual([]);
  });

  it('refuses a public address whose digits the last filter would blot out of every link', () => {
    // The four groups are 203411011315, which passes the Luhn check.
    const name = 'https://ip-203-411-011-315.example';
    expect(problemsOf({ ...KEYS, TONEWALL_PUBLIC_URL: name })).toEqual([
      'TONEWALL_PUBLIC_URL: its digits look like a card number, which the last filter would blot out',
    ]);
    expect(problemsOf({ ...KEYS, TONEWALL_PUBLIC_URL: name.replace('315', '316') })).toEqual([]);
  });

  it('has the masking defaults of the signal processing', () => {
    expect(MASKING_DEFAULTS).toEqual({
      lookaheadMs: DEFAULT_LOOKAHEAD_MS,
      frequencyHz: DEFAULT_MASK_FREQUENCY_HZ,
      levelDbm0: DEFAULT_MASK_LEVEL_DBM0,
    });
  });
});

describe('publicUrlOf', () => {
  it.each([
    [{ host: '127.0.0.1', publicUrl: null }, 'http://127.0.0.1:41234'],
    [{ host: '::1', publicUrl: null }, 'http://[::1]:41234'],
    [{ host: '0.0.0.0', publicUrl: 'https://pay.example' }, 'https://pay.example'],
  ])('makes the base of links from %o', (config, expected) => {
    expect(publicUrlOf(config, 41234)).toBe(expected);
  });
});

describe('the account of the Twilio-compatible API', () => {
  const SID = { TONEWALL_TWILIO_ACCOUNT_SID: `AC${'a'.repeat(32)}` };
  const TOKEN = { TONEWALL_TWILIO_AUTH_TOKEN: 'a token of 32 letters, no blank'.replaceAll(' ', '-') };
  const BASE = { TONEWALL_TWILIO_CALLBACK_BASE: 'https://crm.example/pay/' };

  it('needs both of its variables', () => {
    expect(parseConfig({ ...KEYS, ...SID, ...TOKEN }, noFile).twilio).toEqual({
      accountSid: SID.TONEWALL_TWILIO_ACCOUNT_SID,
      authToken: TOKEN.TONEWALL_TWILIO_AUTH_TOKEN,
      callbackBase: null,
    });
    expect(parseConfig({ ...KEYS, ...SID, ...TOKEN, ...BASE }, noFile).twilio?.callbackBase).toBe(
      'https://crm.example/pay',
    );
    expect(problemsOf({ ...KEYS, ...SID })).toEqual([
      'TONEWALL_TWILIO_AUTH_TOKEN: is needed with TONEWALL_TWILIO_ACCOUNT_SID',
    ]);
    expect(problemsOf({ ...KEYS, ...TOKEN })).toEqual([
      'TONEWALL_TWILIO_ACCOUNT_SID: is needed with TONEWALL_TWILIO_AUTH_TOKEN',
    ]);
    expect(problemsOf({ ...KEYS, ...BASE })).toEqual([
      'TONEWALL_TWILIO_CALLBACK_BASE: means nothing without TONEWALL_TWILIO_ACCOUNT_SID',
    ]);
  });

  it.each([
    { ...SID, TONEWALL_TWILIO_AUTH_TOKEN: 'short' },
    { ...TOKEN, TONEWALL_TWILIO_ACCOUNT_SID: 'AC17' },
    // Its digits pass the Luhn check.
    { ...TOKEN, TONEWALL_TWILIO_ACCOUNT_SID: `AC${'a'.repeat(16)}4111111111111111` },
    { ...SID, ...TOKEN, TONEWALL_TWILIO_CALLBACK_BASE: 'crm.example' },
  ])('refuses %o', (env) => {
    expect(problemsOf({ ...KEYS, ...env }).length).toBeGreaterThan(0);
  });
});
