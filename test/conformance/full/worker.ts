import { parentPort } from 'node:worker_threads';
import { runTask } from './run-task.ts';
import type { Task } from './task.ts';

/** Does one task at a time and hands back its result. */
parentPort?.on('message', (task: Task) => parentPort?.postMessage(runTask(task)));
