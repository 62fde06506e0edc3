import { ANY, type Cursor, type EventCount } from 'native-free-rings';
import type { TicketClaimer } from '../order/ticket-claimer.ts';
import { Cadence } from '../thread/cadence.ts';
import { CAUSES } from '../thread/causes.ts';
import { type Clock, NO_MS } from '../thread/clock.ts';
import { type Control, FIRST_PROCESSOR } from '../thread/control-block.ts';
import { CoreWait } from '../thread/core-wait.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import type { DutyCycle, Waiting } from '../thread/duty-cycle.ts';
import { FlowStopped, MillraceError } from '../thread/errors.ts';
import { type DeadLetter, type FailurePolicy, pauseBefore } from '../thread/failure-policy.ts';
import type { Succession } from '../thread/messages.ts';
import { messageOf, readable } from '../thread/thrown.ts';
import { Attempts } from './attempts.ts';
import { type LoopParts, UserLoop } from './user-loop.ts';
import { computeSamples } from './warm-up.ts';
import type { WriterBell } from './writer-bell.ts';

/** What a processor's duty cycle works with. */
export interface ProcessorParts extends LoopParts {
  readonly index: number;
  readonly claimer: TicketClaimer;
  readonly control: Control;
  readonly counters: Counters;
  /** About what the clock says while a ticket is computed. */
  readonly clock: Clock;
  /** Shows which sequence this thread is at. */
  readonly position: Cursor;
  readonly bell: WriterBell;
  readonly coordinator: EventCount;
  /** What to do about an event on which the user's code throws. */
  readonly onError: FailurePolicy;
  /** Resolves after so many milliseconds, or when the flow is being stopped. */
  pause(ms: number): Promise<void>;
  /** Hands an event over that was given up; resolves when it is safe with whoever takes dead letters. */
  deadLetter(letter: DeadLetter): Promise<void>;
  /** The thread takes the place of one that died. */
  readonly succeeds: Succession | undefined;
}

/** Cheap work is shown as it is done, about this often: hot path rule 6. */
const LOOK_EVERY_MS = 0.04;
const MOST_EVENTS_PER_LOOK = 1_024;
/** Up to so many events between two looks, each look finds out what they took: code that is not compiled yet soon gets quicker. */
const FEW_EVENTS = 16;
/** From here on, what comes of each event is shown at once: that is a small part of what an event takes. */
const DEAR_MS = 0.001;

/** A processor thread's work: take the first free ticket, compute its events in order, write their items into the lane. */
export class ProcessorCycle implements DutyCycle {
  readonly roleName: string;
  readonly waiting: Waiting = { cause: CAUSES.none, wanted: 0, timeoutMs: undefined };
  done = false;
  isAsync = false;

  private parts: ProcessorParts;
  /** Makes a successor's parts, for this same thread. */
  private readonly succeed: () => ProcessorParts;
  private loop: UserLoop;
  private readonly cadence = new Cadence(LOOK_EVERY_MS, MOST_EVENTS_PER_LOOK);
  /** The next sequence to compute, and the end of the ticket held; equal when none is held. */
  private sequence = 0;
  private end = 0;
  private clock: Clock;
  /** When the run in work began, and for how long the thread had waited for lane room by then. */
  private began: number = NO_MS;
  private waitedBefore: number = NO_MS;
  /** The same of the events since the last look; below 0 where that is not known. */
  private lookedAt: number = NO_MS;
  private waitedByLook: number = NO_MS;
  private readonly coreWait = new CoreWait();
  private readonly attempts = new Attempts();
  /** The next event that is given up without being computed. */
  private poison: number;
  private readonly thread: number;

  constructor(parts: ProcessorParts, succeed: () => ProcessorParts) {
    const { succeeds } = parts;
    this.parts = parts;
    this.succeed = succeed;
    this.loop = new UserLoop(parts, this.attempts);
    this.clock = parts.clock;
    this.poison = succeeds?.poison ?? Number.POSITIVE_INFINITY;
    this.roleName = `processor ${parts.index}`;
    this.thread = FIRST_PROCESSOR + parts.index;
  }

