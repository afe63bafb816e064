import { readFileSync, statSync } from 'node:fs';

/** What of the process could show its memory to somebody. */
export interface ProcessFacts {
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `/proc/self/limits`; null where there is none. */
  readonly limits: string | null;
  /** Whether the kernel would write a core file at all: it does not when the user cannot read Node's binary. */
  readonly isDumpable: boolean;
}

/**
 * Flags that open a debugger, or write memory, traffic or keys to a file. `--disable-sigusr1` is no such flag; a
 * report is one, unless it leaves out the environment.
 */
const FLAGS =
  /^--(?:inspect|heapsnapshot|heap-prof|cpu-prof|diagnostic-dir|abort-on-uncaught|trace-|tls-keylog|expose-internals|report-)/;
const HARMLESS = /^--report-exclude-(?:env|network)$/;
/** Variables that make Node or its libraries tell what they send. */
const VARIABLES = ['NODE_DEBUG', 'NODE_DEBUG_NATIVE', 'NODE_V8_COVERAGE', 'SSLKEYLOGFILE'];

/**
 * Why a process must not hold card data; empty when it may. The digits of a card are in its memory for the time of
 * a payment: a debugger, a core file, a heap snapshot or a log of TLS keys would give them away.
 */
export function hardeningProblems({ execArgv, env, limits, isDumpable }: ProcessFacts): readonly string[] {
  const problems: string[] = [];
  const options = [...execArgv, ...(env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  for (const option of options) {
    const name = option.split('=', 1)[0] ?? '';
    if (FLAGS.test(name) && !HARMLESS.test(name)) {
      problems.push(`Node runs with ${name}, which can show card data: remove it (also from NODE_OPTIONS)`);
    }
  }
  for (const name of VARIABLES) {
    if ((env[name] ?? '') !== '') problems.push(`${name} is set, which can show card data: unset it`);
  }
  if (/(?:^|,)vonage/.test(env['DEBUG'] ?? '')) {
    problems.push('DEBUG makes the Vonage SDK log what it sends: unset it');
  }
  const core = /^Max core file size\s+(\S+)/m.exec(limits ?? '')?.[1];
  if (isDumpable && core !== undefined && core !== '0') {
    problems.push('core files are allowed, and one would hold card data: start with `ulimit -c 0`');
  }
  return problems;
}

/** The facts of this process, whose environment is `env`. */
export function processFacts(env: ProcessFacts['env']): ProcessFacts {
  return { execArgv: process.execArgv, env, limits: limitsOf(), isDumpable: isDumpable() };
}

function limitsOf(): string | null {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return null;
  }
}

/** The kernel gives the files of a process that it will not dump to root (proc(5), "/proc/pid"). */
function isDumpable(): boolean {
  try {
    return statSync('/proc/self/environ').uid === process.getuid?.();
  } catch {
    return true;
  }
}
