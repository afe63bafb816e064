import type { TellChange } from './change-log.ts';
import { JournalError } from './journal-error.ts';
import { PostgresConnection } from './postgres-connection.ts';
import { errorCodeOf } from './postgres-error.ts';
import { migratePostgres } from './postgres-schema.ts';
import { NOTHING_RECOVERED, recover } from './recovery.ts';
import type { Recovered } from './recovery.ts';
import { row } from './work.ts';
import type { Work } from './work.ts';

/** `tone` and `wall` in ASCII: the advisory lock that the one active server of a database holds. */
const LOCK = '1953459813, 2002873452';
const LOCK_NOT_AVAILABLE = '55P03';

const BACKEND = `SELECT pid, backend_start::text AS "startedAt" FROM pg_stat_activity WHERE pid = pg_backend_pid()`;

/** Who holds the lock. */
const HOLDER = `SELECT format('It is “%s”, connected from %s since %s.', application_name,
    coalesce(host(client_addr), 'a local socket'), date_trunc('second', backend_start)) AS words
  FROM pg_locks JOIN pg_stat_activity USING (pid)
  WHERE locktype = 'advisory' AND (classid, objid) = (${LOCK}) AND granted
    AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/** A connection that owns the journal. */
export interface Owner {
  readonly connection: PostgresConnection;
  /** Which take-over of the journal this is; every transaction checks it. */
  readonly epoch: number;
  /** The server's process for this connection: its number, and its start, since numbers come again. */
  readonly backend: { readonly pid: number; readonly startedAt: string };
  /** What the take-over found unfinished. */
  readonly recovered: Recovered;
}

/**
 * Connects, and makes this connection the journal's only owner until it ends: with an advisory lock, which the server
 * releases when the connection ends, however it ends. All writes go over this same connection, so a server that has
 * lost the lock cannot write; and a new owner can be sure that no commit of the former is still under way.
 *
 * `former`: the lost connection of this very process. If nobody has owned the journal since, everything goes on;
 * otherwise, and at the start, what others left is settled.
 *
 * Rejects with `IN_USE`, `NEWER_VERSION`, or with what the server, the system or TLS said.
 */
export async function takeOwnership(
  url: string,
  former: Owner | null,
  tell: TellChange,
  at: string,
): Promise<Owner> {
  const connection = await PostgresConnection.open(url);
  try {
    if (former !== null) await endBackend(connection, former);
    await lock(connection);
    await migratePostgres(connection);
    const backend = (await connection.first(BACKEND)) as unknown as Owner['backend'];
    const current = await connection.first('SELECT epoch FROM journal');
    if (former !== null && current?.['epoch'] === former.epoch) {
      return { connection, epoch: former.epoch, backend, recovered: NOTHING_RECOVERED };
    }
    return { connection, backend, ...(await connection.write(takeOver(tell, at), null)) };
  } catch (error) {
    connection.drop(error);
    throw error;
  }
}

/** The server may not have noticed yet that this connection is lost; a commit under way is finished first. */
async function endBackend(connection: PostgresConnection, { backend }: Owner): Promise<void> {
  await connection.first(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid = ${Number(backend.pid)} AND backend_start::text = '${backend.startedAt}'`);
}

async function lock(connection: PostgresConnection): Promise<void> {
  try {
    await connection.first(`SELECT pg_advisory_lock(${LOCK})`);
  } catch (error) {
    if (errorCodeOf(error) !== LOCK_NOT_AVAILABLE) throw error;
    const holder = await connection.first(HOLDER);
    throw new JournalError('IN_USE', holder === null ? undefined : String(holder['words']));
  }
}

function* takeOver(tell: TellChange, at: string): Work<Pick<Owner, 'epoch' | 'recovered'>> {
  const journal = yield* row('UPDATE journal SET epoch = epoch + 1 RETURNING epoch');
  return { epoch: Number(journal?.['epoch']), recovered: yield* recover(tell, at) };
}
