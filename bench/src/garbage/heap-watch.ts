/**
 * What one thread allocates, and how often it collects, between two moments. Both are read by that thread without a turn of its
 * event loop, so that it works in threads that never have one. Counterpart on the main thread: `openWatches`.
 */
import { GCProfiler, getHeapStatistics } from 'node:v8';

const ROW = 5;
const MOST_WATCHES = 16;

/** In the order of the words of a row. */
export const ROLES = ['producer', 'processor', 'writer', 'reader'] as const;
export type Role = (typeof ROLES)[number];

/** One row for each watch; a thread takes the next one when its watch ends. Plain data for `workerData` and `data`. */
export interface WatchTable {
  readonly taken: Int32Array<SharedArrayBuffer>;
  readonly rows: Float64Array<SharedArrayBuffer>;
}

export const openWatches = (): WatchTable => ({
  taken: new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)),
  rows: new Float64Array(new SharedArrayBuffer(MOST_WATCHES * ROW * Float64Array.BYTES_PER_ELEMENT)),
});

export interface HeapUse {
  readonly role: Role;
  readonly collections: number;
  readonly bytes: number;
  /** On the clock of `process.hrtime`, in milliseconds. */
  readonly beganMs: number;
  readonly endedMs: number;
}

export function readWatches({ taken, rows }: WatchTable): HeapUse[] {
  return Array.from({ length: Atomics.load(taken, 0) }, (_, i) => {
    const [role, collections, bytes, beganMs, endedMs] = rows.subarray(i * ROW, (i + 1) * ROW);
    return { role: ROLES[role], collections, bytes, beganMs, endedMs };
  });
}

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Behind all positions, as a small integer. */
const NEVER = 2 ** 30;

/**
 * A watch must not change what it watches. So its fields keep their kinds of value, and the branch in `at` is taken once before
 * anything is compiled: otherwise the engine threw the compiled loop away just when the watch begins.
 */
export class HeapWatch {
  readonly #table: WatchTable;
  readonly #role: Role;
  readonly #first: number;
  readonly #end: number;
  readonly #profiler = new GCProfiler();
  #isOn = false;
  #used = Number.NaN;
  #beganMs = Number.NaN;
  #next = 0;

  /** Watches from when position `first` is reached until `end` is. */
  constructor(table: WatchTable, role: Role, first: number, end: number) {
    this.#table = table;
    this.#role = role;
    this.#first = first;
    this.#end = end;
  }

  /** The thread has come to `position`. Cheap while nothing is to be done. */
  at(position: number): void {
    if (position >= this.#next) this.#turn(position);
  }

  #turn(position: number): void {
    if (this.#isOn) this.#finish();
    else if (position < this.#first) this.#next = this.#first;
    else if (position < this.#end && this.#next === this.#first) this.#begin();
    else this.#next = NEVER;
  }

  #begin(): void {
    this.#next = this.#end;
    this.#beganMs = nowMs();
    this.#isOn = true;
    this.#profiler.start();
    this.#used = getHeapStatistics().used_heap_size;
  }

  #finish(): void {
    this.#isOn = false;
    this.#next = NEVER;
    const used = getHeapStatistics().used_heap_size;
    const { statistics } = this.#profiler.stop();
    const endedMs = nowMs();
    let freed = 0;
    for (const { beforeGC, afterGC } of statistics) {
      freed += beforeGC.heapStatistics.usedHeapSize - afterGC.heapStatistics.usedHeapSize;
    }
    const row = Atomics.add(this.#table.taken, 0, 1) * ROW;
    this.#table.rows.set(
      [ROLES.indexOf(this.#role), statistics.length, used - this.#used + freed, this.#beganMs, endedMs],
      row,
    );
  }
}
