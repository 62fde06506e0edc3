import type { EventRingProducer } from 'native-free-rings';
import { type BatchRule, PLAIN_BATCHES } from '../thread/batch-rule.ts';
import { CAUSES } from '../thread/causes.ts';
import type { ItemOrigins } from '../thread/item-origins.ts';
import { framed, ITEM_HEADER_BYTES } from '../thread/lane-layout.ts';
import { copyRecord } from './copy-record.ts';
import { ACK_BATCHES, ACK_EVERY_MS, type Destination } from './destination.ts';
import type { LaneBatch } from './lane-batch.ts';
import type { LaneSegment } from './lane-segment.ts';

/** How a ring destination waits for its readers: by blocking a writer thread, or by a promise where it may not block. */
export type WaitForReaders = (ring: EventRingProducer, records: number, bytes: number) => void | PromiseLike<void>;

/** Copies items into a destination ring, one record each; acknowledged as soon as they are in it. */
abstract class RingDestination implements Destination {
  readonly waitsFor: number = CAUSES.demand;
  readonly ackEveryMs: number = ACK_EVERY_MS;
  readonly ackBatches: number = ACK_BATCHES;
  readonly batches: BatchRule = PLAIN_BATCHES;
  protected readonly ring: EventRingProducer;
  private readonly waitForReaders: WaitForReaders;
  /** Of a ring that keeps where its items come from. */
  private readonly origins: ItemOrigins | undefined;

  constructor(ring: EventRingProducer, waitForReaders: WaitForReaders, origins: ItemOrigins | undefined) {
    this.ring = ring;
    this.waitForReaders = waitForReaders;
    this.origins = origins;
  }

  write(batch: LaneBatch): number {
    const position = this.ring.peekNext();
    let taken = 0;
    for (const segment of batch.pieces) {
      const copied = this.copy(segment);
      taken += copied;
      if (copied < segment.count) break;
    }
    if (this.origins !== undefined) noteOrigins(this.origins, position, batch, taken);
    return taken;
  }

  /** Copies as many of the segment's first items as there is room for, and returns how many. */
  protected abstract copy(segment: LaneSegment): number;
  /** Bytes of the batch's first item, for a ring of records of varying length. */
  protected abstract needs(batch: LaneBatch): number;

  demand(): number {
    return Number.POSITIVE_INFINITY;
  }

  waitForDemand(batch: LaneBatch): void | PromiseLike<void> {
    return this.waitForReaders(this.ring, 1, this.needs(batch));
  }

  peekEnd(): number {
    return this.ring.peekNext();
  }

  flush(): void {
    this.ring.publish();
  }

  close(): void {
    this.ring.close();
  }
}

class FixedRingDestination extends RingDestination {
  protected override copy({ view, offset, count }: LaneSegment): number {
    const { ring } = this;
    const { memory } = view.consumer;
    const size = ring.slotBytes;
    let taken = 0;
    while (taken < count) {
      // One claim must not wrap: its slots are then one run of bytes.
      const next = ring.peekNext();
      const toWrap = ring.capacity - (next & (ring.capacity - 1));
      const slots = Math.min(count - taken, ring.loadFree(), toWrap);
      if (slots <= 0) break;
      const sequence = ring.tryClaim(slots);
      if (sequence < 0) break;
      copyRecord(ring.memory, ring.offsetOf(sequence), memory, offset + taken * size, slots * size);
      ring.commit();
      taken += slots;
    }
    return taken;
  }

  protected override needs(): number {
    return 0;
  }
}

class VariableRingDestination extends RingDestination {
  protected override copy({ view, offset, count }: LaneSegment): number {
    const { ring } = this;
    const { memory } = view.consumer;
    const lengths = memory.i32;
    let at = offset;
    for (let taken = 0; taken < count; taken++) {
      const bytes = lengths[at >> 2]!;
      if (ring.tryClaimBytes(bytes) < 0) return taken;
      copyRecord(ring.memory, ring.claimOffset, memory, at + ITEM_HEADER_BYTES, bytes);
      ring.commit(bytes);
      at += framed(bytes);
    }
    return count;
  }

  protected override needs({ pieces }: LaneBatch): number {
    const [{ view, offset }] = pieces as [LaneSegment];
    return view.consumer.memory.i32[offset >> 2]!;
  }
}

/** Notes where the first `count` items of the batch come from, which are in the ring from `position` on, and not shown yet. */
function noteOrigins(origins: ItemOrigins, position: number, batch: LaneBatch, count: number): void {
  for (let run = 0; run < batch.runs; run++) {
    const begin = batch.runBegin(run);
    if (begin >= count) return;
    const end = batch.runEnd(run);
    const isLast = end <= count && batch.runEnds(run);
    const items = Math.min(end, count) - begin;
    origins.note(position + begin, items, batch.runSequence(run), batch.runFirst(run), isLast);
  }
}

export function ringDestination(
  ring: EventRingProducer,
  variable: boolean,
  wait: WaitForReaders,
  origins?: ItemOrigins,
): Destination {
  return variable ? new VariableRingDestination(ring, wait, origins) : new FixedRingDestination(ring, wait, origins);
}