  /**
   * Before the first `doWork`: computes the processor's own samples, or of bare sequences those of the flow from `start` on up
   * to `end`. The output takes all of it back, so nobody sees any, and its memory is there then.
   */
  async warmUp(start: number, end: number): Promise<void> {
    const { definition, source, at } = this.parts;
    const samples = definition.warmUp?.();
    const shown = at.peek();
    this.loop.output.rehearse();
    if (samples !== undefined) await computeSamples(this.loop, source, samples, start);
    else if (source.isBare) await this.rehearse(start, end);
    this.loop.output.forget();
    at.show(shown);
  }

  /** Runs the very loop that will run: it, too, has to be compiled. */
  private async rehearse(start: number, end: number): Promise<void> {
    this.sequence = start;
    while (this.sequence < end) {
      const promise = this.run(Math.min(end, this.sequence + MOST_EVENTS_PER_LOOK));
      if (promise === undefined) continue;
      await promise;
      this.loop.finish();
      this.sequence++;
    }
    this.sequence = 0;
  }

  doWork(): number | Promise<number> {
    if (this.parts.control.isStopping()) return this.finish();
    try {
      return this.work();
    } catch (error) {
      return this.fail(error);
    }
  }

  isReady(): boolean {
    const { control, claimer, source } = this.parts;
    if (control.isStopping()) return true;
    if (control.isPaused()) return this.waiting.cause !== CAUSES.paused;
    if (this.waiting.cause === CAUSES.paused) return true;
    if (this.sequence >= this.end) return claimer.mayClaim();
    return source.loadEnd() > this.sequence || this.sequence >= control.loadEnd();
  }

  private work(): number | Promise<number> {
    const { control, claimer, source } = this.parts;
    if (control.isPaused()) {
      this.wait(CAUSES.paused, ANY);
      return 0;
    }
    const sourceEnd = control.loadEnd();
    if (this.sequence >= this.end && !this.takeTicket()) return 0;
    if (this.sequence >= sourceEnd) return this.finish();
    const arrived = claimer.arrived ? this.end : Math.min(this.end, source.loadEnd());
    if (this.sequence >= arrived) {
      this.wait(CAUSES.input, this.sequence + 1);
      return 0;
    }
    if (this.waiting.cause === CAUSES.input) this.arrived();
    if (this.sequence === this.poison) return this.giveUp();
    const end = Math.min(arrived, sourceEnd);
    return this.compute(this.sequence < this.poison ? Math.min(end, this.poison) : end);
  }

  /** The event is there for which this thread has waited. One for which it waited before may still be the head of line. */
  private arrived(): void {
    const { control, claimer } = this.parts;
    this.waiting.cause = CAUSES.none;
    if (claimer.isPublished(control.peekArrival(this.thread, this.sequence)))
      control.showArrival(this.thread, this.sequence);
  }

  private takeTicket(): boolean {
    const { claimer, coordinator, counters } = this.parts;
    if (!claimer.tryClaim()) {
      this.wait(CAUSES.ticket, claimer.peekNext() + 1);
      return false;
    }
    this.sequence = claimer.begin;
    this.end = claimer.end;
    counters.add(COUNTER.tickets, 1);
    if (claimer.takenBack) this.takeBack();
    if (coordinator.wake(CAUSES.claims, claimer.index + 1)) counters.add(COUNTER.wakes, 1);
    return true;
  }

  /** The thread before had begun with the ticket: what it made of the first sequence is made again, from item 0 on. */
  private takeBack(): void {
    const { output } = this.loop;
    this.attempts.inherit(this.sequence);
    output.current = this.sequence;
    output.rewind(this.sequence);
    this.parts.position.publish(this.sequence);
  }

