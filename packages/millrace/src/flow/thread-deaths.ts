/**
 * Which threads of this process have ended. Node tells the thread that started a worker, and nobody else; Linux tells everybody
 * who asks. Handles are tied to the thread that attached, and this is how a flow learns of its end.
 */
import { existsSync, readlinkSync } from 'node:fs';
import { threadId } from 'node:worker_threads';
import type { PlaceOwner } from 'native-free-rings';

type Watcher = (owner: number) => void;

const watchers = new Set<Watcher>();

// From the first import on, so that a worker that is started before the flow is known as well.
process.on('worker', (worker) => {
  const owner = ownerOf(worker.threadId);
  worker.once('exit', () => {
    for (const watcher of [...watchers]) watcher(owner);
  });
});

/** Calls `watcher` with each thread that this one has started and that has ended; returns the function that ends that. */
export function watchThreads(watcher: Watcher): () => void {
  watchers.add(watcher);
  return () => void watchers.delete(watcher);
}

const ownerOf = (thread: number): number => thread + 1;

/** The `threadId` of a worker, as rings note their owners. */
export const threadOf = (owner: number): number => owner - 1;

/** What this thread tells a ring of itself. */
export const thisThread = (): Required<PlaceOwner> => ({ owner: ownerOf(threadId), task: taskNumber() });

const TASKS = '/proc/self/task';

function taskNumber(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return 0;
  }
}

/** True where the operating system says that the thread has ended. (A number that was given to another thread since says no.) */
export const hasEnded = (task: number): boolean => task > 0 && existsSync(TASKS) && !existsSync(`${TASKS}/${task}`);

const leaving = new Set<() => void>();
let isListening = false;

/** Calls `leave` when this thread ends by itself or by `process.exit`; returns the function that takes that back. */
export function leaveAtExit(leave: () => void): () => void {
  if (!isListening) {
    isListening = true;
    process.once('exit', () => {
      for (const each of leaving) each();
    });
  }
  leaving.add(leave);
  return () => void leaving.delete(leave);
}
