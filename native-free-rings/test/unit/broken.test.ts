/** A contract that nothing fails says nothing: lanes and rings with one fault each, all of which the suites reject. */
import { createEventRing, EventRingProducer, EventRingReader, openEventRing, RingError } from 'native-free-rings';
import { type ContractCase, eventRingContract, laneContract } from 'native-free-rings/testing';
import { describe, expect, test } from 'vitest';

/** Name of the first case that fails. */
async function firstFailure(suite: ContractCase[]): Promise<string | undefined> {
  for (const { name, run } of suite) {
    try {
      // A fault may also be that nobody wakes the sleeper.
      const patience = new Promise((_, reject) => setTimeout(reject, 2_000, new Error('hangs')).unref());
      await Promise.race([run(), patience]);
    } catch {
      return name;
    }
  }
  return undefined;
}

const LANE_FAULTS = [
  'publishes before it writes',
  'publishes on commit',
  'releases before it is read',
  'releases more than was read',
  'counts one record too many',
  'compares positions without their wrap',
  'splits a record across the wrap',
  'forgets the padding',
  'keeps an aborted claim',
  'commits twice',
  'opens the next claim over what was committed',
  'keeps what was rolled back',
] as const;
type LaneFault = (typeof LANE_FAULTS)[number];

/** Another lane: one object is both halves, its positions wrap at 2^32 like those of the real one. */
class SketchLane {
  readonly memory: { u8: Uint8Array };
  readonly capacity: number;
  readonly maxPayloadBytes: number;
  claimEnd = 0;
  offset = 0;
  length = 0;
  sequence = 0;
  count = 0;
  flags = 0;

  private readonly fault: LaneFault | undefined;
  private readonly headers = new Map<number, readonly [number, number, number, number]>();
  private claimAt = -1;
  private head: number;
  private released: number;
  private tail: number;
  private published: number;

  constructor(capacityBytes: number, start: number, fault?: LaneFault) {
    this.fault = fault;
    this.capacity = 2 ** Math.ceil(Math.log2(capacityBytes));
    this.maxPayloadBytes = this.capacity / 2 - 16;
    this.memory = { u8: new Uint8Array(this.capacity + 4096) };
    this.head = this.released = this.tail = this.published = start | 0;
  }

  tryClaim(bytes: number): number {
    if (this.claimAt >= 0) throw new RingError('ALREADY_CLAIMED', '');
    if (!(bytes >= 0 && bytes <= this.maxPayloadBytes)) throw new RingError('TOO_LARGE', '');
    const used = this.has('compares positions without their wrap')
      ? this.tail - this.released
      : (this.tail - this.released) | 0;
    const free = this.capacity - used + (this.has('counts one record too many') ? 24 : 0);
    const index = this.tail & (this.capacity - 1);
    const need = 16 + ((bytes + 7) & ~7);
    const splits = need > this.capacity - index && !this.has('splits a record across the wrap');
    const skip = splits ? this.capacity - index : 0;
    if (free < need + skip) return -1;
    if (splits) {
      if (!this.has('forgets the padding')) this.headers.set(this.tail, [skip - 16, 0, 0, -1]);
      this.tail = (this.tail + skip) | 0;
    }
    this.claimAt = (this.tail & (this.capacity - 1)) + 16;
    this.claimEnd = splits ? free - skip : Math.max(Math.min(index + free, this.capacity), index + need);
    if (this.has('publishes before it writes')) {
      this.headers.set(this.tail, [bytes, 0, 0, 0]);
      this.published = (this.tail + need) | 0;
    }
    return this.claimAt;
  }

  commit(bytes: number, sequence: number, count: number, flags: number): void {
    if (this.claimAt < 0 && !this.has('commits twice')) throw new RingError('NOTHING_CLAIMED', '');
    if (!(bytes >= 0 && bytes <= this.claimEnd - this.claimAt)) throw new RingError('TOO_LARGE', '');
    this.headers.set(this.tail, [bytes, sequence, count, flags]);
    this.tail = (this.tail + 16 + ((bytes + 7) & ~7)) | 0;
    this.claimAt = -1;
    if (this.has('publishes on commit')) this.publish();
  }

  commitAndClaim(bytes: number, sequence: number, count: number, flags: number): number {
    const next = this.claimAt + 16 + (this.has('opens the next claim over what was committed') ? 0 : (bytes + 7) & ~7);
    this.commit(bytes, sequence, count, flags);
    if (next > this.claimEnd) return -1;
    this.claimAt = next;
    return next;
  }

  abort(): void {
    if (this.claimAt < 0) throw new RingError('NOTHING_CLAIMED', '');
    if (this.has('keeps an aborted claim')) this.commit(0, 0, 0, 0);
    this.claimAt = -1;
  }