  /** Computes events up to `end`. Returns early with a promise where the user's code returned one. */
  private compute(end: number): number | Promise<number> {
    const { counters, bell, source, control } = this.parts;
    const { cadence, clock } = this;
    const begin = this.sequence;
    const isTimed = cadence.isTimed(end - begin);
    if (isTimed) {
      clock.read();
      this.waitedBefore = counters.values[COUNTER.roomMs]!;
      if (this.attempts.next(begin) === 1) control.showBegan(this.thread, clock);
    }
    this.began = clock.now;
    this.lookedAt = isTimed ? clock.now : -1;
    this.waitedByLook = this.waitedBefore;
    bell.learn(source.loadEnd() - this.end, cadence);
    while (this.sequence < end) {
      const promise = this.run(Math.min(end, this.sequence + cadence.interval));
      if (promise !== undefined) {
        this.isAsync = true;
        if (!isTimed) this.began = performance.now();
        return this.waitForPromise(promise, begin);
      }
      if (this.sequence < end && this.look()) return this.rest(this.sequence - begin, isTimed);
    }
    const { output } = this.loop;
    if (output.covered !== end) output.progress(end);
    return this.rest(end - begin, isTimed);
  }

  /** So much is done, and shown; the world is looked at before there is more. */
  private rest(sequences: number, isTimed: boolean): number {
    const { cadence, clock } = this;
    const { counters, control } = this.parts;
    if (isTimed) {
      clock.read();
      let ms = clock.now - this.began - (counters.values[COUNTER.roomMs]! - this.waitedBefore);
      if (cadence.isOdd(sequences, ms) && this.coreWait.explains(ms)) ms = sequences * cadence.eachMs;
      cadence.learn(sequences, ms);
      counters.values[COUNTER.computingMs]! += ms;
    } else {
      // It took what those that were timed took, on average.
      const usual = sequences * cadence.eachMs;
      clock.now = this.began + usual;
      counters.values[COUNTER.computingMs]! += usual;
    }
    this.show(sequences);
    // After the position: whoever reads this sees the thread behind those events.
    if (isTimed) control.showBegan(this.thread, clock);
    return 1;
  }

  /** Computes up to `end`. Ends with `this.sequence` there, or at an event for whose promise it has to wait. */
  private run(end: number): PromiseLike<void> | undefined {
    const { loop, cadence } = this;
    const showsEach = cadence.eachMs >= DEAR_MS || cadence.isUneven;
    const promise = loop.run(this.sequence, end, showsEach);
    this.sequence = promise === undefined ? end : loop.output.current;
    return promise;
  }

  /**
   * In the middle of a ticket: shows the work so far to the writer. True when the flow is being stopped or paused, or the
   * event loop is due for a turn.
   */
  private look(): boolean {
    const { control, position, bell, counters } = this.parts;
    const { clock } = this;
    this.loop.output.publish(this.sequence);
    position.publish(this.sequence);
    const { interval } = this.cadence;
    // Where many events pass between two looks, a clock would cost more than the look.
    if (interval <= FEW_EVENTS) {
      clock.read();
      const waited = counters.values[COUNTER.roomMs]!;
      if (this.lookedAt >= 0) this.cadence.learn(interval, clock.now - this.lookedAt - (waited - this.waitedByLook));
      this.lookedAt = clock.now;
      this.waitedByLook = waited;
      control.showBegan(this.thread, clock);
    } else clock.now += LOOK_EVERY_MS;
    bell.shown();
    return control.mayHaveToRest() || clock.now >= clock.turnDue;
  }

  /** An async event: everything before it is shown, then the thread serves its event loop. */
  private async waitForPromise(promise: PromiseLike<void>, begin: number): Promise<number> {
    try {
      await this.apart(promise, CAUSES.promise);
      this.loop.finish();
    } catch (error) {
      return this.fail(error);
    }
    this.sequence++;
    const { output } = this.loop;
    if (output.covered !== this.sequence) output.progress(this.sequence);
    this.clock.read();
    this.parts.counters.add(COUNTER.computingMs, this.clock.now - this.began);
    this.show(this.sequence - begin);
    return 1;
  }

  private show(sequences: number): void {
    const { counters, position, bell } = this.parts;
    const { output } = this.loop;
    output.publish(this.sequence);
    bell.shown();
    position.publish(this.sequence);
    counters.add(COUNTER.sequences, sequences);
    output.count(counters);
  }

  private wait(cause: number, wanted: number): void {
    this.parts.bell.settle();
    this.waiting.cause = cause;
    this.waiting.wanted = wanted;
  }

  private finish(): number {
    const { output } = this.loop;
    if (output.torn() < 0) output.publish(this.sequence);
    this.parts.bell.ring();
    this.done = true;
    return 1;
  }

