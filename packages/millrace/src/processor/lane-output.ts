import { CodecError } from '@millrace/codec';
import type { LaneProducer, Memory } from 'native-free-rings';
import type { ProcessorCheckpoint } from '../thread/checkpoints.ts';
import type { Control } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import { FlowStopped, MillraceError } from '../thread/errors.ts';
import { GIVEN_UP, RECORD } from '../thread/lane-layout.ts';
import { refusedEmit, type Shut } from './emit-refusal.ts';
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
  /** Waits until the lane, which shows all that is committed, can take a record of `bytes`. */
  waitForRoom(bytes: number): void;
  /** Called after a record that does not end its sequence, which the lane shows already: the writer should see it now. */
  recordFilled(): void;
}

/**
 * Writes the items of one event after another into a lane, as records of one sequence each. The record in work is an open
 * claim of the lane; the kinds of output (item-outputs.ts) differ in how they fill it. The claim for the next record is
 * opened as soon as one is closed, so that `emit` has nothing to do but to fill it.
 */
export abstract class LaneOutput<Item> implements Output<Item> {
  /** The sequence in work. Users see it as `sequence`, which they cannot assign. */
  current = 0;
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
  /** As many of those items as the lane has shown. */
  private shownItems = 0;
  /** Why `emit` takes nothing now; undefined while an event is in work. */
  private shut: Shut | undefined;
  /** Which attempt at its event it was, once it is retired. */
  private attempt = 0;
  /** The sequence in whose `makeRoom` an exception came between two steps; -1 for none. */
  private tornAt = -1;
  private innerRefusal: MillraceError | undefined;
  /** Nothing of it is for the writer: it is taken back when the lane is full, and in the end. */
  private isRehearsal = false;

  constructor(outlet: Outlet) {
    this.outlet = outlet;
    this.batchBytes = outlet.batchBytes;
    this.lane = outlet.lane;
    this.memory = outlet.lane.memory;
  }

  get sequence(): number {
    return this.current;
  }

  get aborted(): boolean {
    return this.outlet.control.isStopping();
  }

  abstract emit(item: Item): void;

  /**
   * Begins with the next event, or with the first of a run of them. Like `close`, it costs `emit` nothing: a closed output has
   * no room, and `emit` finds out why when it asks for some.
   */
  open(): void {
    this.shut = undefined;
    this.fill(this.start, 0);
  }

  /** No event is in work: `emit` throws until `open`. */
  close(why: Shut = 'between'): void {
    this.shut = why;
    this.place(-1, -1);
  }

  /** This output is done with for good; `emit` says of which attempt at its event it was. */
  retire(attempt: number): void {
    if (this.tornAt < 0) this.abandon();
    this.close('ended');
    this.attempt = attempt;
  }

  /** Goes on where an output has ended that wrote into the same lane. */
  follow(before: LaneOutput<Item>): void {
    this.current = before.current;
    this.covered = before.covered;
    this.isRehearsal = before.isRehearsal;
    this.items = before.items;
    this.bytes = before.bytes;
    this.records = before.records;
    this.close();
  }

  /**
   * The sequence in whose output an exception was thrown at a moment when it may be neither as before nor as after, a stack
   * overflow say; -1 when there is none. Then only the lane's words in shared memory are to be relied on.
   */
  torn(): number {
    return this.tornAt;
  }

  /** Throws where the output is torn: user code has caught the exception. */
  expectWhole(): void {
    if (this.tornAt < 0) return;
    if (this.aborted) throw new FlowStopped();
    throw this.refusal('torn');
  }

  /** Items of the torn sequence that the lane has shown. */
  tornItems(): number {
    return this.cutSequence === this.tornAt ? this.shownItems : 0;
  }

  /** Bytes and items of the open record; 0 when it is empty or there is none. */
  protected abstract recordBytes(): number;
  protected abstract recordItems(): number;
  /** The record is to be filled from `start` up to `end`; both below 0 or equal when there is none. */
  protected abstract place(start: number, end: number): void;

  /** Ends the event's output. */
  finish(): void {
    const bytes = this.recordBytes();
    if (bytes === 0) return;
    const items = this.recordItems();
    this.tally(bytes, items);
    const next = this.lane.commitAndClaim(bytes, this.current | 0, items, LAST);
    this.covered = this.current + 1;
    this.fill(next, 0);
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
    return this.cutSequence === this.current ? this.cutItems : 0;
  }

