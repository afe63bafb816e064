import { DockerfileParser } from 'dockerfile-ast';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { readText } from '../support/deploy-files.ts';

/** Goal: the image keeps what the runbook says of it. Method: the parsed Dockerfile; no container engine is needed. */
const dockerfile = DockerfileParser.parse(readText('Dockerfile'));
const instructions = dockerfile.getInstructions();
const argumentsOf = (keyword: string): string[] =>
  instructions
    .filter((instruction) => instruction.getKeyword() === keyword)
    .map((instruction) => instruction.getArgumentsContent() ?? '');
const indexOf = (keyword: string, part: string): number =>
  instructions.findIndex(
    (instruction) =>
      instruction.getKeyword() === keyword && (instruction.getArgumentsContent() ?? '').includes(part),
  );

describe('the image', () => {
  it('starts from the very version of Node that the tests run on', () => {
    expect(argumentsOf('FROM')).toEqual([`node:${packageJson.dependencies.node}-bookworm-slim`]);
  });

  it('installs what the lock file says, without development tools and install scripts', () => {
    expect(indexOf('RUN', 'npm ci --omit=dev --ignore-scripts')).toBeGreaterThan(0);
  });

  it('runs as a user without rights, given by number, and nothing after that is root again', () => {
    expect(argumentsOf('USER')).toEqual(['1000:1000']);
    expect(indexOf('USER', '1000')).toBeGreaterThan(indexOf('RUN', 'chmod'));
    expect(argumentsOf('ADD')).toEqual([]);
  });

  it('makes processes undumpable and core files impossible', () => {
    expect(indexOf('RUN', 'chmod 0711 /usr/local/bin/node')).toBeGreaterThan(0);
    expect(argumentsOf('ENTRYPOINT')[0]).toContain('ulimit -c 0 && exec node --disable-sigusr1');
  });

  it('warms the compile cache as the user that reads it', () => {
    const warm = indexOf('RUN', '--check-config');
    expect(warm).toBeGreaterThan(indexOf('USER', '1000'));
    expect(warm).toBeGreaterThan(indexOf('COPY', 'src'));
    expect(argumentsOf('ENV').join(' ')).toContain('NODE_COMPILE_CACHE=/app/.compile-cache');
  });

  it('asks for life, not for readiness, and is stopped by a drain', () => {
    expect(argumentsOf('HEALTHCHECK')[0]).toContain('/healthz');
    expect(argumentsOf('STOPSIGNAL')).toEqual(['SIGTERM']);
  });

  it('holds the program and nothing of its workshop', () => {
    const copied = argumentsOf('COPY').map((text) => text.split(' ').slice(0, -1).join(' '));
    expect(copied).toEqual(['package.json package-lock.json', 'LICENSE', 'src']);
    expect(readText('.dockerignore').split('\n')).toEqual(
      expect.arrayContaining(['.git', 'node_modules', '.env']),
    );
  });
});
