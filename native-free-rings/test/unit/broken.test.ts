/** A contract that nothing fails says nothing: lanes and rings with one fault each, all of which the suites reject. */
import { createEventRing, EventRingProducer, EventRingReader, openEventRing, RingError } from 'native-free-rings';
import { type ContractCase, eventRingContract, type LaneConfiguration, laneContract } from 'native-free-rings/testing';
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
  'releases all where a part is meant',
  'counts eight bytes too many',
  'holds a record too many',
  'has no record without bytes when the bytes are full',
  'compares positions without their wrap',
  'splits a record across the wrap',
  'forgets the bytes in front of the wrap',
  'leaves room for a header between payloads',
  'cuts the count to 31 bits',
  'keeps an aborted claim',
  'commits twice',
  'opens the next claim over what was committed',
  'keeps what was rolled back',
  'moves a claim without what is in it',
  'grows a claim over what was not released',
  'closes a claim that cannot grow',
] as const;
type LaneFault = (typeof LANE_FAULTS)[number];

interface Entry {
  readonly begin: number;
  readonly bytes: number;
  readonly words: readonly [sequence: number, count: number, flags: number];
}

/** Another lane: one object is both halves, its positions wrap at 2^32 like those of the real one. */
class SketchLane {
  readonly memory: { u8: Uint8Array };
  readonly capacity: number;
  readonly maxPayloadBytes: number;
  readonly maxRecords: number;
  claimEnd = 0;
  offset = 0;
  length = 0;
  sequence = 0;
  count = 0;
  flags = 0;

  private readonly fault: LaneFault | undefined;
  private readonly align: number;
  private readonly entries = new Map<number, Entry>();
  private claimAt = -1;
  /** In records. */
  private head: number;
  private released: number;
  private tail: number;
  private published: number;
  /** In bytes. */
  private end: number;

  constructor({ capacityBytes, records, align, start }: LaneConfiguration, fault?: LaneFault) {
    this.fault = fault;
    this.align = align;
    this.capacity = 2 ** Math.ceil(Math.log2(capacityBytes));
    this.maxPayloadBytes = this.capacity / 2;
    this.maxRecords = records - 1;
    this.memory = { u8: new Uint8Array(this.capacity + 65_536) };
    this.head = this.released = this.tail = this.published = this.end = start | 0;
    this.entries.set((start - 1) | 0, { begin: start | 0, bytes: 0, words: [0, 0, 0] });
  }

  tryClaim(bytes: number): number {
    if (this.claimAt >= 0) throw new RingError('ALREADY_CLAIMED', '');
    if (!(bytes >= 0 && bytes <= this.maxPayloadBytes)) throw new RingError('TOO_LARGE', '');
    const most = this.maxRecords + (this.has('holds a record too many') ? 1 : 0);
    if (((this.tail - this.released) | 0) >= most) return -1;
    if (this.has('has no record without bytes when the bytes are full') && this.free() === 0) return -1;
    if (!this.open(bytes)) return -1;
    if (this.has('publishes before it writes')) {
      this.entries.set(this.tail, { begin: this.end, bytes, words: [0, 0, 0] });
      this.published = (this.tail + 1) | 0;
    }
    return this.claimAt;
  }

  growClaim(filled: number, bytes: number): number {
    const from = this.claimAt;
    if (from < 0) throw new RingError('NOTHING_CLAIMED', '');
    if (!(filled >= 0 && filled <= this.claimEnd - from)) throw new RingError('TOO_LARGE', '');
    if (!(bytes >= 0 && filled + bytes <= this.maxPayloadBytes)) throw new RingError('TOO_LARGE', '');
    if (!this.open(filled + bytes, this.has('grows a claim over what was not released') ? this.capacity : 0)) {
      if (this.has('closes a claim that cannot grow')) this.claimAt = -1;
      return -1;
    }
    if (!this.has('moves a claim without what is in it')) {
      this.memory.u8.copyWithin(this.claimAt, from, from + filled);
    }
    return this.claimAt;
  }

