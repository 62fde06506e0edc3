/** A user's worker that writes a journal, by a flow of its own or by events. It is terminated at any moment. */
import { parentPort, workerData } from 'node:worker_threads';
import { errorText } from './error-text.ts';
import type { Target } from './jobs.ts';
import { write } from './write.ts';

export interface UserData {
  readonly target: Target;
  readonly end: number;
  readonly atOnce: number;
  /** Below which sequence all is acknowledged; 1 once it is open; where it began. */
  readonly board: SharedArrayBuffer;
}

const { target, end, atOnce, board: shared } = workerData as UserData;
const board = new Int32Array(shared);
try {
  await write(target, {
    atOnce,
    holdMs: 0,
    trimEvery: 0,
    opened({ sequence }) {
      Atomics.store(board, 0, sequence);
      Atomics.store(board, 2, sequence);
      Atomics.store(board, 1, 1);
      return end;
    },
    acknowledged: (below) => void Atomics.store(board, 0, below),
    trimming: () => undefined,
    closing: () => undefined,
  });
} catch (error) {
  parentPort!.postMessage(errorText(error));
}