  private fail(thrown: unknown): number | Promise<number> {
    const { loop, attempts } = this;
    const { output } = loop;
    const torn = output.torn();
    const sequence = torn < 0 ? output.current : torn;
    const items = torn < 0 ? output.discard() : output.tornItems();
    loop.endAttempt();
    const error = readable(thrown);
    // Whatever a user's code makes of being stopped is no failure.
    if (error instanceof FlowStopped || this.parts.control.isStopping()) return this.finish();
    attempts.failed(sequence, items);
    this.sequence = sequence;
    if (torn >= 0) this.beginAnew();
    const { onError } = this.parts;
    // What Millrace refuses, it would refuse again.
    if (attempts.failures <= onError.attempts && !(error instanceof MillraceError))
      return this.tryAgain(torn < 0 && items > 0);
    if (onError.otherwise === 'dead-letter') return this.bury(error);
    throw this.failed(error, sequence);
  }

  /**
   * An exception has left what this thread keeps of its lane in doubt: it goes on from shared memory alone, as a thread does
   * that takes the place of a dead one. What the lane did not show yet is computed again.
   */
  private beginAnew(): void {
    this.parts = this.succeed();
    this.clock = this.parts.clock;
    this.loop = new UserLoop(this.parts, this.attempts);
    this.end = this.sequence;
  }

  private async tryAgain(mustRewind: boolean): Promise<number> {
    const { onError, counters } = this.parts;
    if (mustRewind) this.loop.output.rewind(this.sequence);
    counters.add(COUNTER.retries, 1);
    await this.apart(this.parts.pause(pauseBefore(onError, this.attempts.failures)), CAUSES.backoff);
    return 1;
  }

  private async bury(cause: unknown): Promise<number> {
    const { failures: attempts, delivered: item } = this.attempts;
    const letter = { from: 'processor', sequence: this.sequence, item, attempts, cause } as const;
    await this.apart(this.parts.deadLetter(letter), CAUSES.deadLetter);
    this.poison = this.sequence;
    // A thread that has begun anew has tickets to take back first, and may have events to compute before this one.
    if (this.sequence >= this.end) return 1;
    try {
      return this.giveUp();
    } catch (error) {
      return this.fail(error);
    }
  }

  /** The event at which this thread stands is done without its output, or without the rest of it. */
  private giveUp(): number {
    this.parts.counters.add(COUNTER.deadLetters, 1);
    this.sequence++;
    this.loop.output.passOver(this.sequence);
    this.show(1);
    return 1;
  }

  /** Waits for something else than a computation: everything before the event is shown. */
  private async apart(promise: PromiseLike<void>, cause: number): Promise<void> {
    const { control, position, index, bell } = this.parts;
    this.loop.output.publish(this.sequence);
    position.publish(this.sequence);
    bell.ring();
    control.showWaiting(FIRST_PROCESSOR + index, cause);
    try {
      await promise;
    } finally {
      const { clock } = this;
      clock.read();
      control.showWaiting(FIRST_PROCESSOR + index, CAUSES.none, clock.now | 0);
      // What is tried again was begun before.
      if (cause !== CAUSES.backoff) control.showBegan(this.thread, clock);
    }
  }

  private failed(error: unknown, sequence: number): MillraceError {
    const details = { sequence, thread: this.roleName };
    if (error instanceof MillraceError)
      return new MillraceError(error.code, error.text, { ...details, cause: error.cause });
    return new MillraceError(
      'PROCESSOR_FAILED',
      `${this.roleName} failed on sequence ${sequence}: ${messageOf(error)}${remedyFor(error)}`,
      { ...details, cause: error },
    );
  }
}

/** What to do about a method of the output that was called without it: `process(event, { emit })`, or `items.forEach(output.emit)`. */
function remedyFor(error: unknown): string {
  if (!(error instanceof TypeError) || !/ of (undefined|'this')/.test(error.message)) return '';
  const from = error.stack?.split('\n').find((line) => line.startsWith('    at '));
  return from?.includes(OUR_FOLDER) === true ? ': call `output.emit(item)` on the output, and not `emit` alone' : '';
}

const OUR_FOLDER: string = new URL('./', import.meta.url).href;
