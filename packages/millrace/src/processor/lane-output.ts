import type { Codec, FixedCodec, Memory, VariableCodec } from '@millrace/codec';
import type { LaneProducer } from 'native-free-rings';
import type { Control } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import { ITEM_HEADER_BYTES, RECORD } from '../thread/lane-layout.ts';
import { FlowStopped, MillraceError } from '../thread/errors.ts';
import type { Output } from './output.ts';

/** What an output needs of its surroundings. */
export interface Outlet {
  readonly lane: LaneProducer;
  readonly control: Control;
  /** Largest record in bytes: output is shown to the writer at least this often. */
  readonly batchBytes: number;
  /** Publishes the lane and waits until it can take a record of `bytes`. */
  waitForRoom(bytes: number): void;
  /** Called after a record that does not end its sequence: the writer should see it now. */
  recordFilled(): void;
}

/**
 * Writes the items of one event after another into a lane, as records of one sequence each. The record in work is an open
 * claim; `limit` is the last offset at which an item may begin, so that `emit` is one compare, the codec's stores and one
 * addition.
 */
export abstract class LaneOutput<Item> implements Output<Item> {
  sequence = 0;
  /** The writer can tell that everything below this is done. */
  covered = -1;

  private items = 0;
  private bytes = 0;
  private records = 0;

  protected readonly lane: LaneProducer;
  protected readonly memory: Memory;
  protected readonly outlet: Outlet;
  /** Where the open record begins, -1 when none is open, and where its next item goes. */
  protected start = -1;
  protected at = 0;

  constructor(outlet: Outlet) {
    this.outlet = outlet;
    this.lane = outlet.lane;
    this.memory = outlet.lane.memory;
  }

  get aborted(): boolean {
    return this.outlet.control.isStopping();
  }

  abstract emit(item: Item): void;
  protected abstract countRecord(): number;

  /** Ends the event's output. */
  finish(): void {
    if (this.start >= 0) this.close(RECORD.last);
  }

  /** Tells the writer that everything below `sequence` is done. */
  progress(sequence: number): void {
    while (this.lane.tryClaim(0) < 0) this.waitForRoom(0);
    this.lane.commit(0, sequence | 0, 0, RECORD.progress);
    this.covered = sequence;
  }

  /** Adds what was written since the last call. */
  count(counters: Counters): void {
    counters.add(COUNTER.items, this.items);
    counters.add(COUNTER.bytes, this.bytes);
    counters.add(COUNTER.batches, this.records);
    this.items = 0;
    this.bytes = 0;
    this.records = 0;
  }

  protected close(flags: number): void {
    const count = this.countRecord();
    const bytes = this.at - this.start;
    this.lane.commit(bytes, this.sequence | 0, count, flags);
    this.items += count;
    this.bytes += bytes;
    this.records++;
    this.start = -1;
    if (flags === RECORD.last) this.covered = this.sequence + 1;
  }

  /** Opens a record with room for at least `bytes`. Returns the end of the room. */
  protected open(bytes: number): number {
    if (this.start >= 0) {
      this.close(RECORD.more);
      this.outlet.recordFilled();
    }
    let at = this.lane.tryClaim(bytes);
    while (at < 0) {
      this.waitForRoom(bytes);
      at = this.lane.tryClaim(bytes);
    }
    this.start = at;
    this.at = at;
    return Math.min(this.lane.claimEnd, at + Math.max(bytes, this.outlet.batchBytes));
  }

  private waitForRoom(bytes: number): void {
    this.outlet.waitForRoom(bytes);
    if (this.outlet.control.isStopping()) throw new FlowStopped();
  }
}

/** Output of items of one size. */
class FixedOutput<Item> extends LaneOutput<Item> {
  private readonly codec: FixedCodec<unknown, Item>;
  private readonly size: number;
  private limit = -1;

  constructor(outlet: Outlet, codec: FixedCodec<unknown, Item>) {
    super(outlet);
    this.codec = codec;
    this.size = codec.size;
    if (codec.size > this.lane.maxPayloadBytes) throw tooLarge(codec.size, this.lane);
  }

  emit(item: Item): void {
    if (this.at > this.limit) this.limit = this.open(this.size) - this.size;
    this.codec.write(this.memory, this.at, item);
    this.at += this.size;
  }

  override finish(): void {
    if (this.start >= 0) this.close(RECORD.last);
    this.limit = -1;
  }

  protected countRecord(): number {
    return (this.at - this.start) / this.size;
  }
}

/** Output of items of varying length: each is its length, then its bytes, then padding to a multiple of four. */
class VariableOutput<Item> extends LaneOutput<Item> {
  private readonly codec: VariableCodec<unknown, Item>;
  private end = 0;
  private inRecord = 0;

  constructor(outlet: Outlet, codec: VariableCodec<unknown, Item>) {
    super(outlet);
    this.codec = codec;
  }

  emit(item: Item): void {
    let used = this.tryWrite(item);
    if (used < 0) {
      const need = ITEM_HEADER_BYTES - used;
      if (need > this.lane.maxPayloadBytes) throw tooLarge(-used, this.lane, this.sequence);
      this.end = this.open(need);
      this.inRecord = 0;
      used = this.tryWrite(item);
    }
    this.memory.i32[this.at >> 2] = used;
    this.at += ITEM_HEADER_BYTES + ((used + 3) & ~3);
    this.inRecord++;
  }

  override finish(): void {
    if (this.start >= 0) this.close(RECORD.last);
    this.end = 0;
  }

  protected countRecord(): number {
    return this.inRecord;
  }

  private tryWrite(item: Item): number {
    const at = this.at + ITEM_HEADER_BYTES;
    // Without an open record there is no room: the codec then only says how much it needs.
    return this.codec.write(this.memory, at, this.start < 0 ? 0 : Math.max(this.end - at, 0), item);
  }
}

function tooLarge(bytes: number, lane: LaneProducer, sequence?: number): MillraceError {
  const most = lane.maxPayloadBytes - ITEM_HEADER_BYTES;
  return new MillraceError(
    'ITEM_TOO_LARGE',
    `an item of ${bytes} bytes; a lane of ${lane.capacity} bytes takes items up to ${most}: ` +
      `give the processor laneBytes ${2 ** Math.ceil(Math.log2(2 * bytes + 64))} or more`,
    { sequence },
  );
}

/** Output of a processor that has no `output` codec. */
class NoOutput extends LaneOutput<never> {
  emit(): void {
    throw new MillraceError('BAD_MODULE', 'emit in a processor without `output`: name the codec of its items', {
      sequence: this.sequence,
    });
  }

  protected countRecord(): number {
    return 0;
  }
}

/** The output for a processor's `output` codec. */
export function laneOutput(codec: Codec<unknown, unknown> | undefined, outlet: Outlet): LaneOutput<unknown> {
  if (codec === undefined) return new NoOutput(outlet) as unknown as LaneOutput<unknown>;
  return codec.kind === 'fixed' ? new FixedOutput(outlet, codec) : new VariableOutput(outlet, codec);
}
