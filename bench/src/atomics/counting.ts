/**
 * Counts the atomic operations of every thread of the process. `counting-preload.ts` puts the counting functions in the place of
 * the ones of `Atomics` before anything else is loaded. Only native-free-rings says `Atomics` in such a process: Node's own code
 * keeps the originals, and Millrace goes through `#atomics`.
 *
 * Each thread counts with plain stores in a row of its own; the main thread reads them between rounds.
 */
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

export const COUNTED = ['loads', 'stores', 'exchanges', 'waits', 'notifies'] as const;
export type Counted = Record<(typeof COUNTED)[number], number>;

const LOADS = 0;
const STORES = 1;
const EXCHANGES = 2;
const WAITS = 3;
const NOTIFIES = 4;

/** Threads get a row each; a row has a line of its own. */
const MOST_THREADS = 256;
const ROW = 16;
const KEY = 'millrace-bench-counted-atomics';

interface Table {
  readonly threads: Int32Array<SharedArrayBuffer>;
  readonly counts: Float64Array<SharedArrayBuffer>;
}

function openTable(): Table {
  const shared = getEnvironmentData(KEY) as unknown as Table | undefined;
  if (shared) return shared;
  const table: Table = {
    threads: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
    counts: new Float64Array(new SharedArrayBuffer(MOST_THREADS * ROW * Float64Array.BYTES_PER_ELEMENT)),
  };
  // Workers that start from now on find it there.
  if (isMainThread) setEnvironmentData(KEY, table as unknown as Parameters<typeof setEnvironmentData>[1]);
  return table;
}

/** The functions themselves, taken before `count` replaces them. */
const { load, store, add, or, and, exchange, compareExchange, wait, waitAsync, notify } = Atomics;
const table = openTable();
const thread = add(table.threads, 0, 1);
if (thread >= MOST_THREADS)
  throw new Error(`more than ${MOST_THREADS} threads, one after the other, count their atomics`);
const mine = table.counts.subarray(thread * ROW, (thread + 1) * ROW);

type Words = Int32Array<SharedArrayBuffer>;

const counting = {
  load(words: Words, index: number): number {
    mine[LOADS]++;
    return load(words, index);
  },
  store(words: Words, index: number, value: number): number {
    mine[STORES]++;
    return store(words, index, value);
  },
  add(words: Words, index: number, value: number): number {
    mine[EXCHANGES]++;
    return add(words, index, value);
  },
  or(words: Words, index: number, value: number): number {
    mine[EXCHANGES]++;
    return or(words, index, value);
  },
  and(words: Words, index: number, value: number): number {
    mine[EXCHANGES]++;
    return and(words, index, value);
  },
  exchange(words: Words, index: number, value: number): number {
    mine[EXCHANGES]++;
    return exchange(words, index, value);
  },
  compareExchange(words: Words, index: number, expected: number, replacement: number): number {
    mine[EXCHANGES]++;
    return compareExchange(words, index, expected, replacement);
  },
  wait(words: Words, index: number, expected: number, timeoutMs?: number): 'ok' | 'not-equal' | 'timed-out' {
    mine[WAITS]++;
    return wait(words, index, expected, timeoutMs);
  },
  waitAsync(words: Words, index: number, expected: number, timeoutMs?: number): unknown {
    mine[WAITS]++;
    return waitAsync(words, index, expected, timeoutMs);
  },
  notify(words: Words, index: number, count?: number): number {
    mine[NOTIFIES]++;
    return notify(words, index, count);
  },
};

/** From now on this thread counts. */
export function count(): void {
  Object.assign(Atomics, counting);
}

/** What all threads so far have counted. */
export function counted(): Counted {
  const sums = COUNTED.map((_, column) => {
    let sum = 0;
    for (let row = 0; row < MOST_THREADS; row++) sum += table.counts[row * ROW + column];
    return sum;
  });
  return Object.fromEntries(COUNTED.map((name, column) => [name, sums[column]])) as Counted;
}

export const difference = (after: Counted, before: Counted): Counted =>
  Object.fromEntries(COUNTED.map((name) => [name, after[name] - before[name]])) as Counted;
