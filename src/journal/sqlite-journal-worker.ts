import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../core/assert.ts';
import { JournalError } from './journal-error.ts';
import type { WorkerReply, WorkerRequest, WorkerSettings } from './journal-message.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { SqliteStore } from './sqlite-store.ts';

/**
 * The thread of the journal: SQLite's API is synchronous and may wait for a lock or the disk, which must never hold
 * up audio. An error that is not a `JournalError` ends the thread; the journal then starts another one, which reads
 * from the file what was really stored.
 */
const port = parentPort;
assert(port !== null, 'the journal worker runs in a thread');
const reply = (message: WorkerReply): void => port.postMessage(message);

const store = open(workerData as WorkerSettings);
if (store !== null) {
  port.on('message', (request: WorkerRequest) => {
    reply(answer(store, request));
    if (request.method === 'close') port.close();
  });
  reply({ kind: 'opened', recovered: store.recovered });
}

function open({ path, recoverAt, tellsOthers }: WorkerSettings): SqliteStore | null {
  try {
    return openSqliteStore(path, recoverAt, tellsOthers);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    reply({ kind: 'not-opened', code: error.code });
    return null;
  }
}

function answer(target: SqliteStore, { id, method, args }: WorkerRequest): WorkerReply {
  try {
    return { kind: 'done', id, value: Reflect.apply(target[method], target, args) as unknown };
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    return { kind: 'refused', id, code: error.code };
  }
}
