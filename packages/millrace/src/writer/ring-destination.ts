import type { EventRingProducer } from 'native-free-rings';
import { type BatchRule, PLAIN_BATCHES } from '../thread/batch-rule.ts';
import { CAUSES } from '../thread/causes.ts';
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

  constructor(ring: EventRingProducer, waitForReaders: WaitForReaders) {
    this.ring = ring;
    this.waitForReaders = waitForReaders;
  }

  write(batch: LaneBatch): number {
    let taken = 0;
    for (const segment of batch.segments) {
      const copied = this.copy(segment);
      taken += copied;
      if (copied < segment.count) break;
    }
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

  protected override needs({ segments }: LaneBatch): number {
    const [{ view, offset }] = segments as [LaneSegment];
    return view.consumer.memory.i32[offset >> 2]!;
  }
}

export function ringDestination(ring: EventRingProducer, variable: boolean, wait: WaitForReaders): Destination {
  return variable ? new VariableRingDestination(ring, wait) : new FixedRingDestination(ring, wait);
}
