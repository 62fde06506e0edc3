/** How other threads take part in a flow: plain objects that pass through `postMessage`, and what is made of them there. */

import { availableParallelism } from 'node:os';
import { type Codec, codecFromSchema, type Schema } from '@millrace/codec';
import { adaptive, type EventRingHandle, park, type WaitStrategy } from 'native-free-rings';
import type { TicketLogHandle } from '../order/ticket-log-descriptor.ts';
import { Control, type ControlHandle } from '../thread/control-block.ts';
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
  private readonly strategy: WaitStrategy = park();

  /** @internal */
  constructor(handle: ProducerHandle) {
    const codec = codecFromSchema(handle.events) as Codec<unknown, Event>;
    this.publisher = new Publisher(handle.ring, codec, handle.tickets, new Control(handle.control));
  }

  /** Publishes one event if there is room; false otherwise, and the caller keeps its event. */
  tryPublish(event: Event): boolean {
    return this.publisher.tryPublish(event);
  }

  /** Publishes one event; blocks this thread while there is no room. */
  publish(event: Event): void {
    this.publisher.publishBlocking(event, this.strategy);
  }

  /** Publishes many events; serves this thread's event loop while there is no room. */
  async publishAll(events: Iterable<Event> | AsyncIterable<Event>): Promise<void> {
    // Waiting for room keeps no thread alive, and one that does nothing else would end in the middle, with code 13.
    const alive = setInterval(() => {}, 2 ** 30);
    try {
      if (Symbol.asyncIterator in events) await this.publisher.publishStream(events);
      else await this.publisher.publishAll(events);
    } finally {
      clearInterval(alive);
    }
  }

  /** Gives the place back. Call it when this thread has published its last event. */
  close(): void {
    this.publisher.detach();
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
  *[Symbol.iterator](): Iterator<Item> {
    for (const batch of this.batches()) {
      for (let i = 0; i < batch.length; i++) yield this.batch.copy(i);
    }
  }

  /** Items in batches, read in place; each is valid until the next one is asked for. */
  *batches(): Generator<ItemBatch<Item>, void, undefined> {
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
