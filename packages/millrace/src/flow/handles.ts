/** How other threads take part in a flow: plain objects that pass through `postMessage`, and what is made of them there. */

import { availableParallelism } from 'node:os';
import { clearInterval, setInterval } from 'node:timers';
import { isMainThread } from 'node:worker_threads';
import { type Codec, codecFromSchema, describeSchema, type InferInput, type Schema, sameSchema } from '@millrace/codec';
import { adaptive, type EventRingHandle, park, type WaitStrategy } from 'native-free-rings';
import { closeUnread, leavable } from 'native-free-rings/waits';
import type { TicketLogHandle } from '../order/ticket-log-descriptor.ts';
import { Control, type ControlHandle } from '../thread/control-block.ts';
import { MillraceError } from '../thread/errors.ts';
import type { EventArray } from './event-claims.ts';
import { attachTo, expectGranted, expectHandle, type Grant, grantCheck, revoked } from './participants.ts';
import type { ProducerOf } from './producing.ts';
import { revokedHandle } from './publish-errors.ts';
import { isAsyncIterable } from './publishable.ts';
import { Publisher } from './publisher.ts';
import { type ItemBatch, type ReadableRing, type RingBatches, readRing } from './ring-batch.ts';
import { COMMIT, NEXT, Steps } from './steps.ts';
import { leaveAtExit, thisThread } from './thread-deaths.ts';

export interface ProducerHandle {
  readonly kind: 'producer';
  readonly ring: EventRingHandle;
  readonly events: Schema;
  readonly tickets: TicketLogHandle;
  readonly control: ControlHandle;
  readonly grant: Grant;
  /** The flow's own thread, as rings note their owners. */
  readonly host: number;
}

/** `Kept`: what batches have beside the items. */
export interface ReaderHandle<Kept = unknown> extends ReadableRing {
  readonly kind: 'reader';
  readonly control: ControlHandle;
  readonly grant: Grant;
  /** There for the types alone. */
  readonly kept?: Kept;
}

/**
 * A producer on a thread of its own. `C` is the type of the source's codec, where `attachProducer` was given it: it decides whether
 * events can be filled in place, and how.
 */
export type Producer<Event = unknown, C = unknown> = BaseProducer<Event> & ProducerOf<C>;

/** What every producer has. What blocks its thread is refused on the main thread, and on the flow's own, with MAIN_THREAD. */
export interface BaseProducer<Event> {
  /** Publishes one event; blocks this thread while there is no room. */
  publish(event: Event): void;
  /** Publishes one event if there is room; false otherwise, and the caller keeps its event. */
  tryPublish(event: Event): boolean;
  /**
   * Publishes many events; serves this thread's event loop while there is no room. Rejects when the flow ends meanwhile, also
   * while a stream is silent. A stream that is not read to its end is closed.
   */
  publishAll(events: Iterable<Event> | AsyncIterable<Event>): Promise<void>;
  /**
   * Passes over `count` sequences that are of no interest: they are numbered, and no processor sees them, as if `interested` had
   * said no. Blocks this thread while there is no room.
   */
  skip(count: number): void;
  /** Passes over as many of `count` sequences as there is room for. Returns how many, 0 to `count`. */
  trySkip(count: number): number;
  /**
   * Gives the place back, and what is open of `next()` or `claim(n)`. Call it when this thread has published its last event; a
   * thread that ends does it by itself.
   */
  close(): void;
}

/** A producer with all that fills events in place. Its type shows what its codec takes: see producing.ts for what each does. */
class ThreadProducer<Event> implements BaseProducer<Event> {
  private readonly publisher: Publisher<Event>;
  private readonly control: Control;
  private readonly strategy: WaitStrategy = park();
  private watchesEnd = false;
  private isClosed = false;
  private readonly grant: Grant;
  private readonly isRevoked: () => boolean;
  /** Why this thread must not block; undefined where it may. */
  private readonly mayNotBlock: string | undefined;
  private readonly stay: () => void;
  private readonly steps: Steps = new Steps(
    () => {
      this.expectGranted();
      return this.publisher.tryNext();
    },
    (count) => {
      this.expectGranted();
      this.publisher.commit(count);
    },
  );

  /** @internal */
  constructor({ ring, events, tickets, control, grant, host }: ProducerHandle) {
    const codec = codecFromSchema(events) as Codec<unknown, Event>;
    expectGranted(grant);
    this.control = new Control(control);
    this.grant = grant;
    this.isRevoked = grantCheck(grant);
    const owner = thisThread();
    if (isMainThread) this.mayNotBlock = 'this is the main thread';
    else this.mayNotBlock = owner.owner === host ? 'this is the flow’s own thread' : undefined;
    const make = () => new Publisher(ring, codec, tickets, this.control, { isRevoked: this.isRevoked, owner });
    this.publisher = attachTo(ring, 'producer', make, () => this.control.wakeAll());
    this.stay = leaveAtExit(() => this.publisher.leave());
  }

