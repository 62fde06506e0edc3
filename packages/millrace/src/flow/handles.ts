/** How other threads take part in a flow: plain objects that pass through `postMessage`, and what is made of them there. */

import { availableParallelism } from 'node:os';
import { clearInterval, setInterval } from 'node:timers';
import { isMainThread } from 'node:worker_threads';
import { type Codec, codecFromSchema, type Schema } from '@millrace/codec';
import { adaptive, type EventRingHandle, park, type WaitStrategy } from 'native-free-rings';
import { closeUnread, leavable } from 'native-free-rings/waits';
import type { TicketLogHandle } from '../order/ticket-log-descriptor.ts';
import { Control, type ControlHandle, DRAINING } from '../thread/control-block.ts';
import { MillraceError } from '../thread/errors.ts';
import { attachTo, expectGranted, expectHandle, type Grant, grantCheck } from './participants.ts';
import { Publisher } from './publisher.ts';
import { type ItemBatch, RingBatches } from './ring-batch.ts';
import { leaveAtExit, thisThread } from './thread-deaths.ts';

export interface ProducerHandle {
  readonly kind: 'producer';
  readonly ring: EventRingHandle;
  readonly events: Schema;
  readonly tickets: TicketLogHandle;
  readonly control: ControlHandle;
  readonly grant: Grant;
}

export interface ReaderHandle {
  readonly kind: 'reader';
  readonly ring: EventRingHandle;
  readonly items: Schema;
  readonly control: ControlHandle;
  readonly grant: Grant;
}

/** A producer on a thread of its own. */
export class Producer<Event> {
  private readonly publisher: Publisher<Event>;
  private readonly control: Control;
  private readonly strategy: WaitStrategy = park();
  private watchesEnd = false;
  private readonly isRevoked: () => boolean;
  private readonly stay: () => void;

  /** @internal */
  constructor({ ring, events, tickets, control, grant }: ProducerHandle) {
    const codec = codecFromSchema(events) as Codec<unknown, Event>;
    expectGranted(grant);
    this.control = new Control(control);
    this.isRevoked = grantCheck(grant);
    const options = { blocks: !isMainThread, isRevoked: this.isRevoked, owner: thisThread() };
    this.publisher = attachTo(ring, () => new Publisher(ring, codec, tickets, this.control, options));
    this.stay = leaveAtExit(() => this.publisher.detach());
  }

  /** Publishes one event if there is room; false otherwise, and the caller keeps its event. */
  tryPublish(event: Event): boolean {
    this.expectGranted();
    return this.publisher.tryPublish(event);
  }

  /** Publishes one event; blocks this thread while there is no room. */
  publish(event: Event): void {
    this.expectGranted();
    try {
      this.publisher.publishBlocking(event, this.strategy);
    } finally {
      if (this.isRevoked()) this.close();
    }
  }

  /**
   * Publishes many events; serves this thread's event loop while there is no room. Rejects when the flow ends meanwhile, also
   * while a stream is silent. A stream that is not read to its end is closed.
   */
  async publishAll(events: Iterable<Event> | AsyncIterable<Event>): Promise<void> {
    const { publisher } = this;
    try {
      this.expectGranted();
      publisher.expectOpen();
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

  /** Gives the place back. Call it when this thread has published its last event; a thread that ends does it by itself. */
  close(): void {
    this.stay();
    this.publisher.interruptStreams(
      new MillraceError('FLOW_ENDED', 'this producer was closed while it was publishing a stream'),
    );
    this.publisher.detach();
  }

  private expectGranted(): void {
    if (!this.isRevoked()) return;
    this.close();
    this.publisher.expectOpen();
  }

  /** One watch for all streams: they may be silent for long. */
  private async watchEnd(): Promise<void> {
    if (this.watchesEnd) return;
    this.watchesEnd = true;
    const state = await this.control.leavesRunning();
    this.publisher.interruptStreams(
      state === DRAINING
        ? new MillraceError('FLOW_ENDED', 'the flow was drained while this stream was being published')
        : new MillraceError('FLOW_STOPPED', 'the flow has been stopped or has failed'),
    );
  }
}

/**
 * Attaches this thread as a producer of a flow on another thread. The handle is this thread's from then on: its place is free
 * again after `close()`, when this thread ends, and after `flow.revoke(handle)`.
 */
export function attachProducer<Event>(handle: ProducerHandle): Producer<Event> {
  expectHandle('attachProducer', handle, 'producer');
  return new Producer<Event>(handle);
}

/** A reader of results on a thread of its own: it blocks that thread while there is nothing to read. */
export class Reader<Item> implements Iterable<Item> {
  private readonly grant: Grant;
  private readonly batch: RingBatches<Item>;
  private readonly stay: () => void;
  private readonly control: Control;
  private readonly strategy: WaitStrategy;

  /** @internal */
  constructor({ ring, items, control, grant }: ReaderHandle) {
    expectGranted(grant);
    this.grant = grant;
    this.batch = attachTo(ring, () => new RingBatches<Item>(ring, items, undefined, thisThread()));
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
  batches(): Generator<ItemBatch<Item>, void, undefined> {
    return this.leavable(this.readBatches());
  }

  /** A generator that never began does not run its `finally`. */
  private leavable<T>(generator: Generator<T, void, undefined>): Generator<T, void, undefined> {
    return leavable(generator, () => {
      this.stay();
      this.batch.reader.detach();
    });
  }

  private *readItems(): Generator<Item, void, undefined> {
    for (const batch of this.readBatches()) {
      for (let i = 0; i < batch.length; i++) yield this.batch.copy(i);
    }
  }

  private *readBatches(): Generator<ItemBatch<Item>, void, undefined> {
    const { batch, control, grant } = this;
    const isRevoked = grantCheck(grant);
    const stopped = (): boolean => control.isStopping() || isRevoked();
    try {
      for (;;) {
        // Looked at first: a flow that has ended is stopping as well, and then everything is in the ring.
        const stopping = control.isStopping();
        expectGranted(grant);
        while (batch.next()) {
          yield batch;
          expectGranted(grant);
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
 * has not read, until its loop is left, this thread ends, or the flow revokes the handle.
 */
export function attachReader<Item>(handle: ReaderHandle): Reader<Item> {
  expectHandle('attachReader', handle, 'reader');
  return new Reader<Item>(handle);
}