  /** Shows what is committed to the writer: all of every sequence below `sequence`, and maybe items of it. */
  publish(sequence: number): void {
    if (this.lane.peekUnpublishedBytes() === 0) return;
    this.outlet.checkpoint.note(this.lane.peekTail(), sequence);
    this.lane.publish();
    this.shownItems = this.cutItems;
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
    this.current = 0;
    this.covered = this.cutSequence = -1;
    this.cutItems = this.shownItems = this.items = this.bytes = this.records = 0;
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
    this.expectOpen();
    const filled = this.recordBytes();
    const items = this.recordItems();
    // An exception from here on may come between any two steps: the engine's, where user code has used up the stack.
    this.tornAt = this.current;
    this.place(-1, -1);
    if (filled > 0) {
      this.countCut(items);
      this.tally(filled, items);
      this.lane.commit(filled, this.current | 0, items, RECORD.more);
      this.start = -1;
      if (!this.isRehearsal) {
        this.show();
        this.outlet.recordFilled();
      }
    } else this.abandon();
    while (!this.tryOpen(bytes)) this.waitForRoom(bytes);
    this.tornAt = -1;
  }

  protected expectOpen(): void {
    if (this.shut !== undefined) throw this.refusal(this.shut);
    this.expectWhole();
  }

  /** The error for an `emit` that is not taken. */
  protected refusal(why: Shut): MillraceError {
    return refusedEmit(why, this.tornAt >= 0 ? this.tornAt : this.current, this.attempt);
  }

  /** The error for an `emit` inside another one; where user code does not catch it, the outer one ends with it as well. */
  protected nested(): MillraceError {
    this.innerRefusal = this.refusal('nested');
    return this.innerRefusal;
  }

  /** What the codec threw, or the refusal of an inner `emit` that the codec has wrapped. */
  protected notWritten(error: unknown): unknown {
    const inner = this.innerRefusal;
    this.innerRefusal = undefined;
    return inner !== undefined && error instanceof CodecError && error.cause === inner ? inner : error;
  }

  /** `header`: bytes that an item of varying length takes beside its own. */
  protected tooLarge(bytes: number, header = 0): MillraceError {
    const most = this.lane.maxPayloadBytes - header;
    return new MillraceError(
      'ITEM_TOO_LARGE',
      `an item of ${bytes} bytes; a lane of ${this.lane.capacity} bytes takes items up to ${most}: ` +
        `give the processor laneBytes ${2 ** Math.ceil(Math.log2(2 * bytes + 64))} or more`,
      { sequence: this.current },
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
    if (this.cutSequence !== this.current) this.cutItems = this.shownItems = 0;
    this.cutSequence = this.current;
    this.cutItems += items;
  }

  /** Counts the open record, which is about to be committed. */
  private tally(bytes: number, items: number): void {
    this.items += items;
    this.bytes += bytes;
    this.records++;
  }

  private tryOpen(bytes: number): boolean {
    const at = this.lane.tryClaim(bytes);
    this.fill(at, bytes);
    return at >= 0;
  }

  /**
   * `at` below 0: there is no room, and the next `emit` makes some. Nothing here is done for that case alone, because it is rare:
   * the engine, when it compiles the loop over the user's code, would not have seen it, and had to compile anew.
   */
  private fill(at: number, bytes: number): void {
    this.start = at;
    this.place(at, at < 0 ? at : Math.min(this.lane.claimEnd, at + Math.max(bytes, this.batchBytes)));
  }

  /** Gives an empty record back. */
  private abandon(): void {
    if (this.start < 0) return;
    this.lane.abort();
    this.fill(-1, 0);
  }

  /** Shows all that is committed, in the middle of an event or at its end. */
  private show(): void {
    this.publish(Math.max(this.current, this.covered));
  }

  private waitForRoom(bytes: number): void {
    if (this.isRehearsal) {
      this.lane.rollback();
      return;
    }
    this.show();
    this.outlet.waitForRoom(bytes);
    if (this.outlet.control.isStopping()) throw new FlowStopped();
  }
}
