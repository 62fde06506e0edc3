import type { LaneProducer, Memory } from 'native-free-rings';
import type { ProcessorCheckpoint } from '../thread/checkpoints.ts';
import type { Control } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import { FlowStopped, MillraceError } from '../thread/errors.ts';
import { GIVEN_UP, RECORD } from '../thread/lane-layout.ts';
import type { Output } from './output.ts';

/** The module's own, as in lane-consumer.ts: not loaded at each use. */
const LAST = RECORD.last;

/** What an output needs of its surroundings. */
export interface Outlet {
  readonly lane: LaneProducer;
  readonly control: Control;
  readonly checkpoint: ProcessorCheckpoint;
  /** Largest record in bytes: output is shown to the writer at least this often. */
  readonly batchBytes: number;
  /** The thread has no other output, before or after: its code may be made for this one. */
  readonly isOnly: boolean;
  /** Publishes the lane and waits until it can take a record of `bytes`. */
  waitForRoom(bytes: number): void;
  /** Called after a record that does not end its sequence: the writer should see it now. */
  recordFilled(): void;
}

/**
 * Writes the items of one event after another into a lane, as records of one sequence each. The record in work is an open
 * claim of the lane; the kinds of output (item-outputs.ts) differ in how they fill it. The claim for the next record is
 * opened as soon as one is closed, so that `emit` has nothing to do but to fill it.
 */
export abstract class LaneOutput<Item> implements Output<Item> {
  sequence = 0;
  /** The writer can tell that everything below this is done. */
  covered = -1;
  /** Where the open record begins in the lane's memory, in bytes; -1 when none is open. */
  protected start = -1;

  protected readonly lane: LaneProducer;
  protected readonly memory: Memory;
  private readonly outlet: Outlet;
  private readonly batchBytes: number;
  private items = 0;
  private bytes = 0;
  private records = 0;
  /** The sequence of which records were committed that do not end it, and how many items they have. */
  private cutSequence = -1;
  private cutItems = 0;
  /** Nothing of it is for the writer: it is taken back when the lane is full, and in the end. */
  private isRehearsal = false;

  constructor(outlet: Outlet) {
    this.outlet = outlet;
    this.batchBytes = outlet.batchBytes;
    this.lane = outlet.lane;
    this.memory = outlet.lane.memory;
  }

  get aborted(): boolean {
    return this.outlet.control.isStopping();
  }

  abstract emit(item: Item): void;

  /** Bytes and items of the open record; 0 when it is empty or there is none. */
  protected abstract recordBytes(): number;
  protected abstract recordItems(): number;
  /** The record is to be filled from `start` up to `end`; both below 0 or equal when there is none. */
  protected abstract place(start: number, end: number): void;

  /** Ends the event's output. */
  finish(): void {
    const bytes = this.recordBytes();
    if (bytes === 0) return;
    this.tally(bytes);
    const next = this.lane.commitAndClaim(bytes, this.sequence | 0, this.recordItems(), LAST);
    this.covered = this.sequence + 1;
    this.open(next, 0);
  }

  /** Tells the writer that everything below `sequence` is done. */
  progress(sequence: number): void {
    this.mark(sequence, RECORD.progress, 0);
  }

  /** The same, where the sequence just below `sequence` was given up. */
  passOver(sequence: number): void {
    this.mark(sequence, RECORD.progress, GIVEN_UP);
  }

  /** Tells the writer that `sequence` follows from its first item on, once more. */
  rewind(sequence: number): void {
    this.mark(sequence, RECORD.rewind, this.outlet.checkpoint.recall);
  }

  /** Gives back what was emitted for the current sequence, as far as it was not committed. Returns the items that were. */
  discard(): number {
    this.abandon();
    return this.cutSequence === this.sequence ? this.cutItems : 0;
  }

  /** Shows what is committed to the writer: all of every sequence below `sequence`, and maybe items of it. */
  publish(sequence: number): void {
    if (this.lane.peekUnpublishedBytes() === 0) return;
    this.outlet.checkpoint.note(this.lane.peekTail(), sequence);
    this.lane.publish();
  }

  /** What is emitted until `forget` is for nobody: the lane takes it back, and never blocks. */
  rehearse(): void {
    this.isRehearsal = true;
  }

  /** Ends the rehearsal, as if it had not been. */
  forget(): void {
    this.abandon();
    this.lane.rollback();
    this.isRehearsal = false;
    this.sequence = 0;
    this.covered = this.cutSequence = -1;
    this.cutItems = this.items = this.bytes = this.records = 0;
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

  /** Makes room for at least `bytes` in a record, in a new one if need be. Waits while the lane is full. */
  protected makeRoom(bytes: number): void {
    const filled = this.recordBytes();
    if (filled > 0) {
      this.countCut(this.recordItems());
      this.tally(filled);
      this.lane.commit(filled, this.sequence | 0, this.recordItems(), RECORD.more);
      this.start = -1;
      if (!this.isRehearsal) this.outlet.recordFilled();
    } else this.abandon();
    while (!this.tryOpen(bytes)) this.waitForRoom(bytes);
  }

  /** `header`: bytes that an item of varying length takes beside its own. */
  protected tooLarge(bytes: number, header = 0): MillraceError {
    const most = this.lane.maxPayloadBytes - header;
    return new MillraceError(
      'ITEM_TOO_LARGE',
      `an item of ${bytes} bytes; a lane of ${this.lane.capacity} bytes takes items up to ${most}: ` +
        `give the processor laneBytes ${2 ** Math.ceil(Math.log2(2 * bytes + 64))} or more`,
      { sequence: this.sequence },
    );
  }

  private mark(sequence: number, flag: number, count: number): void {
    this.abandon();
    while (this.lane.tryClaim(0) < 0) this.waitForRoom(0);
    this.lane.commit(0, sequence | 0, count, flag);
    this.cutSequence = -1;
    this.covered = sequence;
  }

  private countCut(items: number): void {
    if (this.cutSequence !== this.sequence) this.cutItems = 0;
    this.cutSequence = this.sequence;
    this.cutItems += items;
  }

  /** Counts the open record, which is about to be committed. */
  private tally(bytes: number): void {
    this.items += this.recordItems();
    this.bytes += bytes;
    this.records++;
  }

  private tryOpen(bytes: number): boolean {
    const at = this.lane.tryClaim(bytes);
    this.open(at, bytes);
    return at >= 0;
  }

  /**
   * `at` below 0: there is no room, and the next `emit` makes some. Nothing here is done for that case alone, because it is rare:
   * the engine, when it compiles the loop over the user's code, would not have seen it, and had to compile anew.
   */
  private open(at: number, bytes: number): void {
    this.start = at;
    this.place(at, at < 0 ? at : Math.min(this.lane.claimEnd, at + Math.max(bytes, this.batchBytes)));
  }

  /** Gives an empty record back. */
  private abandon(): void {
    if (this.start < 0) return;
    this.lane.abort();
    this.open(-1, 0);
  }

  private waitForRoom(bytes: number): void {
    if (this.isRehearsal) {
      this.lane.rollback();
      return;
    }
    this.outlet.waitForRoom(bytes);
    if (this.outlet.control.isStopping()) throw new FlowStopped();
  }
}
