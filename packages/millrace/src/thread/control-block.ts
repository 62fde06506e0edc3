/**
 * The words by which threads stop, sleep and show what they do.
 *
 *   line 0  header; parameter 0: threads
 *   line 1  state   owner: main thread. RUNNING → DRAINING → STOPPING, or straight to STOPPING.
 *           end     owner: main thread; stored before DRAINING. Sequence at which the source ends.
 *           paused  owner: main thread. 1: processors begin no event, and the writer delivers nothing.
 *   thread lines, one per thread, owner of all words but the eventcount's: that thread
 *           eventcount  see native-free-rings; causes in causes.ts
 *           at      a processor: the sequence that it computes now; the writer: the sequence that it delivers
 *           waiting for what the thread waits (CAUSES), also where it sleeps elsewhere (destination ring, promise)
 *           since   when that began, in milliseconds of this machine's monotonic clock, wrapped to 32 bits
 */

import {
  CURSOR_WORDS,
  Cursor,
  createHandle,
  EVENTCOUNT_WORDS,
  EventCount,
  expectBytes,
  type Handle,
  LINE_BYTES,
  LINE_WORDS,
  openHandle,
  parameter,
} from 'native-free-rings';
import * as atomics from '#atomics';
import { load, store, viewI32, type Words } from '#atomics';

const STATE_WORD = LINE_WORDS;
const END_WORD = LINE_WORDS + 1;
const PAUSED_WORD: number = END_WORD + CURSOR_WORDS;
const LINES_BEFORE_THREADS = 2;

const SLEEP = 0;
const AT: number = EVENTCOUNT_WORDS;
const WAITING: number = AT + CURSOR_WORDS;
const SINCE: number = WAITING + 1;

export const RUNNING = 0;
export const DRAINING = 1;
export const STOPPING = 2;

/** The module's own, as in lane-consumer.ts: `mayHaveToRest` is asked for each record. */
const { racyLoad } = atomics;
const STOPS: typeof STOPPING = STOPPING;

/** Threads of a flow by number: the coordinator, the writer, the main thread, then the processors. */
export const COORDINATOR = 0;
export const WRITER = 1;
export const MAIN = 2;
export const FIRST_PROCESSOR = 3;

export type ControlHandle = Handle<'control'>;

export function createControl(processors: number, start: number): ControlHandle {
  const threads = FIRST_PROCESSOR + processors;
  const handle = createHandle('control', (LINES_BEFORE_THREADS + threads) * LINE_BYTES, [threads]);
  const words = viewI32(handle.buffer);
  Cursor.init(words, END_WORD, start);
  for (let i = 0; i < threads; i++) Cursor.init(words, threadLine(i) + AT, start);
  return handle;
}

const threadLine = (thread: number): number => (LINES_BEFORE_THREADS + thread) * LINE_WORDS;

/** When this thread's clock began: read once, since each read of it makes an object on Node 20. */
const ORIGIN_MS: number = performance.timeOrigin;

/** One thread's view of the control block. */
export class Control {
  readonly threads: number;
  private readonly words: Words;
  private readonly end: Cursor;

  constructor(handle: ControlHandle) {
    this.words = openHandle('control', handle);
    this.threads = parameter(this.words, 0);
    expectBytes('control', this.words, (LINES_BEFORE_THREADS + this.threads) * LINE_BYTES);
    this.end = new Cursor(this.words, END_WORD);
  }

  loadState(): number {
    return load(this.words, STATE_WORD);
  }

  isStopping(): boolean {
    return load(this.words, STATE_WORD) === STOPPING;
  }

  isPaused(): boolean {
    return load(this.words, PAUSED_WORD) === 1;
  }

  /** A stop or a pause: a hint for hot loops, 0.3 ns; may be late, and is made good before any sleep. */
  mayHaveToRest(): boolean {
    return racyLoad(this.words, PAUSED_WORD) === 1 || racyLoad(this.words, STATE_WORD) === STOPS;
  }

  /** Main thread: processors and the writer rest before their next event or batch, until `resume`. */
  pause(): void {
    store(this.words, PAUSED_WORD, 1);
  }

  /** Main thread. */
  resume(): void {
    store(this.words, PAUSED_WORD, 0);
    this.wakeAll();
  }

  /** Sequence at which the source ends; Infinity while it has no end. */
  loadEnd(): number {
    return load(this.words, STATE_WORD) === RUNNING ? Number.POSITIVE_INFINITY : this.end.loadFar();
  }

  /** Main thread: the source ends at `sequence`. */
  drain(sequence: number): void {
    this.end.publish(sequence);
    if (load(this.words, STATE_WORD) === RUNNING) store(this.words, STATE_WORD, DRAINING);
    this.wakeAll();
  }

  /** Main thread: every thread ends as soon as it looks. */
  stop(): void {
    store(this.words, STATE_WORD, STOPPING);
    this.wakeAll();
  }

  eventcount(thread: number): EventCount {
    return new EventCount(this.words, threadLine(thread) + SLEEP);
  }

  /** Owner of the line: the cursor that shows where the thread is. */
  position(thread: number): Cursor {
    return new Cursor(this.words, threadLine(thread) + AT);
  }

  /** Owner of the line: shows for what the thread waits from now on. `nowMs`: 32 bits of `performance.now()`, where it is known already. */
  showWaiting(thread: number, cause: number, nowMs: number = performance.now() | 0): void {
    store(this.words, threadLine(thread) + SINCE, (ORIGIN_MS + nowMs) | 0);
    store(this.words, threadLine(thread) + WAITING, cause);
  }

  loadWaiting(thread: number): { cause: number; forMs: number } {
    const cause = load(this.words, threadLine(thread) + WAITING);
    return { cause, forMs: (((ORIGIN_MS + performance.now()) | 0) - load(this.words, threadLine(thread) + SINCE)) | 0 };
  }

  /** After progress that may have died with its wake-ups: everybody looks again. */
  wakeAll(): void {
    for (let i = 0; i < this.threads; i++) this.eventcount(i).wakeAny();
  }
}
