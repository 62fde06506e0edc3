import { LINE_BYTES } from 'native-free-rings';
import { allocate, viewF64 } from '#atomics';

/** What every thread counts, in the order of the words of its block. Times are milliseconds. */
export const COUNTERS = [
  'sequences',
  'items',
  'bytes',
  'batches',
  'tickets',
  'parks',
  'wakes',
  'retries',
  'deadLetters',
  'computingMs',
  'deliveringMs',
  'inputMs',
  'ticketMs',
  'roomMs',
  'itemsMs',
  'demandMs',
  'ackMs',
] as const;
export type Counter = (typeof COUNTERS)[number];
export type CounterValues = Record<Counter, number>;

const BLOCK_BYTES: number = 2 * LINE_BYTES;

export const createCounters = (threads: number): SharedArrayBuffer => allocate(threads * BLOCK_BYTES);

/**
 * One thread's counters, 64-bit floats. The owner counts with plain stores and others read with plain loads: aligned 64-bit
 * accesses do not tear on any platform of Node, the figures only ever grow, and no protocol depends on them.
 */
export class Counters {
  /**
   * By `COUNTER`. A float, such as a time, is added to it here: one that goes to a function leaves 16 bytes behind wherever the
   * engine does not inline the call.
   */
  readonly values: Float64Array;

  constructor(buffer: SharedArrayBuffer, thread: number) {
    this.values = viewF64(buffer, thread * BLOCK_BYTES, BLOCK_BYTES / 8);
  }

  add(counter: number, amount: number): void {
    this.values[counter]! += amount;
  }

  get(counter: number): number {
    return this.values[counter]!;
  }

  read(): CounterValues {
    return Object.fromEntries(COUNTERS.map((name, i) => [name, this.values[i]!])) as CounterValues;
  }
}

/** Index of each counter, for the hot paths. */
export const COUNTER = Object.fromEntries(COUNTERS.map((name, i) => [name, i])) as Readonly<Record<Counter, number>>;
