/** How other threads take part in a flow: plain objects that pass through `postMessage`, and what is made of them there. */

import { availableParallelism } from 'node:os';
import { clearInterval, setInterval } from 'node:timers';
import { type Codec, codecFromSchema, type Schema } from '@millrace/codec';
import { adaptive, type EventRingHandle, park, type WaitStrategy } from 'native-free-rings';
import { closeUnread, leavable } from 'native-free-rings/waits';
import type { TicketLogHandle } from '../order/ticket-log-descriptor.ts';
import { Control, type ControlHandle, DRAINING } from '../thread/control-block.ts';
import { MillraceError } from '../thread/errors.ts';
import { Publisher } from './publisher.ts';
import { type ItemBatch, RingBatches } from './ring-batch.ts';

export interface ProducerHandle {
  readonly kind: 'producer';
  readonly ring: EventRingHandle;
  readonly events: Schema;
  readonly tickets: TicketLogHandle;
  readonly control: ControlHandle;
}

export interface ReaderHandle {
  readonly kind: 'reader';
  readonly ring: EventRingHandle;
  readonly items: Schema;
  readonly control: ControlHandle;
}

/** A producer on a thread of its own. */
export class Producer<Event> {
  private readonly publisher: Publisher<Event>;
  private readonly control: Control;
  private readonly strategy: WaitStrategy = park();
  private watchesEnd = false;

  /** @internal */
  constructor(handle: ProducerHandle) {
    const codec = codecFromSchema(handle.events) as Codec<unknown, Event>;
    this.control = new Control(handle.control);
    this.publisher = new Publisher(handle.ring, codec, handle.tickets, this.control);
  }

  /** Publishes one event if there is room; false otherwise, and the caller keeps its event. */
  tryPublish(event: Event): boolean {
    return this.publisher.tryPublish(event);
  }

  /** Publishes one event; blocks this thread while there is no room. */
  publish(event: Event): void {
    this.publisher.publishBlocking(event, this.strategy);
  }

  /**
   * Publishes many events; serves this thread's event loop while there is no room. Rejects when the flow ends meanwhile, also
   * while a stream is silent. A stream that is not read to its end is closed.
   */
  async publishAll(events: Iterable<Event> | AsyncIterable<Event>): Promise<void> {
    const { publisher } = this;
    try {
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
    }
  }

  /** Gives the place back. Call it when this thread has published its last event. */
  close(): void {
    this.publisher.interruptStreams(
      new MillraceError('FLOW_ENDED', 'this producer was closed while it was publishing a stream'),
    );
    this.publisher.detach();
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

/** Attaches this thread as a producer of a flow on another thread. */
export function attachProducer<Event>(handle: ProducerHandle): Producer<Event> {
  expectHandle('attachProducer', 'producer', handle);
  return new Producer<Event>(handle);
}

/** A reader of results on a thread of its own: it blocks that thread while there is nothing to read. */
export class Reader<Item> implements Iterable<Item> {
  private readonly batch: RingBatches<Item>;
  private readonly control: Control;
  private readonly strategy: WaitStrategy;

  /** @internal */
  constructor(handle: ReaderHandle) {
    this.batch = new RingBatches<Item>(handle.ring, handle.items);
    this.control = new Control(handle.control);
    const cores = availableParallelism();
    this.strategy = adaptive({ threads: this.control.threads, cores });
  }

  /**
   * Items one by one, each an object that stands on its own. Ends when the flow has delivered everything; throws FLOW_STOPPED
   * when it was stopped, or failed, before that.
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
    return leavable(generator, () => this.batch.reader.detach());
  }

  private *readItems(): Generator<Item, void, undefined> {
    for (const batch of this.readBatches()) {
      for (let i = 0; i < batch.length; i++) yield this.batch.copy(i);
    }
  }

  private *readBatches(): Generator<ItemBatch<Item>, void, undefined> {
    const { batch, control } = this;
    const stopped = (): boolean => control.isStopping();
    try {
      for (;;) {
        // Looked at first: a flow that has ended is stopping as well, and then everything is in the ring.
        const stopping = control.isStopping();
        while (batch.next()) yield batch;
        if (batch.isAtEnd()) return;
        if (stopping)
          throw new MillraceError('FLOW_STOPPED', 'the flow was stopped, or failed, before everything was delivered');
        batch.reader.waitFor(batch.first, this.strategy, stopped);
      }
    } finally {
      batch.reader.detach();
    }
  }
}

/** Attaches this thread as a reader of the destination ring of a flow on another thread. */
export function attachReader<Item>(handle: ReaderHandle): Reader<Item> {
  expectHandle('attachReader', 'reader', handle);
  return new Reader<Item>(handle);
}

function expectHandle(what: string, kind: 'producer' | 'reader', handle: unknown): void {
  if (typeof handle === 'object' && handle !== null && (handle as { kind?: unknown }).kind === kind) return;
  const given = typeof handle === 'object' && handle !== null ? Object.prototype.toString.call(handle) : String(handle);
  throw new MillraceError('BAD_OPTIONS', `${what} got ${given}; give what \`flow.${kind}()\` returns`);
}
