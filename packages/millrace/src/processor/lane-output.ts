import { CodecError } from '@millrace/codec';
import type { LaneProducer, Memory } from 'native-free-rings';
import type { ProcessorCheckpoint } from '../thread/checkpoints.ts';
import type { Control } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import { FlowStopped, MillraceError } from '../thread/errors.ts';
import { GIVEN_UP, RECORD } from '../thread/lane-layout.ts';
import { refusedEmit, type Shut } from './emit-refusal.ts';
import type { AnyOutput } from './output.ts';

/** The module's own, as in lane-consumer.ts: not loaded at each use. */
const LAST = RECORD.last;
const OPEN = 0;
const FINISH = 1;

/** What an output needs of its surroundings. */
export interface Outlet {
  readonly lane: LaneProducer;
  readonly control: Control;
  readonly checkpoint: ProcessorCheckpoint;
  /** Output of one event up to so many bytes is never cut; what is longer is shown to the writer at least this often. */
  readonly batchBytes: number;
  /** Bytes of the largest item that the destination takes, where it takes none that is larger. */
  readonly mostItemBytes?: number | undefined;
  /** The thread has no other output, before or after: its code may be made for this one. */
  readonly isOnly: boolean;
  /** What is written into `items` is looked at. */
  readonly isChecked: boolean;
  /** Waits until the lane, which shows all that is committed, can take a run of `bytes`. */
  waitForRoom(bytes: number): void;
  /** Called after a run that does not end its sequence, which the lane shows already: the writer should see it now. */
  runFilled(): void;
}

/**
 * Writes the items of one event after another into a lane, as runs of one sequence each, back to back. The run in work is an
 * open claim of the lane; the kinds of output (item-outputs.ts) differ in how they fill it. The claim for the next run is
 * opened as soon as one is closed, so that `emit` has nothing to do but to fill it.
 */
export abstract class LaneOutput<Item> implements AnyOutput {
  /** The sequence in work. Users see it as `sequence`, which they cannot assign. */
  current = 0;
  /** The writer can tell that everything below this is done. */
  covered = -1;
  /** Where the open run begins in the lane's memory, in bytes; -1 when none is open. */
  protected start = -1;

  protected readonly lane: LaneProducer;
  protected readonly memory: Memory;
  private readonly outlet: Outlet;
  protected readonly batchBytes: number;
  private allItems = 0;
  private bytes = 0;
  private runs = 0;
  /** The sequence of which runs were committed that do not end it, and how many items they have. */
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
  /** A claim is open, or `next` has handed out a flyweight over an item of the event in work. */
  protected isLent = false;
  /** Called by number, so that the engine compiles neither into its caller: hot path rule 8. */
  private readonly steps: readonly (() => void)[] = [() => this.openRun(), () => this.endRun()];

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

  get items(): unknown {
    return undefined;
  }

  get begin(): number {
    return 0;
  }

  abstract emit(item: Item): void;

  claim(_n: number): number {
    throw this.unfit('claim', 'numbers of one typed array (u8 to f64, i64, u64): use emit');
  }

  commit(_n: number): void {
    throw this.unfit('commit', 'numbers of one typed array (u8 to f64, i64, u64): use emit');
  }

  next(): object {
    throw this.unfit('next', 'a struct: use emit');
  }

  /**
   * Begins with the next event, or with the first of a run of them. Like `close`, it costs `emit` nothing: a closed output has
   * no room, and `emit` finds out why when it asks for some.
   */
  open(): void {
    this.step(OPEN);
  }

