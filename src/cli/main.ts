import { auditVerifyCommand } from './audit-command.ts';
import { BadInput, EXIT_BAD_INPUT, EXIT_OK } from './command.ts';
import type { Command } from './command.ts';
import { maskCommand } from './mask-command.ts';
import { paymentsListCommand, paymentsSettleCommand } from './payments-command.ts';
import { verifyCommand } from './verify-command.ts';

/** Every subcommand, by the words that call it. */
const COMMANDS: Readonly<Record<string, Command>> = {
  mask: maskCommand,
  verify: verifyCommand,
  'audit verify': auditVerifyCommand,
  'payments list': paymentsListCommand,
  'payments settle': paymentsSettleCommand,
};

/** Runs `tonewall ARGS`; resolves to the exit code. Bad input is one line on standard error. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.length === 0 || args[0] === '--help' || args[0] === '-h' || args[0] === 'help') {
    console.log(overview());
    return EXIT_OK;
  }
  const found = find(args);
  if (found === undefined)
    return complain(`unknown command, expected one of: ${Object.keys(COMMANDS).join(', ')}`);
  const { command, rest } = found;
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(command.help);
    return EXIT_OK;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof BadInput) return complain(error.message);
    throw error;
  }
}

/** The command whose words the arguments begin with; one of two words, such as `audit verify`, is found first. */
function find(args: readonly string[]): { command: Command; rest: readonly string[] } | undefined {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ');
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command !== undefined) return { command, rest: args.slice(words) };
  }
  return undefined;
}

function overview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return ['usage: tonewall COMMAND [options]', '', ...lines, '', 'tonewall COMMAND --help tells more.'].join(
    '\n',
  );
}

function complain(message: string): number {
  console.error(`tonewall: ${message.replaceAll('\n', ' ')}`);
  return EXIT_BAD_INPUT;
}
