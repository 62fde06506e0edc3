/**
 * Two threads over one piece of memory, for what only two threads can measure. A program is a module with both sides; each side
 * is opened once and then runs round after round. Counterpart: `pair-thread.ts`.
 */
import { once } from 'node:events';
import { type Transferable, Worker } from 'node:worker_threads';
import type { Contender } from '../harness/contender.ts';
import { stopThreads } from '../harness/threads.ts';

export type Side<Setting, Result> = (memory: never) => (setting: Setting) => Result | Promise<Result>;

export interface PairProgram<Setting, A, B> {
  /** What each side gets, and which of it has to be transferred. */
  allocate(): {
    readonly a: unknown;
    readonly b: unknown;
    readonly transferOfA?: Transferable[];
    readonly transferOfB?: Transferable[];
  };
  readonly a: Side<Setting, A>;
  readonly b: Side<Setting, B>;
}

/** A module that exports its programs by name. */
export interface ProgramOf {
  readonly module: URL;
  readonly program: string;
}

export interface PairThreadData extends Omit<ProgramOf, 'module'> {
  readonly module: string;
  readonly side: 'a' | 'b';
  readonly memory: unknown;
}

export interface PairResult<A, B> {
  readonly a: A;
  readonly b: B;
  readonly ms: number;
}

const THREAD = new URL('./pair-thread.js', import.meta.url);

export function pairContender<Setting, A, B>(
  name: string,
  { module, program }: ProgramOf,
): Contender<Setting, PairResult<A, B>> {
  return {
    name,
    start: async () => {
      const loaded = (await import(module.href)) as Record<string, PairProgram<Setting, A, B>>;
      const memory = loaded[program].allocate();
      const open = async (side: 'a' | 'b', transferList?: Transferable[]): Promise<Worker> => {
        const workerData: PairThreadData = { module: module.href, program, side, memory: memory[side] };
        const worker = new Worker(THREAD, { workerData, transferList });
        await once(worker, 'message');
        return worker;
      };
      const workers = [await open('a', memory.transferOfA), await open('b', memory.transferOfB)];
      return {
        async round(setting) {
          const begin = performance.now();
          const answers = workers.map((worker) => once(worker, 'message'));
          for (const worker of workers) worker.postMessage(setting);
          const [[a], [b]] = (await Promise.all(answers)) as [[A], [B]];
          return { a, b, ms: performance.now() - begin };
        },
        stop: () => stopThreads(workers),
      };
    },
  };
}