  /** No event is in work: `emit` throws until `open`. */
  close(why: Shut = 'between'): void {
    this.settle();
    if (this.isLent) this.takeBack();
    this.isLent = false;
    this.shut = why;
    this.place(-1, -1, 0, 0);
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
    this.allItems = before.allItems;
    this.bytes = before.bytes;
    this.runs = before.runs;
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

  /** Bytes and items of the open run; 0 when it is empty or there is none. */
  protected abstract runBytes(): number;
  protected abstract runItems(): number;
  /**
   * The run lies from `start` on and may go up to `end`; `filled` bytes and `items` items of it are there already. `start` and
   * `end` are both below 0 or equal when there is no room for one.
   */
  protected abstract place(start: number, end: number, filled: number, items: number): void;

  /** Ends the event's output. Compiled into the loop over the events, of which it is to leave room for the user's code: hot path rule 8. */
  finish(): void {
    if (this.runBytes() !== 0 || this.isLent) this.step(FINISH);
  }

  private step(step: number): void {
    this.steps[step]!();
  }

  private openRun(): void {
    this.shut = undefined;
    this.fill(this.start, 0);
  }

  private endRun(): void {
    if (this.isLent) this.endLoan();
    const bytes = this.runBytes();
    if (bytes === 0) return;
    const items = this.runItems();
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
    this.settle();
    if (this.lane.peekUnpublished() === 0 || this.isRehearsal) return;
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
    this.cutItems = this.shownItems = this.allItems = this.bytes = this.runs = 0;
  }

  /** Adds what was written since the last call. */
  count(counters: Counters): void {
    this.settle();
    counters.add(COUNTER.items, this.allItems);
    counters.add(COUNTER.bytes, this.bytes);
    counters.add(COUNTER.batches, this.runs);
    this.allItems = 0;
    this.bytes = 0;
    this.runs = 0;
  }

  /**
   * Makes room for at least `bytes` more: in the same run while that is no longer than `batchBytes`, and otherwise in a new
   * one. Waits while the lane is full.
   */
  protected makeRoom(bytes: number): void {
    this.expectOpen();
    this.settle();
    const filled = this.runBytes();
    const items = this.runItems();
    // An exception from here on may come between any two steps: the engine's, where user code has used up the stack.
    this.tornAt = this.current;
    this.place(-1, -1, 0, 0);
    if (filled + bytes <= this.batchBytes && this.start >= 0) this.grow(filled, items, bytes);
    else {
      if (filled > 0) this.cut(filled, items);
      else this.abandon();
      while (!this.tryOpen(bytes)) this.waitForRoom(bytes);
    }
    this.tornAt = -1;
  }

  /** Items of the open claim; 0 where there is none. */
  protected openClaim(): number {
    return 0;
  }

  /** The flyweight that `next` has handed out shows no item any more. */
  protected takeBack(): void {}

  /** The event ends: what was lent has to be back. */
  protected endLoan(): void {
    if (this.openClaim() > 0) throw this.refusal('claimed');
    this.takeBack();
    this.isLent = false;
  }

  protected expectOpen(): void {
    if (this.shut !== undefined) throw this.refusal(this.shut);
    if (this.openClaim() > 0) throw this.refusal('claimed');
    this.expectWhole();
  }

  /** The error for an `emit` that is not taken. */
  protected refusal(why: Shut): MillraceError {
    return refusedEmit(why, this.tornAt >= 0 ? this.tornAt : this.current, this.attempt);
  }

  private unfit(call: string, remedy: string): MillraceError {
    return new MillraceError('EMIT_REFUSED', `${call} is for items that are ${remedy}`, { sequence: this.current });
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

  /** The same for an item that the lane takes, and the destination ring does not. */
  protected tooLargeForRing(bytes: number, most: number): MillraceError {
    return new MillraceError(
      'ITEM_TOO_LARGE',
      `an item of ${bytes} bytes; the destination ring takes items up to ${most}: ` +
        `give toRing dataBytes ${2 ** Math.ceil(Math.log2(2 * bytes))} or more`,
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

  /** The run is as long as one may be: the writer gets it, and the sequence goes on in another one. */
  private cut(filled: number, items: number): void {
    if (this.cutSequence !== this.current) this.cutItems = this.shownItems = 0;
    this.cutSequence = this.current;
    this.cutItems += items;
    this.tally(filled, items);
    this.lane.commit(filled, this.current | 0, items, RECORD.more);
    this.start = -1;
    if (this.isRehearsal) return;
    this.show();
    this.outlet.runFilled();
  }

  /** Makes the open run, which is short, larger by at least `bytes`. Nothing of it is shown meanwhile. */
  private grow(filled: number, items: number, bytes: number): void {
    for (;;) {
      const at = this.lane.growClaim(filled, bytes);
      if (at >= 0) {
        this.start = at;
        this.place(at, Math.min(this.lane.claimEnd, at + this.batchBytes), filled, items);
        return;
      }
      this.waitForRoom(filled + bytes);
      if (this.isRehearsal) {
        this.start = -1;
        while (!this.tryOpen(bytes)) this.waitForRoom(bytes);
        return;
      }
    }
  }

  /** Commits the runs that an output has ended without a call of the lane. */
  protected settle(): void {}

  /** Counts runs that are about to be committed. */
  protected tally(bytes: number, items: number, runs = 1): void {
    this.allItems += items;
    this.bytes += bytes;
    this.runs += runs;
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
    this.place(at, at < 0 ? at : Math.min(this.lane.claimEnd, at + Math.max(bytes, this.batchBytes)), 0, 0);
  }

  /** Gives an empty run back. */
  private abandon(): void {
    this.settle();
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
