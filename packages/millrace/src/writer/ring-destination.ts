import type { EventRingProducer } from 'native-free-rings';
import { CAUSES } from '../thread/causes.ts';
import { ITEM_HEADER_BYTES } from '../thread/lane-layout.ts';
import type { LaneBatch } from './batch.ts';
import { copyRecord } from './copy-record.ts';
import type { Destination } from './destination.ts';

/** How a ring destination waits for its readers: by blocking a writer thread, or by a promise where it may not block. */
export interface Demand {
  /** Returns when a claim of so many records and bytes succeeds, or when the flow is being stopped. */
  wait(ring: EventRingProducer, records: number, bytes: number): void | PromiseLike<void>;
  isStopping(): boolean;
}

/**
 * Copies items into a destination ring, one record each; acknowledged as soon as they are in it. It makes no object for a
 * batch, and none for one that waits where its thread may block.
 */
abstract class RingDestination implements Destination {
  readonly waitsFor: number = CAUSES.demand;
  protected readonly ring: EventRingProducer;
  private readonly demand: Demand;
  /** The next item of the batch in work, and where it lies. */
  protected index = 0;
  protected offset = 0;

  constructor(ring: EventRingProducer, demand: Demand) {
    this.ring = ring;
    this.demand = demand;
  }

  write(batch: LaneBatch): void | PromiseLike<void> {
    this.index = 0;
    this.offset = batch.offset;
    return this.copyRest(batch);
  }

  flush(): void {
    this.ring.publish();
  }

  close(): void {
    this.ring.close();
  }

  /** Copies what there is room for, from `index` and `offset` on. */
  protected abstract copy(batch: LaneBatch): void;
  /** Bytes of the record at `offset`, for a ring of records of varying length. */
  protected abstract needs(batch: LaneBatch): number;

  private copyRest(batch: LaneBatch): void | PromiseLike<void> {
    for (;;) {
      this.copy(batch);
      if (this.index >= batch.length || this.demand.isStopping()) return;
      const waiting = this.demand.wait(this.ring, 1, this.needs(batch));
      if (waiting !== undefined) return this.copyAfter(waiting, batch);
    }
  }

  private async copyAfter(waiting: PromiseLike<void>, batch: LaneBatch): Promise<void> {
    await waiting;
    await this.copyRest(batch);
  }
}

class FixedRingDestination extends RingDestination {
  protected override copy(batch: LaneBatch): void {
    const { ring } = this;
    while (this.index < batch.length) {
      // One claim must not wrap: its slots are then one run of bytes.
      const toWrap = ring.capacity - (ring.peekNext() & (ring.capacity - 1));
      let count = Math.min(batch.length - this.index, toWrap);
      let sequence = ring.tryClaim(count);
      if (sequence < 0) {
        count = Math.min(count, ring.loadFree());
        if (count <= 0) return;
        sequence = ring.tryClaim(count);
        if (sequence < 0) return;
      }
      const bytes = count * ring.slotBytes;
      copyRecord(ring.memory, ring.offsetOf(sequence), batch.memory, this.offset, bytes);
      ring.commit();
      this.index += count;
      this.offset += bytes;
    }
  }

  protected override needs(): number {
    return 0;
  }
}

class VariableRingDestination extends RingDestination {
  protected override copy(batch: LaneBatch): void {
    const { ring } = this;
    for (; this.index < batch.length; this.index++) {
      const bytes = this.needs(batch);
      if (ring.tryClaimBytes(bytes) < 0) return;
      copyRecord(ring.memory, ring.claimOffset, batch.memory, this.offset + ITEM_HEADER_BYTES, bytes);
      ring.commit(bytes);
      this.offset += ITEM_HEADER_BYTES + ((bytes + 3) & ~3);
    }
  }

  protected override needs(batch: LaneBatch): number {
    return batch.memory.i32[this.offset >> 2]!;
  }
}

export function ringDestination(ring: EventRingProducer, variable: boolean, demand: Demand): Destination {
  return variable ? new VariableRingDestination(ring, demand) : new FixedRingDestination(ring, demand);
}