  get items(): EventArray | undefined {
    return this.publisher.claims.items;
  }

  get begin(): number {
    return this.publisher.claims.begin;
  }

  tryPublish(event: Event): boolean {
    this.expectGranted();
    return this.publisher.tryPublish(event);
  }

  tryNext(): unknown {
    return this.steps.run(NEXT);
  }

  next(): unknown {
    this.expectMayBlock('next()', 'tryNext()');
    return this.steps.run(NEXT) ?? this.nextBlocking();
  }

  tryClaim(count: number): number {
    this.expectGranted();
    return this.publisher.tryClaim(count);
  }

  claim(count: number): number {
    this.expectMayBlock('claim(n)', 'tryClaim(n)');
    this.expectGranted();
    const { publisher } = this;
    try {
      for (;;) {
        const room = publisher.tryClaim(count);
        if (room > 0) return room;
        publisher.waitBlocking(this.strategy);
      }
    } finally {
      if (this.isRevoked()) this.close();
    }
  }

  commit(count?: number): void {
    this.steps.run(COMMIT, count);
  }

  abort(): void {
    this.expectGranted();
    this.publisher.abortClaim();
  }

  trySkip(count: number): number {
    this.expectGranted();
    return this.publisher.trySkip(count);
  }

  skip(count: number): void {
    this.expectMayBlock('skip(n)', 'trySkip(n)');
    this.expectGranted();
    try {
      this.publisher.skipBlocking(count, this.strategy);
    } finally {
      if (this.isRevoked()) this.close();
    }
  }

  publish(event: Event): void {
    this.expectMayBlock('publish(event)', 'tryPublish(event) or await publishAll([event])');
    this.expectGranted();
    try {
      this.publisher.publishBlocking(event, this.strategy);
    } finally {
      if (this.isRevoked()) this.close();
    }
  }

  async publishAll(events: Iterable<Event> | AsyncIterable<Event>): Promise<void> {
    const { publisher } = this;
    try {
      expectMany(events);
      this.expectGranted();
      publisher.expectOpen();
      publisher.claims.expectNone('publishAll');
    } catch (error) {
      closeUnread(events);
      throw error;
    }
    // Waiting for room keeps no thread alive, and one that does nothing else would end in the middle, with code 13.
    const alive = setInterval(() => {}, 2 ** 30);
    try {
      if (Symbol.asyncIterator in events) {
        void this.watchEnd();
        await publisher.publishStream(events);
      } else await publisher.publishAll(events);
    } finally {
      clearInterval(alive);
      if (this.isRevoked()) this.close();
    }
  }

  close(): void {
    // Inside a getter of an event this is refused, and the producer goes on.
    this.publisher.endClaims();
    this.isClosed = true;
    this.stay();
    this.publisher.interrupt(
      new MillraceError('FLOW_ENDED', 'this producer was closed while it was publishing a stream'),
    );
    this.publisher.leave();
  }

  /** Whether or not it would find room: so a program that does this fails at its first event, and not once the ring is full. */
  private expectMayBlock(call: string, instead: string): void {
    if (this.mayNotBlock === undefined) return;
    throw new MillraceError(
      'MAIN_THREAD',
      `${call} of a producer waits for room, and ${this.mayNotBlock}: use ${instead}`,
    );
  }

  private nextBlocking(): unknown {
    const { publisher } = this;
    try {
      for (;;) {
        publisher.waitBlocking(this.strategy);
        const event = publisher.tryNext();
        if (event !== undefined) return event;
      }
    } finally {
      if (this.isRevoked()) this.close();
    }
  }

  private expectGranted(): void {
    if (this.isRevoked()) {
      this.close();
      this.publisher.expectOpen();
    }
    if (this.isClosed) throw new MillraceError('FLOW_ENDED', 'this producer has been closed: attach another one');
  }

  /** One watch for all streams: they may be silent for long. */
  private async watchEnd(): Promise<void> {
    if (this.watchesEnd) return;
    this.watchesEnd = true;
    await Promise.race([this.control.leavesRunning(), revoked(this.grant)]);
    if (this.isRevoked()) return this.publisher.interrupt(revokedHandle());
    // Not by the state: a flow that was drained may have come to its end meanwhile, and stops then.
    this.publisher.interrupt(
      this.publisher.isEnded
        ? new MillraceError('FLOW_ENDED', 'the flow was drained while this stream was being published')
        : new MillraceError('FLOW_STOPPED', 'the flow has been stopped or has failed'),
    );
  }
}

function expectMany(events: unknown): void {
  if (isAsyncIterable(events) || (typeof events === 'object' && events !== null && Symbol.iterator in events)) return;
  throw new MillraceError(
    'BAD_OPTIONS',
    `publishAll got ${String(events)}; give an iterable or an async iterable of events`,
  );
}

