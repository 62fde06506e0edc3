/**
 * The words by which threads stop, sleep and show what they do.
 *
 *   line 0  header; parameter 0: threads
 *   line 1  state   owner: main thread. RUNNING → DRAINING → STOPPING, or straight to STOPPING.
 *                   Producers on other threads wait for it to change while they read a stream: whoever stores it notifies.
 *           end     owner: main thread; stored before DRAINING. Sequence at which the source ends; behind all where it was stopped.
 *           paused  owner: main thread. 1: processors begin no event, and the writer delivers nothing.
 *   thread lines, one per thread, owner of all words but the eventcount's: that thread
 *           eventcount  see native-free-rings; causes in causes.ts
 *           at      a processor: the sequence that it computes now; the writer: the sequence that it delivers
 *           waiting for what the thread waits (CAUSES), also where it sleeps elsewhere (destination ring, promise)
 *           since   when that began, in milliseconds of this machine's monotonic clock, wrapped to 32 bits
 *           What the words below say is for `Flow.headOfLine` alone. They stand in another half of the line, away from
 *           the words that wakers read, and times are those of the last look at the clock. They start at the flow's start.
 *           work      the sequence in whose user code the thread is, or was last; low 32 bits. A plain store for each event
 *           began     a processor: a time at which it had not yet begun that event, the last one that it knows
 *           arrived, arrivedAt   a processor: the last event for which it waited (low 32 bits), and when that came
 *           publishedAt   the writer: when the publish cursor moved last
 */

import {
  CURSOR_WORDS,
  Cursor,
  createHandle,
  defineKind,
  EVENTCOUNT_WORDS,
  EventCount,
  expectBytes,
  extend,
  type Handle,
  LINE_BYTES,
  LINE_WORDS,
  openHandle,
  parameter,
  type Words,
} from 'native-free-rings';
import * as atomics from '#atomics';
import { load, notify, store, viewI32, waitAsync } from '#atomics';
import type { Clock } from './clock.ts';

const STATE_WORD = LINE_WORDS;
const END_WORD = LINE_WORDS + 1;
const NO_END: number = Number.MAX_SAFE_INTEGER;
const PAUSED_WORD: number = END_WORD + CURSOR_WORDS;
const LINES_BEFORE_THREADS = 2;

const SLEEP = 0;
const AT: number = EVENTCOUNT_WORDS;
const WAITING: number = AT + CURSOR_WORDS;
const SINCE: number = WAITING + 1;
const WORK: number = LINE_WORDS / 2;
const BEGAN: number = WORK + 1;
const ARRIVED: number = BEGAN + 1;
const ARRIVED_AT: number = ARRIVED + 1;
const PUBLISHED_AT: number = ARRIVED_AT + 1;

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

const CONTROL = defineKind('millrace.control');
export type ControlHandle = Handle<'millrace.control'>;

export function createControl(processors: number, start: number): ControlHandle {
  const threads = FIRST_PROCESSOR + processors;
  const handle = createHandle(CONTROL, (LINES_BEFORE_THREADS + threads) * LINE_BYTES, [threads]);
  const words = viewI32(handle.buffer);
  Cursor.init(words, END_WORD, start);
  for (let i = 0; i < threads; i++) {
    Cursor.init(words, threadLine(i) + AT, start);
    store(words, threadLine(i) + WORK, (start - 1) | 0);
    store(words, threadLine(i) + ARRIVED, (start - 1) | 0);
  }
  new Control(handle).begin();
  return handle;
}

const threadLine = (thread: number): number => (LINES_BEFORE_THREADS + thread) * LINE_WORDS;

/** When this thread's clock began: read once, since each read of it may make an object. */
const ORIGIN_MS: number = performance.timeOrigin;

/** A time of this thread's clock as all threads of the process read it: milliseconds that wrap. */
const clockWord = (nowMs: number = performance.now()): number => (ORIGIN_MS + nowMs) | 0;

/** Shows which event or batch a thread is at, in loops that must not pay for it: one plain store. */
export class WorkWord {
  private readonly words: Words;
  private readonly at: number;

  constructor(words: Words, at: number) {
    this.words = words;
    this.at = at;
  }

  show(sequence: number): void {
    this.words[this.at] = sequence | 0;
  }

  /** Its owner: the low 32 bits of what it shows. */
  peek(): number {
    return this.words[this.at]!;
  }
}

/** One thread's view of the control block. */
export class Control {
  readonly threads: number;
  private readonly words: Words;
  private readonly end: Cursor;

  constructor(handle: ControlHandle) {
    this.words = openHandle(CONTROL, handle);
    this.threads = parameter(this.words, 0);
    expectBytes(CONTROL, this.words, (LINES_BEFORE_THREADS + this.threads) * LINE_BYTES);
    this.end = new Cursor(this.words, END_WORD);
  }

