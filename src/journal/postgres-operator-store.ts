import type { OperatorStore } from './operator-store.ts';
import { PostgresConnection } from './postgres-connection.ts';
import { connectErrorOf, placeOf } from './postgres-error.ts';
import { checkVersion } from './postgres-schema.ts';

/** Rejects with `CANNOT_CONNECT`, `OLDER_VERSION` or `NEWER_VERSION`; the message names no password. */
export async function openPostgresOperatorStore(url: string): Promise<OperatorStore> {
  let connection: PostgresConnection | null = null;
  try {
    const opened = await PostgresConnection.open(url);
    connection = opened;
    await checkVersion(opened);
    return {
      read: async (work) => {
        await opened.first('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        const value = await opened.read(work);
        await opened.first('COMMIT');
        return value;
      },
      write: (work) => opened.write(work, null),
      close: () => opened.close(),
    };
  } catch (error) {
    connection?.drop(error);
    throw connectErrorOf(error, placeOf(url));
  }
}
