import type { EventRingProducer } from 'native-free-rings';
import { CAUSES } from '../thread/causes.ts';
import { ITEM_HEADER_BYTES } from '../thread/lane-layout.ts';
import type { LaneBatch } from './batch.ts';
import { copyRecord } from './copy-record.ts';
import { ACK_BATCHES, ACK_EVERY_MS, type Destination } from './destination.ts';

/** How a ring destination waits for its readers: by blocking a writer thread, or by a promise where it may not block. */
export type WaitForReaders = (ring: EventRingProducer, records: number, bytes: number) => void | PromiseLike<void>;

/** Copies items into a destination ring, one record each; acknowledged as soon as they are in it. */
abstract class RingDestination implements Destination {
  readonly waitsFor: number = CAUSES.demand;
  readonly ackEveryMs: number = ACK_EVERY_MS;
  readonly ackBatches: number = ACK_BATCHES;
  protected readonly ring: EventRingProducer;
  private readonly waitForReaders: WaitForReaders;

  constructor(ring: EventRingProducer, waitForReaders: WaitForReaders) {
    this.ring = ring;
    this.waitForReaders = waitForReaders;
  }

  abstract write(batch: LaneBatch): number;
  /** Bytes of the batch's first item, for a ring of records of varying length. */
  protected abstract needs(batch: LaneBatch): number;

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
  override write(batch: LaneBatch): number {
    const { ring } = this;
    const size = ring.slotBytes;
    let taken = 0;
    while (taken < batch.length) {
      // One claim must not wrap: its slots are then one run of bytes.
      const next = ring.peekNext();
      const toWrap = ring.capacity - (next & (ring.capacity - 1));
      const count = Math.min(batch.length - taken, ring.loadFree(), toWrap);
      if (count <= 0) break;
      const sequence = ring.tryClaim(count);
      if (sequence < 0) break;
      const from = batch.offset + taken * size;
      copyRecord(ring.memory, ring.offsetOf(sequence), batch.memory, from, count * size);
      ring.commit();
      taken += count;
    }
    return taken;
  }

  protected override needs(): number {
    return 0;
  }
}

class VariableRingDestination extends RingDestination {
  override write(batch: LaneBatch): number {
    const { ring } = this;
    const lengths = batch.memory.i32;
    let at = batch.offset;
    for (let taken = 0; taken < batch.length; taken++) {
      const bytes = lengths[at >> 2]!;
      if (ring.tryClaimBytes(bytes) < 0) return taken;
      copyRecord(ring.memory, ring.claimOffset, batch.memory, at + ITEM_HEADER_BYTES, bytes);
      ring.commit(bytes);
      at += ITEM_HEADER_BYTES + ((bytes + 3) & ~3);
    }
    return batch.length;
  }

  protected override needs(batch: LaneBatch): number {
    return batch.memory.i32[batch.offset >> 2]!;
  }
}

export function ringDestination(ring: EventRingProducer, variable: boolean, wait: WaitForReaders): Destination {
  return variable ? new VariableRingDestination(ring, wait) : new FixedRingDestination(ring, wait);
}
