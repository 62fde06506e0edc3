import type { EventRingProducer } from 'native-free-rings';
import { copyBytes } from '#atomics';
import { CAUSES } from '../thread/causes.ts';
import { ITEM_HEADER_BYTES } from '../thread/lane-layout.ts';
import type { LaneBatch } from './batch.ts';
import type { Destination } from './destination.ts';

/** How a ring destination waits for its readers: by blocking a writer thread, or by a promise where it may not block. */
export interface Demand {
  /** Returns when a claim of so many records and bytes succeeds, or when the flow is being stopped. */
  wait(ring: EventRingProducer, records: number, bytes: number): void | PromiseLike<void>;
  isStopping(): boolean;
}

/** Copies items into a destination ring, one record each; acknowledged as soon as they are in it. */
abstract class RingDestination implements Destination {
  readonly waitsFor: number = CAUSES.demand;
  protected readonly ring: EventRingProducer;
  private readonly demand: Demand;

  constructor(ring: EventRingProducer, demand: Demand) {
    this.ring = ring;
    this.demand = demand;
  }

  write(batch: LaneBatch): void | PromiseLike<void> {
    return this.copyFrom(batch, 0, batch.offset);
  }

  flush(): void {
    this.ring.publish();
  }

  close(): void {
    this.ring.close();
  }

  /** Copies what there is room for from item `index` at `offset` on; says how far it came, or -1 when the ring is full. */
  protected abstract copy(batch: LaneBatch, index: number, offset: number): { index: number; offset: number };
  /** Bytes of the record at `offset`, for a ring of records of varying length. */
  protected abstract needs(batch: LaneBatch, offset: number): number;

  private copyFrom(batch: LaneBatch, index: number, offset: number): void | PromiseLike<void> {
    let at = { index, offset };
    for (;;) {
      at = this.copy(batch, at.index, at.offset);
      if (at.index >= batch.length || this.demand.isStopping()) return;
      const waiting = this.demand.wait(this.ring, 1, this.needs(batch, at.offset));
      if (waiting !== undefined) {
        const { index: i, offset: o } = at;
        return waiting.then(() => this.copyFrom(batch, i, o));
      }
    }
  }
}

class FixedRingDestination extends RingDestination {
  protected override copy(batch: LaneBatch, index: number, offset: number): { index: number; offset: number } {
    const { ring } = this;
    const size = ring.slotBytes;
    let [i, at] = [index, offset];
    while (i < batch.length) {
      // One claim must not wrap: its slots are then one run of bytes.
      const next = ring.peekNext();
      const toWrap = ring.capacity - (next & (ring.capacity - 1));
      const count = Math.min(batch.length - i, ring.loadFree(), toWrap);
      if (count <= 0) break;
      const sequence = ring.tryClaim(count);
      if (sequence < 0) break;
      copyBytes(ring.memory.u8, ring.offsetOf(sequence), batch.memory.u8, at, count * size);
      ring.commit();
      i += count;
      at += count * size;
    }
    return { index: i, offset: at };
  }

  protected override needs(): number {
    return 0;
  }
}

class VariableRingDestination extends RingDestination {
  protected override copy(batch: LaneBatch, index: number, offset: number): { index: number; offset: number } {
    const { ring } = this;
    let [i, at] = [index, offset];
    for (; i < batch.length; i++) {
      const bytes = this.needs(batch, at);
      if (ring.tryClaimBytes(bytes) < 0) break;
      copyBytes(ring.memory.u8, ring.claimOffset, batch.memory.u8, at + ITEM_HEADER_BYTES, bytes);
      ring.commit(bytes);
      at += ITEM_HEADER_BYTES + ((bytes + 3) & ~3);
    }
    return { index: i, offset: at };
  }

  protected override needs(batch: LaneBatch, offset: number): number {
    return batch.memory.i32[offset >> 2]!;
  }
}

export function ringDestination(ring: EventRingProducer, variable: boolean, demand: Demand): Destination {
  return variable ? new VariableRingDestination(ring, demand) : new FixedRingDestination(ring, demand);
}
