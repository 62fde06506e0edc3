import type { Cursor, EventCount, LaneProducer } from 'native-free-rings';
import type { TicketClaimer } from '../order/ticket-claimer.ts';
import { Cadence } from '../thread/cadence.ts';
import { CAUSES } from '../thread/causes.ts';
import { type Control, FIRST_PROCESSOR } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import type { DutyCycle, Waiting } from '../thread/duty-cycle.ts';
import { FlowStopped, MillraceError } from '../thread/errors.ts';

import type { ProcessorDefinition } from './definition.ts';
import { drainResult } from './drain-result.ts';
import type { LaneOutput } from './lane-output.ts';
import type { SourceView } from './source-view.ts';

/** What a processor's duty cycle works with. */
export interface ProcessorParts {
  readonly index: number;
  readonly definition: ProcessorDefinition<unknown, unknown>;
  readonly claimer: TicketClaimer;
  readonly source: SourceView<unknown>;
  readonly lane: LaneProducer;
  readonly output: LaneOutput<unknown>;
  readonly control: Control;
  readonly counters: Counters;
  /** Shows which sequence this thread is at. */
  readonly position: Cursor;
  readonly writer: EventCount;
  readonly coordinator: EventCount;
}

/**
 * Under backlog, work is shown to the writer as it is done, and the writer woken for it at the end of a ticket, but at least
 * this often where events are slow. (The writer, after it made progress, looks once more by itself after the same time: so
 * what was done just before a very slow event is not held back by it.)
 */
const WAKE_EVERY_MS = 1;
const LOOK_EVERY_MS = 0.01;
/** Where many events pass between two looks, looks are counted: a clock would cost more than the look. */
const LOOKS_PER_WAKE: number = WAKE_EVERY_MS / LOOK_EVERY_MS;
const MOST_EVENTS_PER_LOOK = 256;

/** A processor thread's work: take the first free ticket, compute its events in order, write their items into the lane. */
export class ProcessorCycle implements DutyCycle {
  readonly roleName: string;
  readonly waiting: Waiting = { cause: CAUSES.none, wanted: 0, timeoutMs: undefined };
  done = false;

  private readonly parts: ProcessorParts;
  private readonly hasInterest: boolean;
  private readonly cadence = new Cadence(LOOK_EVERY_MS, MOST_EVENTS_PER_LOOK);
  /** The next sequence to compute, and the end of the ticket held; equal when none is held. */
  private sequence = 0;
  private end = 0;
  /** When this processor last looked whether the writer sleeps. */
  private wokenAt = 0;
  private looks = 0;

  constructor(parts: ProcessorParts) {
    const { definition } = parts;
    this.parts = parts;
    this.roleName = `processor ${parts.index}`;
    this.hasInterest = definition.interested !== undefined;
  }

  doWork(): number | Promise<number> {
    const { control, claimer, source } = this.parts;
    if (control.isStopping()) return this.finish();
    const sourceEnd = control.loadEnd();
    if (this.sequence >= this.end && !this.takeTicket()) return 0;
    if (this.sequence >= sourceEnd) return this.finish();
    const arrived = claimer.arrived ? this.end : Math.min(this.end, source.loadEnd());
    if (this.sequence >= arrived) {
      this.wait(CAUSES.input, this.sequence + 1);
      return 0;
    }
    try {
      return this.compute(Math.min(arrived, sourceEnd));
    } catch (error) {
      return this.fail(error);
    }
  }

  isReady(): boolean {
    const { control, claimer, source } = this.parts;
    if (control.isStopping()) return true;
    if (this.sequence >= this.end) return claimer.mayClaim();
    return source.loadEnd() > this.sequence || this.sequence >= control.loadEnd();
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
    if (coordinator.wake(CAUSES.claims, claimer.index + 1)) counters.add(COUNTER.wakes, 1);
    return true;
  }

