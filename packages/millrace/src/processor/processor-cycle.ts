import { ANY, type Cursor, type EventCount } from 'native-free-rings';
import type { TicketClaimer } from '../order/ticket-claimer.ts';
import { Cadence } from '../thread/cadence.ts';
import { CAUSES } from '../thread/causes.ts';
import type { Clock } from '../thread/clock.ts';
import { type Control, FIRST_PROCESSOR, type WorkWord } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import type { DutyCycle, Waiting } from '../thread/duty-cycle.ts';
import { FlowStopped, MillraceError } from '../thread/errors.ts';
import { type DeadLetter, type FailurePolicy, pauseBefore } from '../thread/failure-policy.ts';
import type { Succession } from '../thread/messages.ts';
import type { ProcessorDefinition } from './definition.ts';
import { drainResult } from './drain-result.ts';
import type { LaneOutput } from './lane-output.ts';
import type { SourceView } from './source-view.ts';
import { computeSamples } from './warm-up.ts';
import type { WriterBell } from './writer-bell.ts';

/** What a processor's duty cycle works with. */
export interface ProcessorParts {
  readonly index: number;
  readonly definition: ProcessorDefinition<unknown, unknown>;
  readonly claimer: TicketClaimer;
  readonly source: SourceView<unknown>;
  readonly output: LaneOutput<unknown>;
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

/** Work is shown as it is done, about this often. At 0.01 an event of 1.6 µs had 3 % more on top (2026-11-24, Node 20.20, two cores). */
const LOOK_EVERY_MS = 0.04;
const MOST_EVENTS_PER_LOOK = 1_024;

/** A processor thread's work: take the first free ticket, compute its events in order, write their items into the lane. */
export class ProcessorCycle implements DutyCycle {
  readonly roleName: string;
  readonly waiting: Waiting = { cause: CAUSES.none, wanted: 0, timeoutMs: undefined };
  done = false;
  isAsync = false;

  private readonly parts: ProcessorParts;
  private readonly hasInterest: boolean;
  private readonly cadence = new Cadence(LOOK_EVERY_MS, MOST_EVENTS_PER_LOOK);
  /** The next sequence to compute, and the end of the ticket held; equal when none is held. */
  private sequence = 0;
  private end = 0;
  private readonly clock: Clock;
  /** When the run in work began, and for how long the thread had waited for lane room by then. */
  private began = 0;
  private waitedBefore = 0;
  /** The event that failed last, and how often it did. */
  private failedAt = -1;
  private failures = 0;
  /** The most of its items that went to the writer at any attempt. */
  private shownItems = 0;
  private readonly poison: number;
  private readonly thread: number;
  /** For whoever asks for the head of line. */
  private readonly at: WorkWord;

  constructor(parts: ProcessorParts) {
    const { definition, succeeds } = parts;
    this.parts = parts;
    this.clock = parts.clock;
    this.poison = succeeds?.poison ?? Number.POSITIVE_INFINITY;
    this.roleName = `processor ${parts.index}`;
    this.thread = FIRST_PROCESSOR + parts.index;
    this.at = parts.control.work(this.thread);
    this.hasInterest = definition.interested !== undefined;
  }

  /**
   * Before the first `doWork`: computes the processor's own samples, or of bare sequences those of the flow from `start` on up
   * to `end`. The output takes all of it back, so nobody sees any, and its memory is there then.
   */
  async warmUp(start: number, end: number): Promise<void> {
    const { definition, output, source } = this.parts;
    const samples = definition.warmUp?.();
    const at = this.at.peek();
    output.rehearse();
    if (samples !== undefined) await computeSamples(definition, output, source, samples, start);
    else if (source.isBare) await this.rehearse(start, end);
    output.forget();
    this.at.show(at);
  }

