import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/config.ts';
import type { VonageConfig } from '../../../src/config/config.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';

const pem = (type: 'rsa' | 'ed25519'): string => {
  const { privateKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
};
const KEY = pem('rsa');

const WHOLE = {
  VONAGE_APPLICATION_ID: 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
  VONAGE_PRIVATE_KEY: KEY,
  VONAGE_SIGNATURE_SECRET: 'secret-of-the-account',
  VONAGE_NUMBER: '+447700900000',
};

function parse(env: Record<string, string | undefined>, file: () => string = noFile): VonageConfig | null {
  return parseConfig({ TONEWALL_API_KEYS: 'crm:abcdefghijklmnopqrstuvwx', ...env }, file).vonage;
}

function noFile(): string {
  throw new Error('no file was expected');
}

function problemsOf(env: Record<string, string | undefined>, file?: () => string): readonly string[] {
  try {
    parse(env, file);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the Vonage variables', () => {
  it('are all that call control needs', () => {
    expect(parse(WHOLE)).toEqual({
      applicationId: 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab',
      privateKey: KEY,
      signatureSecret: 'secret-of-the-account',
      number: '447700900000',
      apiHost: null,
      agent: null,
      join: 'always',
      topology: 'A',
      holdMusicUrl: null,
    });
  });

  it('say who the agent is, how media joins, and where the API is', () => {
    const more = {
      VONAGE_API_HOST: 'http://127.0.0.1:9999/',
      TONEWALL_AGENT_DESTINATION: 'sip:desk@example.com',
      TONEWALL_MEDIA_JOIN: 'payment',
      TONEWALL_MEDIA_TOPOLOGY: 'C',
      TONEWALL_HOLD_MUSIC_URL: 'https://example.com/music.mp3',
    };
    expect(parse({ ...WHOLE, ...more })).toMatchObject({
      apiHost: 'http://127.0.0.1:9999',
      agent: { type: 'sip', uri: 'sip:desk@example.com' },
      join: 'payment',
      topology: 'C',
      holdMusicUrl: 'https://example.com/music.mp3',
    });
  });

  it.each([
    ['447700900001', { type: 'phone', number: '447700900001' }],
    ['+447700900001', { type: 'phone', number: '447700900001' }],
    ['sips:desk@example.com;transport=tls', { type: 'sip', uri: 'sips:desk@example.com;transport=tls' }],
    ['app:jamie', { type: 'app', user: 'jamie' }],
  ])('take %s as an agent', (text, agent) => {
    expect(parse({ ...WHOLE, TONEWALL_AGENT_DESTINATION: text })?.agent).toEqual(agent);
  });

  it('take the key from a file, and with written line breaks', () => {
    expect(parse({ ...WHOLE, VONAGE_PRIVATE_KEY: '/run/secrets/key' }, () => KEY)?.privateKey).toBe(KEY);
    expect(parse({ ...WHOLE, VONAGE_PRIVATE_KEY: KEY.replaceAll('\n', '\\n') })?.privateKey).toBe(KEY);
  });

  it('are set together', () => {
    expect(problemsOf({ VONAGE_NUMBER: '447700900000' })).toEqual([
      'VONAGE_APPLICATION_ID: is needed when VONAGE_NUMBER is set',
      'VONAGE_PRIVATE_KEY: is needed when VONAGE_NUMBER is set',
      'VONAGE_SIGNATURE_SECRET: is needed when VONAGE_NUMBER is set',
    ]);
  });

  it.each(['VONAGE_API_HOST', 'TONEWALL_AGENT_DESTINATION', 'TONEWALL_MEDIA_JOIN'])(
    'are needed for %s',
    (name) => {
      const value = {
        VONAGE_API_HOST: 'http://h',
        TONEWALL_AGENT_DESTINATION: 'app:a',
        TONEWALL_MEDIA_JOIN: 'payment',
      };
      const [problem, ...others] = problemsOf({ [name]: value[name as keyof typeof value] });
      expect(problem).toMatch(new RegExp(`^${name}: needs VONAGE_APPLICATION_ID, `));
      expect(others).toEqual([]);
    },
  );

  it.each([
    ['VONAGE_APPLICATION_ID', '12345'],
    ['VONAGE_PRIVATE_KEY', '-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----'],
    ['VONAGE_PRIVATE_KEY', pem('ed25519')],
    ['VONAGE_PRIVATE_KEY', '/no/such/file'],
    ['VONAGE_SIGNATURE_SECRET', 'short'],
    ['VONAGE_NUMBER', '0800 1234'],
    ['VONAGE_API_HOST', 'api.nexmo.com'],
    ['VONAGE_API_HOST', 'https://api.nexmo.com/v1'],
    ['TONEWALL_AGENT_DESTINATION', '+44 (0)7700'],
    ['TONEWALL_AGENT_DESTINATION', 'app:'],
    ['TONEWALL_MEDIA_JOIN', 'sometimes'],
    ['TONEWALL_MEDIA_TOPOLOGY', 'D'],
    ['TONEWALL_HOLD_MUSIC_URL', 'music.mp3'],
    ['DEBUG', 'vonage:*'],
    ['DEBUG', 'http,*'],
    ['DEBUG', '@vonage/voice'],
  ])('refuse %s=%s without repeating it', (name, value) => {
    const problems = problemsOf({ ...WHOLE, [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name}: `));
    expect(problems[0]).not.toContain(`${name}=${value}`);
    expect(problems[0]).not.toContain('nonsense');
  });
});