  /** Computes events up to `end`. Returns early with a promise where the user's code returned one. */
  private compute(end: number): number | Promise<number> {
    const { output, counters } = this.parts;
    const { cadence } = this;
    const began = performance.now();
    const waitedBefore = counters.get(COUNTER.roomMs);
    const begin = this.sequence;
    while (this.sequence < end) {
      const promise = this.run(this.sequence, Math.min(end, this.sequence + cadence.interval));
      if (promise !== undefined) return this.waitForPromise(promise, begin, began);
      if (this.sequence < end && this.look()) return 1;
    }
    if (output.covered !== end) output.progress(end);
    const ms = performance.now() - began - (counters.get(COUNTER.roomMs) - waitedBefore);
    cadence.learn(end - begin, ms);
    this.show(end - begin, ms);
    return 1;
  }

  /** The loop over the user's code. Ends with `this.sequence` at `end`, or at an event for whose promise it has to wait. */
  private run(begin: number, end: number): PromiseLike<void> | undefined {
    const { source, output, definition } = this.parts;
    const { hasInterest } = this;
    const { mayBeVoid } = source;
    for (let sequence = begin; sequence < end; sequence++) {
      output.sequence = sequence;
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

  /** In the middle of a ticket: shows the work so far to the writer. True when the flow is being stopped. */
  private look(): boolean {
    const { lane, control, claimer, position } = this.parts;
    lane.publish();
    position.publish(this.sequence);
    // Under backlog the writer is woken once in a while, and when there is a lot for it to take.
    const much = lane.capacity >> 2;
    const isDue =
      this.cadence.interval === 1 ? performance.now() - this.wokenAt >= WAKE_EVERY_MS : ++this.looks >= LOOKS_PER_WAKE;
    if (isDue || !claimer.arrived || (lane.peekUsedBytes() > much && lane.loadUsedBytes() > much)) this.wakeWriter();
    return control.mayBeStopping();
  }

  /** An async event: everything before it is shown, then the thread serves its event loop. */
  private async waitForPromise(promise: PromiseLike<void>, begin: number, began: number): Promise<number> {
    const { output, control, position, lane, index } = this.parts;
    position.publish(this.sequence);
    lane.publish();
    this.wakeWriter();
    control.showWaiting(FIRST_PROCESSOR + index, CAUSES.promise);
    try {
      await promise;
      output.finish();
    } catch (error) {
      return this.fail(error);
    } finally {
      control.showWaiting(FIRST_PROCESSOR + index, CAUSES.none);
    }
    this.sequence++;
    if (this.sequence === this.end && output.covered !== this.end) output.progress(this.end);
    this.show(this.sequence - begin, performance.now() - began);
    return 1;
  }

  private show(sequences: number, ms: number): void {
    const { lane, output, counters, position } = this.parts;
    lane.publish();
    this.wakeWriter();
    position.publish(this.sequence);
    counters.add(COUNTER.sequences, sequences);
    counters.add(COUNTER.computingMs, ms);
    output.count(counters);
  }

  private wakeWriter(): void {
    const { writer, counters, index } = this.parts;
    this.wokenAt = performance.now();
    this.looks = 0;
    if (writer.wakeFor(CAUSES.items, index)) counters.add(COUNTER.wakes, 1);
  }

  private wait(cause: number, wanted: number): void {
    this.waiting.cause = cause;
    this.waiting.wanted = wanted;
  }

  private finish(): number {
    this.parts.lane.publish();
    this.wakeWriter();
    this.done = true;
    return 1;
  }

  private fail(error: unknown): number {
    // Whatever a user's code makes of being stopped is no failure.
    if (error instanceof FlowStopped || this.parts.control.isStopping()) return this.finish();
    const { sequence } = this.parts.output;
    const details = { sequence, thread: this.roleName };
    if (error instanceof MillraceError)
      throw new MillraceError(error.code, error.text, { ...details, cause: error.cause });
    const message = error instanceof Error ? error.message : String(error);
    throw new MillraceError('PROCESSOR_FAILED', `${this.roleName} failed on sequence ${sequence}: ${message}`, {
      ...details,
      cause: error,
    });
  }
}