  /** Runs the very loop that will run: it, too, has to be compiled. */
  private async rehearse(start: number, end: number): Promise<void> {
    this.sequence = start;
    while (this.sequence < end) {
      const promise = this.run(this.sequence, Math.min(end, this.sequence + MOST_EVENTS_PER_LOOK));
      if (promise === undefined) continue;
      await promise;
      this.parts.output.finish();
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
    if (control.isPaused()) return false;
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
    const { output, position } = this.parts;
    output.sequence = this.sequence;
    output.rewind(this.sequence);
    position.publish(this.sequence);
  }

  /** Computes events up to `end`. Returns early with a promise where the user's code returned one. */
  private compute(end: number): number | Promise<number> {
    const { output, counters, bell, source, control } = this.parts;
    const { cadence, clock } = this;
    const begin = this.sequence;
    const isTimed = cadence.isTimed(end - begin);
    if (isTimed) {
      clock.read();
      this.waitedBefore = counters.get(COUNTER.roomMs);
      control.showBegan(this.thread, clock.now);
    }
    this.began = clock.now;
    bell.learn(source.loadEnd() - this.end, cadence);
    while (this.sequence < end) {
      const promise = this.run(this.sequence, Math.min(end, this.sequence + cadence.interval));
      if (promise !== undefined) {
        this.isAsync = true;
        if (!isTimed) this.began = performance.now();
        return this.waitForPromise(promise, begin);
      }
      if (this.sequence < end && this.look()) return this.rest(this.sequence - begin, isTimed);
    }
    if (output.covered !== end) output.progress(end);
    return this.rest(end - begin, isTimed);
  }

  /** So much is done, and shown; the world is looked at before there is more. */
  private rest(sequences: number, isTimed: boolean): number {
    const { cadence, clock } = this;
    const { counters, control } = this.parts;
    if (isTimed) {
      clock.read();
      const ms = clock.now - this.began - (counters.get(COUNTER.roomMs) - this.waitedBefore);
      cadence.learn(sequences, ms);
      counters.add(COUNTER.computingMs, ms);
    } else {
      // It took what those that were timed took, on average.
      const usual = sequences * cadence.eachMs;
      clock.now = this.began + usual;
      counters.add(COUNTER.computingMs, usual);
    }
    this.show(sequences);
    // After the position: whoever reads this sees the thread behind those events.
    if (isTimed) control.showBegan(this.thread, clock.now);
    return 1;
  }

  /** The loop over the user's code. Ends with `this.sequence` at `end`, or at an event for whose promise it has to wait. */
  private run(begin: number, end: number): PromiseLike<void> | undefined {
    const { source, output, definition } = this.parts;
    const { hasInterest, at } = this;
    const { mayBeVoid } = source;
    for (let sequence = begin; sequence < end; sequence++) {
      output.sequence = sequence;
      at.show(sequence);
      if (mayBeVoid && source.isVoid(sequence)) continue;
      const event = source.at(sequence);
      if (hasInterest && !definition.interested!(event, sequence)) continue;
      const result = definition.process(event, output) as unknown;
      if (result !== undefined) {
        const promise = drainResult(result, output);
        if (promise !== undefined) {
          this.sequence = sequence;
          return promise;
        }
      }
      output.finish();
    }
    this.sequence = end;
    return undefined;
  }

  /**
   * In the middle of a ticket: shows the work so far to the writer. True when the flow is being stopped or paused, or the
   * event loop is due for a turn.
   */
  private look(): boolean {
    const { output, control, position, bell } = this.parts;
    const { clock } = this;
    output.publish(this.sequence);
    position.publish(this.sequence);
    // Where many events pass between two looks, a clock would cost more than the look.
    if (this.cadence.interval === 1) {
      clock.read();
      control.showBegan(this.thread, clock.now);
    } else clock.now += LOOK_EVERY_MS;
    bell.shown();
    return control.mayHaveToRest() || clock.now >= clock.turnDue;
  }

  /** An async event: everything before it is shown, then the thread serves its event loop. */
  private async waitForPromise(promise: PromiseLike<void>, begin: number): Promise<number> {
    const { output, counters } = this.parts;
    try {
      await this.apart(promise, CAUSES.promise);
      output.finish();
    } catch (error) {
      return this.fail(error);
    }
    this.sequence++;
    if (output.covered !== this.sequence) output.progress(this.sequence);
    this.clock.read();
    counters.add(COUNTER.computingMs, this.clock.now - this.began);
    this.show(this.sequence - begin);
    return 1;
  }

  private show(sequences: number): void {
    const { output, counters, position, bell } = this.parts;
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
    this.parts.output.publish(this.sequence);
    this.parts.bell.ring();
    this.done = true;
    return 1;
  }

  private fail(error: unknown): number | Promise<number> {
    // Whatever a user's code makes of being stopped is no failure.
    if (error instanceof FlowStopped || this.parts.control.isStopping()) return this.finish();
    const { output, onError } = this.parts;
    const { sequence } = output;
    if (sequence !== this.failedAt) this.failures = this.shownItems = 0;
    this.failures++;
    this.failedAt = sequence;
    const items = output.discard();
    this.shownItems = Math.max(this.shownItems, items);
    this.sequence = sequence;
    // What Millrace refuses, it would refuse again.
    if (this.failures <= onError.attempts && !(error instanceof MillraceError)) return this.tryAgain(items);
    if (onError.otherwise === 'dead-letter') return this.bury(error, this.shownItems);
    throw this.failed(error);
  }

  private async tryAgain(items: number): Promise<number> {
    const { output, onError, counters } = this.parts;
    if (items > 0) output.rewind(this.sequence);
    counters.add(COUNTER.retries, 1);
    await this.apart(this.parts.pause(pauseBefore(onError, this.failures)), CAUSES.backoff);
    return 1;
  }

  private async bury(cause: unknown, item: number): Promise<number> {
    const letter = { from: 'processor', sequence: this.sequence, item, attempts: this.failures, cause } as const;
    await this.apart(this.parts.deadLetter(letter), CAUSES.deadLetter);
    try {
      return this.giveUp();
    } catch (error) {
      return this.fail(error);
    }
  }

  /** The event at which this thread stands is done without its output, or without the rest of it. */
  private giveUp(): number {
    const { output, counters } = this.parts;
    counters.add(COUNTER.deadLetters, 1);
    this.sequence++;
    output.passOver(this.sequence);
    this.show(1);
    return 1;
  }

  /** Waits for something else than a computation: everything before the event is shown. */
  private async apart(promise: PromiseLike<void>, cause: number): Promise<void> {
    const { output, control, position, index, bell } = this.parts;
    output.publish(this.sequence);
    position.publish(this.sequence);
    bell.ring();
    control.showWaiting(FIRST_PROCESSOR + index, cause);
    try {
      await promise;
    } finally {
      const now = performance.now();
      control.showWaiting(FIRST_PROCESSOR + index, CAUSES.none, now | 0);
      control.showBegan(this.thread, now);
    }
  }

  private failed(error: unknown): MillraceError {
    const { sequence } = this.parts.output;
    const details = { sequence, thread: this.roleName };
    if (error instanceof MillraceError)
      return new MillraceError(error.code, error.text, { ...details, cause: error.cause });
    const message = error instanceof Error ? error.message : String(error);
    return new MillraceError('PROCESSOR_FAILED', `${this.roleName} failed on sequence ${sequence}: ${message}`, {
      ...details,
      cause: error,
    });
  }
}
