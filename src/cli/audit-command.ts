import { readFileSync } from 'node:fs';
import { HASH_LETTERS } from '../journal/audit-chain.ts';
import type { AuditHead } from '../journal/audit-chain.ts';
import { verifyAuditLog } from '../journal/audit-log.ts';
import { parseArguments } from './arguments.ts';
import { BadInput, EXIT_FOUND, EXIT_OK } from './command.ts';
import type { Command } from './command.ts';
import { DATABASE_HELP, withJournal } from './database-option.ts';

const HELP = `usage: tonewall audit verify [options]

Checks the hash chain of the audit log: no entry is missing, changed or out of its place. Exit 0, or 3 with the first
broken entry. The chain alone cannot show that its end was cut off or that all of it was written anew: anchors can,
which the server writes to its log and to TONEWALL_AUDIT_ANCHORS. Keep those on another machine.

${DATABASE_HELP}
  --anchors FILE   lines that each hold the number and the hash of an entry: the anchors file, or a log of the server
  --json           the verdict as JSON`;

const OPTIONS = {
  database: { type: 'string' },
  anchors: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const auditVerifyCommand: Command = {
  summary: 'check the hash chain of the audit log',
  help: HELP,
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArguments(args, OPTIONS);
  if (positionals.length > 0) throw new BadInput('audit verify: expected options only');
  const anchors = values.anchors === undefined ? [] : readAnchors(values.anchors);
  const verdict = await withJournal(values.database, (store) => store.read(verifyAuditLog(anchors)));
  if (values.json) console.log(JSON.stringify({ ...verdict, anchors: anchors.length }, null, 2));
  else if (verdict.isIntact) {
    const head = verdict.head === null ? '' : `, the last is ${verdict.head.seq} ${verdict.head.hash}`;
    console.log(`intact: ${verdict.rows} entries${head}; ${anchors.length} anchors`);
  } else console.log(`broken at entry ${verdict.seq}: ${verdict.reason}`);
  return verdict.isIntact ? EXIT_OK : EXIT_FOUND;
}

/** `SEQ HASH` somewhere in a line of the anchors file, or the two members of a log line. */
const ANCHOR = new RegExp(
  `(?:^|\\s)(\\d+) ([a-z]{${HASH_LETTERS}})(?:\\s|$)|"auditSeq":(\\d+),"auditHash":"([a-z]{${HASH_LETTERS}})"`,
);

function readAnchors(path: string): AuditHead[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new BadInput(`--anchors: ${path} cannot be read`);
  }
  const anchors = text.split('\n').flatMap((line) => {
    const found = ANCHOR.exec(line);
    if (found === null) return [];
    return [{ seq: Number(found[1] ?? found[3]), hash: found[2] ?? found[4] ?? '' }];
  });
  if (anchors.length === 0) throw new BadInput(`--anchors: ${path} holds no anchor`);
  return anchors;
}
