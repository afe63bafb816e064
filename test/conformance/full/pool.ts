import { Worker } from 'node:worker_threads';
import type { Task, TaskResult } from './task.ts';

/** Runs the tasks on a few threads and returns their results in order; the first failure ends the run. */
export async function runTasks(
  tasks: readonly Task[],
  threads: number,
  onProgress: (done: number, task: Task) => void,
): Promise<TaskResult[]> {
  const results = Array<TaskResult>(tasks.length);
  let next = 0;
  let done = 0;
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url));
      let current = -1;
      const give = (): void => {
        current = next;
        next += 1;
        if (current < tasks.length) worker.postMessage(tasks[current]);
        else void worker.terminate().then(() => resolve(), reject);
      };
      worker.on('message', (result: TaskResult) => {
        results[current] = result;
        done += 1;
        onProgress(done, tasks[current]!);
        give();
      });
      worker.on('error', (error) => {
        next = tasks.length;
        reject(new Error(`${JSON.stringify(tasks[current])} failed`, { cause: error }));
      });
      give();
    });
  await Promise.all(Array.from({ length: threads }, work));
  return results;
}