  loadState(): number {
    return load(this.words, STATE_WORD);
  }

  /** Main thread, before any other thread begins: nobody has waited yet. */
  begin(): void {
    const now = clockWord();
    for (let i = 0; i < this.threads; i++) {
      for (const word of [SINCE, BEGAN, ARRIVED_AT, PUBLISHED_AT]) store(this.words, threadLine(i) + word, now);
    }
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

  /** Sequence at which the source ends; Infinity while it has no end, and behind all sequences where it was stopped without one. */
  loadEnd(): number {
    return load(this.words, STATE_WORD) === RUNNING ? Number.POSITIVE_INFINITY : this.end.loadFar();
  }

  /** Main thread: the source ends at `sequence`. */
  drain(sequence: number): void {
    if (load(this.words, STATE_WORD) === RUNNING) {
      this.end.publish(sequence);
      this.storeState(DRAINING);
    }
    this.wakeAll();
  }

  /** Main thread: every thread ends as soon as it looks. */
  stop(): void {
    // Who has not looked for a stop yet is not to take this for an end at which all is delivered.
    if (load(this.words, STATE_WORD) === RUNNING) this.end.publish(NO_END);
    this.storeState(STOPPING);
    this.wakeAll();
  }

  /** Resolves when the flow is being stopped. Keeps no thread alive. */
  async stopped(): Promise<void> {
    for (let state = this.loadState(); state !== STOPPING; state = this.loadState()) {
      const waiting = waitAsync(this.words, STATE_WORD, state);
      if (waiting.async) await waiting.value;
    }
  }

  /** Resolves with the state when that is no longer RUNNING. Keeps no thread alive. */
  async leavesRunning(): Promise<number> {
    while (load(this.words, STATE_WORD) === RUNNING) {
      const waiting = waitAsync(this.words, STATE_WORD, RUNNING);
      if (waiting.async) await waiting.value;
    }
    return load(this.words, STATE_WORD);
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
    store(this.words, threadLine(thread) + SINCE, clockWord(nowMs));
    store(this.words, threadLine(thread) + WAITING, cause);
  }

  isWaiting(thread: number, cause: number): boolean {
    return load(this.words, threadLine(thread) + WAITING) === cause;
  }

  loadWaiting(thread: number): { cause: number; forMs: number } {
    const cause = load(this.words, threadLine(thread) + WAITING);
    return { cause, forMs: this.passed(thread, SINCE) };
  }

  /** Owner of the line: the word that shows which event or batch the thread is at. */
  work(thread: number): WorkWord {
    return new WorkWord(this.words, threadLine(thread) + WORK);
  }

  /** What `work` shows. `near`: a sequence less than 2^31 from it. */
  loadWork(thread: number, near: number): number {
    return extend(near, load(this.words, threadLine(thread) + WORK));
  }

  /** Processor: it has done with an event, and has not begun the next one. */
  showBegan(thread: number, { now }: Clock): void {
    this.words[threadLine(thread) + BEGAN] = clockWord(now);
  }

  /** Processor: it waited for the event `sequence`, which came when that wait ended. Nothing where it did not sleep. */
  showArrival(thread: number, sequence: number): void {
    const line = threadLine(thread);
    const since = this.words[line + SINCE]!;
    if (since === this.words[line + ARRIVED_AT]) return;
    this.words[line + ARRIVED] = sequence | 0;
    this.words[line + ARRIVED_AT] = since;
  }

  /** Processor: the event that it showed as arrived last; `near`: a sequence less than 2^31 from it. */
  peekArrival(thread: number, near: number): number {
    return extend(near, this.words[threadLine(thread) + ARRIVED]!);
  }

  /** Writer: the publish cursor has moved. */
  showPublished({ now }: Clock): void {
    this.words[threadLine(WRITER) + PUBLISHED_AT] = clockWord(now);
  }

  /** Milliseconds since the publish cursor moved. */
  publishedMs(): number {
    return this.passed(WRITER, PUBLISHED_AT);
  }

  /** Milliseconds since the thread began the event at which it is, or shortly before that. */
  beganMs(thread: number): number {
    return this.passed(thread, BEGAN);
  }

  /** Milliseconds since the event came for which the processor had waited; undefined where it was not for this one. */
  arrivedMs(thread: number, sequence: number): number | undefined {
    return this.peekArrival(thread, sequence) === sequence ? this.passed(thread, ARRIVED_AT) : undefined;
  }

  private passed(thread: number, word: number): number {
    return Math.max((clockWord() - load(this.words, threadLine(thread) + word)) | 0, 0);
  }

  /** After progress that may have died with its wake-ups: everybody looks again. */
  wakeAll(): void {
    for (let i = 0; i < this.threads; i++) this.eventcount(i).wakeAny();
  }

  private storeState(state: number): void {
    store(this.words, STATE_WORD, state);
    notify(this.words, STATE_WORD);
  }
}
