import { AsyncLocalStorage } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import type { Codec } from '@millrace/codec';
import { waitUntilAsync } from 'native-free-rings';
import { closeUnread, onAbort } from 'native-free-rings/waits';
import { CAUSES } from '../thread/causes.ts';
import { Control, MAIN } from '../thread/control-block.ts';
import { asMillraceError, MillraceError } from '../thread/errors.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { wakeEverybody } from '../thread/wake-everybody.ts';
import { expectOptions } from './call-options.ts';
import type { Crew } from './crew.ts';
import type { FlowEvents, PublishOptions } from './flow-events.ts';
import type { ProducerHandle, ReaderHandle } from './handles.ts';
import { Incidents } from './incidents.ts';
import { expectOutside, inside } from './inside.ts';
import { type FlowEvent, type FlowState, isDown, transition } from './lifecycle.ts';
import type { CompiledOptions } from './options.ts';
import { Outcome } from './outcome.ts';
import { Participants } from './participants.ts';
import type { Publishable } from './publishable.ts';
import { Publisher } from './publisher.ts';
import { Results } from './results.ts';
import type { ReadableRing } from './ring-batch.ts';
import { StallAlarm } from './stall-alarm.ts';
import { FlowInspector, type FlowStats, type HeadOfLine } from './stats.ts';
import { thisThread } from './thread-deaths.ts';

/** Of a call without options: known by itself, so that such a call costs no look at them. */
export const NO_OPTIONS: PublishOptions = {};