/**
 * Attaches this thread as a producer of a flow on another thread. The handle is this thread's from then on: its place is free
 * again after `close()`, when this thread ends, and after `flow.revoke(handle)`.
 *
 * `codec`: that of the source, for the types: what fills events in place shows with it. Throws CODEC_MISMATCH where the source has
 * another one.
 */
export function attachProducer<C extends Codec<unknown, never>>(
  handle: ProducerHandle,
  codec: C,
): Producer<InferInput<C>, C>;
export function attachProducer<Event>(handle: ProducerHandle): Producer<Event>;
export function attachProducer(handle: ProducerHandle, codec?: Codec<unknown, never>): Producer {
  expectHandle('attachProducer', handle, 'producer');
  if (codec !== undefined) expectCodec(handle.events, codec);
  return new ThreadProducer<unknown>(handle);
}

function expectCodec(events: Schema, codec: { readonly schema?: Schema } | null): void {
  if (typeof codec?.schema !== 'object') {
    throw new MillraceError('BAD_OPTIONS', 'attachProducer got no codec; give that of the source, or leave it out');
  }
  if (sameSchema(events, codec.schema)) return;
  throw new MillraceError(
    'CODEC_MISMATCH',
    `the source has ${describeSchema(events)} and attachProducer was given ${describeSchema(codec.schema)}: use one codec ` +
      'for both, exported from one module',
  );
}

/** A reader of results on a thread of its own: it blocks that thread while there is nothing to read. */
export class Reader<Item, Kept = unknown> implements Iterable<Item> {
  private readonly grant: Grant;
  private readonly batch: RingBatches<Item>;
  private readonly stay: () => void;
  private readonly control: Control;
  private readonly strategy: WaitStrategy;
  private isRead = false;

  /** @internal */
  constructor(handle: ReaderHandle) {
    const { control, grant } = handle;
    expectGranted(grant);
    this.grant = grant;
    this.batch = attachTo(handle.ring, 'reader', () => readRing<Item>(handle, undefined, thisThread()));
    this.stay = leaveAtExit(() => this.batch.reader.detach());
    this.control = new Control(control);
    const cores = availableParallelism();
    this.strategy = adaptive({ threads: this.control.threads, cores });
  }

  /**
   * Items one by one, each an object that stands on its own. Ends when the flow has delivered everything; throws FLOW_STOPPED
   * when it was stopped, or failed, before that, and HANDLE_REVOKED after `flow.revoke(handle)`.
   */
  [Symbol.iterator](): Generator<Item, void, undefined> {
    return this.leavable(this.readItems());
  }

  /** Items in batches, read in place; each is valid until the next one is asked for. */
  batches(): Generator<ItemBatch<Item> & Kept, void, undefined> {
    return this.leavable(this.readBatches());
  }

  /** A generator that never began does not run its `finally`. */
  private leavable<T>(generator: Generator<T, void, undefined>): Generator<T, void, undefined> {
    return leavable(generator, () => {
      this.isRead = true;
      this.stay();
      this.batch.reader.detach();
    });
  }

  private *readItems(): Generator<Item, void, undefined> {
    for (const batch of this.readBatches()) {
      for (let i = 0; i < batch.length; i++) yield this.batch.copy(i);
    }
  }

  private *readBatches(): Generator<ItemBatch<Item> & Kept, void, undefined> {
    const { batch, control, grant } = this;
    const isRevoked = grantCheck(grant);
    if (this.isRead) throw new MillraceError('NO_RESULTS', 'this reader has been read: attach another one');
    this.isRead = true;
    const stopped = (): boolean => control.isStopping() || isRevoked();
    try {
      for (;;) {
        // Looked at first: a flow that has ended is stopping as well, and then everything is in the ring.
        const stopping = control.isStopping();
        if (isRevoked()) expectGranted(grant);
        while (batch.next()) {
          yield batch as ItemBatch<Item> as ItemBatch<Item> & Kept;
          if (isRevoked()) expectGranted(grant);
        }
        if (batch.isAtEnd()) return;
        if (stopping)
          throw new MillraceError('FLOW_STOPPED', 'the flow was stopped, or failed, before everything was delivered');
        batch.reader.waitFor(batch.first, this.strategy, stopped);
      }
    } finally {
      this.stay();
      batch.reader.detach();
    }
  }
}

/**
 * Attaches this thread as a reader of the destination ring of a flow on another thread. From then on the flow waits for what it
 * has not read, until its loop is left, this thread ends, or the flow revokes the handle. Of a ring that keeps sequences, say so by
 * the second type parameter, where the handle's own type does not: `attachReader<Signal, BatchRuns>(workerData.handle)`.
 */
export function attachReader<Item, Kept = unknown>(handle: ReaderHandle<Kept>): Reader<Item, KeptOf<Kept>> {
  expectHandle('attachReader', handle, 'reader');
  return new Reader<Item, KeptOf<Kept>>(handle);
}

/** Of a handle that came as `any` nothing is known. */
type KeptOf<Kept> = 0 extends 1 & Kept ? unknown : Kept;