  commit(bytes: number, sequence: number, count: number, flags: number): void {
    if (this.claimAt < 0 && !this.has('commits twice')) throw new RingError('NOTHING_CLAIMED', '');
    if (!(bytes >= 0 && bytes <= this.claimEnd - this.claimAt)) throw new RingError('TOO_LARGE', '');
    if (flags >>> 2 !== 0) throw new RingError('TOO_LARGE', '');
    const kept = this.has('cuts the count to 31 bits') ? count & 0x7fffffff : count | 0;
    this.entries.set(this.tail, { begin: this.end, bytes, words: [sequence | 0, kept, flags] });
    this.tail = (this.tail + 1) | 0;
    this.end = (this.end + this.aligned(bytes)) | 0;
    if (this.has('leaves room for a header between payloads')) this.end = (this.end + 8) | 0;
    this.claimAt = -1;
    if (this.has('publishes on commit')) this.publish();
  }

  commitAndClaim(bytes: number, sequence: number, count: number, flags: number): number {
    const next = this.claimAt + (this.has('opens the next claim over what was committed') ? 0 : this.aligned(bytes));
    this.commit(bytes, sequence, count, flags);
    if (next >= this.claimEnd || ((this.tail - this.released) | 0) >= this.maxRecords) return -1;
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
    if (this.has('keeps what was rolled back')) return;
    this.tail = this.published;
    this.end = this.endBefore(this.tail);
  }

  publish(): void {
    this.published = this.tail;
  }

  next(): boolean {
    if (this.head === this.published) return false;
    this.read(this.head);
    this.head = (this.head + 1) | 0;
    if (this.has('releases before it is read')) this.release();
    return true;
  }

  read(position: number): void {
    const { begin, bytes, words } = this.entries.get(position)!;
    [this.sequence, this.count, this.flags] = words;
    this.offset = begin & (this.capacity - 1);
    this.length = bytes;
  }

  peekPosition(): number {
    return this.head;
  }

  release(): void {
    this.releaseTo(this.has('releases more than was read') ? this.published : this.head);
  }

  releaseTo(position: number): void {
    const wanted = this.has('releases all where a part is meant') ? this.head : position;
    if (((wanted - this.released) | 0) > 0) this.released = wanted;
  }

  /** Opens a claim of so many bytes, or makes the open one as large; `more` bytes are taken for free that are not. */
  private open(bytes: number, more = 0): boolean {
    const index = this.end & (this.capacity - 1);
    const need = this.aligned(bytes);
    const free = this.free() + more;
    const skips = need > this.capacity - index && !this.has('splits a record across the wrap');
    const skip = skips ? this.capacity - index : 0;
    if (free < need + (this.has('forgets the bytes in front of the wrap') ? 0 : skip)) return false;
    this.end = (this.end + skip) | 0;
    this.claimAt = this.end & (this.capacity - 1);
    this.claimEnd = skips ? free - skip : Math.max(Math.min(index + free, this.capacity), index + need);
    return true;
  }

  private free(): number {
    const given = this.endBefore(this.released);
    const used = this.has('compares positions without their wrap') ? this.end - given : (this.end - given) | 0;
    return this.capacity - used + (this.has('counts eight bytes too many') ? 8 : 0);
  }

  private endBefore(record: number): number {
    const { begin, bytes } = this.entries.get((record - 1) | 0)!;
    return (begin + this.aligned(bytes)) | 0;
  }

  private aligned(bytes: number): number {
    return Math.ceil(bytes / this.align) * this.align;
  }

  private has(fault: LaneFault): boolean {
    return this.fault === fault;
  }
}

const sketches = (fault?: LaneFault) =>
  laneContract((configuration) => {
    const lane = new SketchLane(configuration, fault);
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
