import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startApp } from './app/app.ts';
import { systemClock } from './app/system-clock.ts';
import { hardeningProblems, processFacts } from './app/hardening.ts';
import { systemRandom } from './app/system-random.ts';
import { ConfigError } from './config/config.ts';
import type { Config } from './config/config.ts';
import { parseConfig } from './config/parse-config.ts';
import { describeError } from './core/log.ts';
import { JournalError } from './journal/journal-error.ts';
import { ProviderSettingsError } from './payment/card-url.ts';
import { standardOutput } from './telemetry/standard-output.ts';

const USAGE = `usage: npm start [-- --check-config]

Starts the server, configured by environment variables (README, "Configuration").
  --check-config  checks the configuration and exits: 0 when it is valid, 2 when not`;

/** Errors whose message was written for the operator. */
function startProblem(error: unknown): string {
  if (
    error instanceof ConfigError ||
    error instanceof JournalError ||
    error instanceof ProviderSettingsError
  ) {
    return error.message;
  }
  const { errorName, code } = describeError(error);
  return `tonewall could not start: ${errorName ?? 'error'} ${code ?? ''}`.trimEnd();
}

async function serve(config: Config): Promise<void> {
  const problems = hardeningProblems(processFacts(process.env));
  if (problems.length > 0 && process.env['NODE_ENV'] === 'production') {
    throw new ConfigError(problems);
  }
  const logSink = standardOutput();
  const app = await startApp(config, { clock: systemClock, random: systemRandom, logSink });
  if (problems.length > 0) {
    app.logger.warn('others could read card data in this process; in production it would not start', {
      count: problems.length,
    });
  }
  const hurry = Promise.withResolvers<void>();
  let drained: Promise<void> | null = null;
  const stop = (exitCode: number): void => {
    drained ??= app.drain(hurry.promise).finally(() => process.exit(exitCode));
  };
  const onSignal = (): void => {
    if (drained !== null) hurry.resolve();
    stop(0);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('unhandledRejection', (error) => {
    app.logger.error('a promise was rejected and nobody minded', describeError(error));
    stop(1);
  });
  process.on('uncaughtException', (error) => {
    app.logger.error('something was thrown and nobody caught it', describeError(error));
    stop(1);
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { 'check-config': { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const config = parseConfig(process.env, (path) => readFileSync(path, 'utf8'));
  if (values['check-config'] === true) process.stdout.write('The configuration is valid.\n');
  else await serve(config);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${startProblem(error)}\n`);
  process.exit(2);
}