/** A running flow, but for what fills events in place (source-flow.ts). Made by `pipeline(…).process(…).write(…).start()`. */
export class BaseFlow<Event = unknown, Item = unknown, Kept = unknown>
  extends EventEmitter<FlowEvents>
  implements AsyncDisposable
{
  private readonly options: CompiledOptions;
  private readonly plan: FlowPlan;
  private readonly crew: Crew;
  private readonly control: Control;
  private readonly inspector: FlowInspector;
  private readonly incidents: Incidents;
  private readonly publisher: Publisher<Event> | undefined;
  private readonly participants: Participants;
  /** @internal What the end of the source would reject waits for this first: see shutdown.ts. */
  held: Promise<unknown> | undefined;
  private current: FlowState = 'running';
  /** The flow was paused and not resumed. */
  paused = false;
  private readonly outcome = new Outcome((error) => void this.inContext(() => this.emit('error', error)));
  private readonly end: Promise<void>;
  /** The same, as the user gets it. */
  private readonly told: Promise<void>;
  private settleEnd!: { readonly resolve: () => void; readonly reject: (error: unknown) => void };
  private readers = 0;
  private settling: Promise<unknown> = Promise.resolve();
  private everRead = false;
  /** Where the source ended. */
  private sourceEnd = Number.POSITIVE_INFINITY;
  private cancelSignal: () => void = () => {};
  private alarm: StallAlarm | undefined;
  /** The async context in which the flow was started: events are emitted in it. */
  private readonly inContext = AsyncLocalStorage.snapshot();

  /** @internal */
  constructor(options: CompiledOptions, plan: FlowPlan, crew: Crew, signal?: AbortSignal) {
    super();
    this.options = options;
    this.plan = plan;
    this.crew = crew;
    this.control = new Control(plan.control);
    this.inspector = new FlowInspector(plan);
    const deadLetters = options.deadLetters && inside(options, options.deadLetters);
    this.incidents = new Incidents(plan, {
      restart: (...told) => this.inContext(() => this.emit('restart', ...told)),
      stall: (head) => this.inContext(() => this.emit('stall', head)),
      deadLetters: deadLetters && ((letter) => this.inContext(() => deadLetters(letter))),
      writer: options.writer.kind,
    });
    if (options.source.kind === 'ring' && plan.source.ring !== undefined) {
      const codec = options.source.codec as Codec<unknown, Event> | undefined;
      this.publisher = new Publisher(plan.source.ring, codec, plan.tickets, this.control, {
        shown: () => this.crew.kick(),
        owner: thisThread(),
      });
    }
    // Whoever has ended may not have come to waking the processors.
    this.participants = new Participants(plan, () => this.publisher?.show());
    this.end = new Promise((resolve, reject) => {
      this.settleEnd = { resolve, reject };
    });
    this.end.catch(() => {});
    this.told = this.outcome.watch(this.end);
    if (signal !== undefined) this.stopOn(signal);
  }

  /** @internal Begins. */
  run(): void {
    // Before anybody begins: nobody may compute a sequence that is not there.
    if (this.options.source.kind === 'sequences') {
      this.move('drain');
      this.drainTo(this.options.startAt + this.options.source.count);
    }
    this.control.begin();
    this.alarm = new StallAlarm(
      this.options.stallMs,
      () => {
        this.participants.look();
        return this.paused || isDown(this.current) ? undefined : this.headOfLine()?.sequence;
      },
      () => this.incidents.stalled(this.headOfLine()),
    );
    const { writer, all } = this.crew.run(this.incidents);
    writer.then(
      () => {},
      (error) => this.fail(error),
    );
    all.then(
      () => this.finish(),
      (error) => this.fail(error),
    );
  }

  /**
   * Settles when every thread has ended: resolves after a drain or a stop, rejects with what failed, or with the reason of
   * the signal that stopped the flow. Whatever it rejects with is thrown at the process, as any EventEmitter's `error`, where
   * nobody takes it here or by another call of this flow.
   */
  get ended(): Promise<void> {
    return this.told;
  }

  get state(): FlowState {
    return this.current;
  }

  /** Every sequence below this is delivered and acknowledged. */
  get published(): number {
    return this.inspector.loadPublished();
  }

  /**
   * Publishes one event, an iterable, an async iterable, or a Node or Web stream. Waits while the source ring is full and
   * never buffers: resolves when the last event is in the ring. Whether something is one event or many is for the codec of the
   * source to say: see `Publishable`. Events of several calls mix; those of one call stay in their order.
   *
   * Rejects with the failure of the flow, FLOW_STOPPED, FLOW_ENDED after `drain`, EVENT_REFUSED for an event that the codec
   * or the ring cannot take, the signal's reason, or whatever the iterable threw. What came before stays published. A
   * stream that is not read to its end is closed.
   */
  publish(events: Publishable<Event>, options: PublishOptions = NO_OPTIONS): Promise<void> {
    try {
      if (options !== NO_OPTIONS) expectOptions('publish', options, ['signal']);
      const { signal } = options;
      const publisher = this.expectPublisher();
      signal?.throwIfAborted();
      this.expectUp();
      const publishing = publisher.publish(events, signal);
      return publishing === undefined ? this.outcome.resolved : this.watch(publishing);
    } catch (error) {
      closeUnread(events);
      return this.watch(Promise.reject(error));
    }
  }

  /** Publishes one event if there is room; false otherwise, and the caller keeps its event. */
  tryPublish(event: Event): boolean {
    try {
      return this.expectPublisher().tryPublish(event);
    } catch (error) {
      throw this.reasonFor(error);
    }
  }

  /** Hands out the next `count` sequences of a source of bare `sequences()`. Waits while `capacity` of them are unpublished. */
  advance(count: number, options: PublishOptions = NO_OPTIONS): Promise<void> {
    try {
      if (options !== NO_OPTIONS) expectOptions('advance', options, ['signal']);
      return this.watch(this.expectPublisher().advance(count, options.signal));
    } catch (error) {
      return this.watch(Promise.reject(error));
    }
  }

  /** Resolves when everything that was published so far is delivered and acknowledged. The flow goes on. */
  settled(): Promise<void> {
    const end = Math.max(
      this.inspector.loadArrived(),
      Math.min(this.publisher?.loadNext() ?? 0, this.control.loadEnd()),
    );
    return this.watch(this.unlessInside('settled()', () => this.settle(end)));
  }

  /** A plain object by which another thread attaches as producer: `attachProducer(handle)`. Needs the option `producers`. */
  producer(): ProducerHandle {
    this.expectPublisher();
    return this.participants.producer(this.options.source);
  }

  /** The items of the destination ring, in order; an async iterable of items, and by `.batches()` of batches. */
  results(): Results<Item, Kept> {
    const results = new Results<Item, Kept>(this.expectRing(), {
      begun: () => {
        this.everRead = true;
        this.outcome.expect();
      },
      ended: () => this.outcome.done(),
      isStopping: () => isDown(this.current),
      rethrow: () => this.outcome.rethrow(),
      cancel: () => this.leaveResults(),
      released: () => this.crew.kick(),
    });
    // Once there is a place for it: one that was refused leaves nothing behind.
    this.readers++;
    return results;
  }

  /** A plain object by which another thread attaches as reader of the destination ring: `attachReader(handle)`. */
  reader(): ReaderHandle<Kept> {
    const handle = this.participants.reader(this.expectRing());
    this.everRead = true;
    // Another thread may read to the end: a loop that is left on this one does not stop the flow.
    this.readers++;
    return handle as ReaderHandle<Kept>;
  }

  /**
   * Takes a handle back that `producer()` or `reader()` made. Nobody attaches by it any more, and the thread that has attached
   * gives its place back at its next look: its loop ends with HANDLE_REVOKED, also while it waits. What a producer has
   * published stays published. A thread that never looks again keeps its place until it ends.
   */
  revoke(handle: ProducerHandle | ReaderHandle): void {
    if (this.participants.revoke(handle) && handle.kind === 'reader') this.readers--;
  }

  stats(): FlowStats {
    return this.inspector.stats(this.incidents);
  }

  /** Which sequence holds the line, on which thread, and why. Undefined when nothing is outstanding. */
  headOfLine(): HeadOfLine | undefined {
    return this.inspector.headOfLine() ?? this.participants.blocked(this.inspector.loadArrived());
  }

  /**
   * Lets every thread rest: a processor before its next event, the writer before its next batch. Events are taken until the
   * source ring is full. `resume`, `drain` and `stop` end it.
   */
  pause(): void {
    this.paused = true;
    this.control.pause();
  }

  /** Ends a pause. */
  resume(): void {
    this.paused = false;
    this.control.resume();
    this.crew.kick();
  }

  /**
   * Ends the source, waits until everything published is delivered and acknowledged, closes the destination and ends the
   * threads. Somebody has to take the results meanwhile. Rejects with what failed. Idempotent.
   */
  drain(): Promise<void> {
    return this.watch(this.unlessInside('drain()', () => this.drainAll()));
  }

  /**
   * Ends the threads at once; what is not delivered is dropped. Processors see it as `output.aborted`, and a thread that
   * does not end within `graceMs` is terminated. Never rejects. Idempotent.
   */
  async stop(): Promise<void> {
    this.move('stop');
    if (this.current === 'stopping') await this.takeDown();
    await this.end.catch(() => {});
  }

  /**
   * `drain`, so that leaving a scope loses nothing; `stop` where nobody takes the results. Rejects with a failure of the
   * flow that nobody has taken yet.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const unread = this.plan.destination !== undefined && !this.everRead;
    if (!isDown(this.current) && !unread) return await this.drain();
    await this.stop();
    this.outcome.rethrowUntaken();
  }

  /** @internal Ends a thread as a fault would, wherever it is. */
  async kill(thread: string): Promise<void> {
    await this.crew.kill(thread);
  }

  private move(event: FlowEvent): void {
    this.current = transition(this.current, event);
  }

  private stopOn(signal: AbortSignal): void {
    const abort = (): void => {
      if (this.current !== 'running' && this.current !== 'draining') return;
      this.outcome.fail(signal.reason);
      void this.stop();
    };
    this.cancelSignal = onAbort(signal, abort);
  }

  private drainTo(end: number): void {
    this.sourceEnd = end;
    this.control.drain(end);
  }

  /** A stop may come when all is delivered and the threads have not ended. (A writer of the user's may still have to `close`.) */
  private isDelivered(): boolean {
    const { writer } = this.options;
    const mayClose = writer.kind === 'module' || (writer.kind === 'function' && writer.definition.close !== undefined);
    return !mayClose && this.inspector.loadPublished() >= this.sourceEnd;
  }

  /** Before the threads are told, the state is. */
  protected expectUp(): void {
    if (isDown(this.current)) throw new MillraceError('FLOW_STOPPED', 'the flow has been stopped or has failed');
  }

  /** The promise of a call: where that rejects because the flow goes down, it is with what the flow goes down of. */
  protected watch<T>(call: Promise<T>): Promise<T> {
    return this.outcome.watch(
      call.catch(async (error: unknown) => {
        if (error instanceof MillraceError && error.code === 'FLOW_ENDED') await this.held;
        throw this.outcome.reasonFor(error);
      }),
    );
  }

  /** What a call throws at once: where the flow goes down, what it goes down of. */
  protected reasonFor(error: unknown): unknown {
    const reason = this.outcome.reasonFor(error);
    this.outcome.told(reason);
    return reason;
  }

  private unlessInside(call: string, run: () => Promise<void>): Promise<void> {
    return expectOutside(this.options, call, this.control, () => this.incidents.letters)?.then(run) ?? run();
  }

  private async settle(end: number): Promise<void> {
    const look = (): boolean => this.inspector.loadPublished() >= end || isDown(this.current);
    // One sleeper at a time, in the order of the calls, which is the order of the sequences.
    this.settling = this.settling.then(() => waitUntilAsync(look, this.control.eventcount(MAIN), CAUSES.acks, end));
    await this.settling;
    if (this.inspector.loadPublished() >= end && !this.outcome.hasFailed) return;
    throw new MillraceError('FLOW_STOPPED', 'the flow was stopped before that');
  }

  private async drainAll(): Promise<void> {
    if (this.paused) this.resume();
    if (this.current === 'running') {
      this.participants.look();
      const end = this.publisher!.close();
      this.move('drain');
      this.drainTo(end);
      this.publisher!.interrupt(
        new MillraceError('FLOW_ENDED', 'the flow was drained while this stream was being published'),
      );
      this.crew.kick();
    }
    await this.end;
    if (this.current === 'stopped' && !this.isDelivered()) {
      throw new MillraceError('FLOW_STOPPED', 'the flow was stopped before everything was delivered');
    }
  }

  /** A reader has left before the end. The last one's leaving says that nobody wants what this flow makes. */
  private leaveResults(): void {
    if (--this.readers > 0) return;
    this.outcome.giveUp();
    void this.stop();
  }

  private fail(error: unknown): void {
    if (this.current !== 'running' && this.current !== 'draining') return;
    this.move('fail');
    this.outcome.fail(asMillraceError(error, 'THREAD_DIED', 'a part of the flow'));
    void this.takeDown();
  }

  /** The writer has delivered everything and all others have ended. */
  private async finish(): Promise<void> {
    if (this.current !== 'draining') return;
    this.control.stop();
    await this.crew.end(this.options.graceMs);
    if (this.current === 'draining') this.leave('finished');
  }

  private async takeDown(): Promise<void> {
    this.control.stop();
    wakeEverybody(this.plan);
    this.publisher?.interrupt(new MillraceError('FLOW_STOPPED', 'the flow has been stopped or has failed'));
    this.crew.kick();
    await this.crew.end(this.options.graceMs);
    if (this.current === 'stopping' || this.current === 'failing') this.leave('down');
  }

  private leave(event: 'finished' | 'down'): void {
    this.move(event);
    this.cancelSignal();
    this.alarm?.stop();
    this.participants.dispose();
    if (this.outcome.hasFailed) this.settleEnd.reject(this.outcome.error);
    else this.settleEnd.resolve();
    // Of its own, so that what a listener throws is the process's affair, as with any emitter, and no promise's of ours.
    queueMicrotask(() => this.inContext(() => this.announce()));
  }

  private announce(): void {
    const { error, hasFailed } = this.outcome;
    if (hasFailed && this.listenerCount('error') > 0) {
      this.outcome.told(error);
      this.emit('error', error);
    }
    this.outcome.down();
    this.emit('exit', this.current as 'ended' | 'stopped' | 'failed');
  }

  protected expectPublisher(): Publisher<Event> {
    if (this.publisher === undefined) {
      throw new MillraceError(
        'NOT_A_RING_SOURCE',
        'the source is sequences(n), which are all there: there is nothing to publish',
      );
    }
    return this.publisher;
  }

  private expectRing(): ReadableRing {
    const { destination: ring, items, origins } = this.plan;
    if (ring === undefined || items === undefined) {
      throw new MillraceError(
        'NO_RESULTS',
        'results are delivered to the writer of this flow: write to toRing({ … }) to read them here',
      );
    }
    return { ring, items, origins };
  }
}