  rollback(): void {
    this.claimAt = -1;
    if (!this.has('keeps what was rolled back')) this.tail = this.published;
  }

  publish(): void {
    this.published = this.tail;
  }

  next(): boolean {
    while (this.head !== this.published) {
      const [length, sequence, count, flags] = this.headers.get(this.head) ?? [0, 0, 0, 0];
      const at = this.head & (this.capacity - 1);
      this.head = (this.head + 16 + ((length + 7) & ~7)) | 0;
      if (flags === -1) continue;
      [this.offset, this.length, this.sequence, this.count, this.flags] = [at + 16, length, sequence, count, flags];
      if (this.has('releases before it is read')) this.release();
      return true;
    }
    return false;
  }

  release(): void {
    this.released = this.has('releases more than was read') ? this.published : this.head;
  }

  private has(fault: LaneFault): boolean {
    return this.fault === fault;
  }
}

const sketches = (fault?: LaneFault) =>
  laneContract(({ capacityBytes, start }) => {
    const lane = new SketchLane(capacityBytes, start, fault);
    return { producer: lane, consumer: lane };
  });

describe('the lane contract', () => {
  test('accepts another lane', async () => {
    expect(await firstFailure(sketches())).toBeUndefined();
  });

  test.each(LANE_FAULTS)('rejects a lane that %s', async (fault) => {
    expect(await firstFailure(sketches(fault))).toBeDefined();
  });
});

class PublishesBeforeItWrites extends EventRingProducer {
  private early = false;
  override tryClaim(count?: number): number {
    return this.show(super.tryClaim(count));
  }
  override tryClaimBytes(bytes: number): number {
    return this.show(super.tryClaimBytes(bytes));
  }
  override commit(bytes?: number): void {
    if (!this.early) super.commit(bytes);
    this.early = false;
  }
  private show(sequence: number): number {
    if (sequence < 0) return sequence;
    super.commit(0);
    super.publish();
    this.early = true;
    return sequence;
  }
}
class PublishesOnCommit extends EventRingProducer {
  override commit(bytes?: number): void {
    super.commit(bytes);
    super.publish();
  }
}
class CommitsWhatWasAborted extends EventRingProducer {
  override abort(): void {
    super.commit(0);
  }
}
class WakesNobody extends EventRingProducer {
  override publish(): number {
    const wake = Reflect.get(this, 'wakeReaders');
    Reflect.set(this, 'wakeReaders', () => {});
    const shown = super.publish();
    Reflect.set(this, 'wakeReaders', wake);
    return shown;
  }
}
class ReleasesBeforeItReads extends EventRingReader {
  override loadEnd(): number {
    const end = super.loadEnd();
    super.release(end);
    return end;
  }
}
class ReleasesOneTooMany extends EventRingReader {
  override release(sequence: number): void {
    super.release(Math.min(sequence + 1, super.loadEnd()));
  }
}
class HoldsOnWhenItLeaves extends EventRingReader {
  override detach(): void {}
}

class SkipsOneTooFew extends EventRingProducer {
  override trySkip(count = 1): number {
    return super.trySkip(Math.max(count - 1, 1));
  }
}
class KeepsTheRestOfAClaim extends EventRingProducer {
  override commitFirst(): void {
    super.commit();
  }
}

const RING_FAULTS = {
  SkipsOneTooFew,
  KeepsTheRestOfAClaim,
  PublishesBeforeItWrites,
  PublishesOnCommit,
  CommitsWhatWasAborted,
  WakesNobody,
  ReleasesBeforeItReads,
  ReleasesOneTooMany,
  HoldsOnWhenItLeaves,
};

describe('the event ring contract', () => {
  test.each(Object.entries(RING_FAULTS))('rejects a ring that %s', async (_, Half) => {
    const suite = eventRingContract((configuration) => {
      const handle = createEventRing(configuration);
      const Producer =
        Half.prototype instanceof EventRingProducer ? (Half as typeof EventRingProducer) : EventRingProducer;
      const Reader = Half.prototype instanceof EventRingReader ? (Half as typeof EventRingReader) : EventRingReader;
      return { attachProducer: () => new Producer(handle), attachReader: () => new Reader(handle) };
    });
    expect(await firstFailure(suite)).toBeDefined();
  });

  test('rejects a ring whose zeroed states pass for committed records', async () => {
    const suite = eventRingContract((configuration) => {
      const handle = createEventRing(configuration);
      const { words, states, shared } = openEventRing(handle);
      if (shared) words.fill(0, states, states + 1);
      return {
        attachProducer: () => new EventRingProducer(handle),
        attachReader: () => new EventRingReader(handle),
      };
    });
    expect(await firstFailure(suite)).toBeDefined();
  });
});
