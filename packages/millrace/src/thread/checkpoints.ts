/**
 * What the successor of a thread that died needs to go on at the exact item (docs/decisions/0008). Each thread notes how far
 * it has come just before the one store that makes it true, in turns in two slots: whatever the thread was doing when it
 * died, one slot is whole, and that store says which of them is in force.
 *
 *   line 0  header; parameter 0: processors
 *   line 1  selected   owner: writer. The slot that it noted last. Its store publishes the slot.
 *   line 2  the writer's two slots of eight 64-bit floats (WRITER_FIELDS), owner: writer; plain accesses
 *   line 3… two lines for each processor:
 *           two slots of four 64-bit floats: tail of its lane, sequence, recall that is answered.   owner: that processor;
 *           plain accesses, published by the tail of the lane
 *           recall    owner: writer. Number of recalls; starts at 0. With each the writer drops what is in the lane, up to a
 *                     rewind that answers it, and wants the sequence at which the acked cursor stands from item 0 on.
 *   then    for each of the writer's slots, by processor, up to which record its lane is done with (32 bits, as the lane's
 *           cursors): a writer may read several lanes before it releases any.    owner: writer; plain accesses
 *
 * Only a successor reads, after the thread before it has ended: the ownership passes on with the role.
 */
import {
  createHandle,
  defineKind,
  expectBytes,
  type Handle,
  LINE_BYTES,
  LINE_WORDS,
  openHandle,
  parameter,
  small,
} from 'native-free-rings';
import { load, store, viewF64, viewI32, type Words } from '#atomics';

const CHECKPOINTS = defineKind('millrace.checkpoints');
export type CheckpointsHandle = Handle<'millrace.checkpoints'>;

const SELECTED_WORD: number = LINE_WORDS;
const WRITER_BYTE: number = 2 * LINE_BYTES;
const WRITER_FIELDS = 8;
const PROCESSORS_BYTE: number = 3 * LINE_BYTES;
const PROCESSOR_BYTES: number = 2 * LINE_BYTES;
const PROCESSOR_FIELDS = 4;
const TAIL = 0;
const SHOWN = 1;
const ANSWERED = 2;

/** Allocates the notes of a flow whose first sequence is `start` and whose lanes begin at `laneStart`. */
export function createCheckpoints(processors: number, start: number, laneStart: number): CheckpointsHandle {
  const handle = createHandle(CHECKPOINTS, bytesFor(processors), [processors]);
  const writer = viewF64(handle.buffer, WRITER_BYTE, 2 * WRITER_FIELDS);
  for (const slot of [0, WRITER_FIELDS]) {
    writer[slot + SEQUENCE] = start;
    writer[slot + LANE] = -1;
  }
  const words = viewI32(handle.buffer);
  for (let i = 0; i < processors; i++) {
    for (const slot of [0, 1]) words[laneWord(processors, slot) + i] = laneStart | 0;
    const slots = processorSlots(handle, i);
    slots[TAIL] = laneStart | 0;
    slots[SHOWN] = start;
    // No tail, so that it is never in force.
    slots[PROCESSOR_FIELDS + TAIL] = Number.NaN;
  }
  return handle;
}

function open(handle: CheckpointsHandle): Words {
  const words = openHandle(CHECKPOINTS, handle);
  expectBytes(CHECKPOINTS, words, bytesFor(parameter(words, 0)));
  return words;
}

const processorSlots = (handle: CheckpointsHandle, index: number): Float64Array =>
  viewF64(handle.buffer, PROCESSORS_BYTE + index * PROCESSOR_BYTES, 2 * PROCESSOR_FIELDS);

/** Words of one slot of lane positions: whole lines. */
const laneWords = (processors: number): number => Math.ceil(processors / LINE_WORDS) * LINE_WORDS;
/** Where the lane positions of a slot of the writer's begin. */
export const laneWord = (processors: number, slot: number): number =>
  (PROCESSORS_BYTE + processors * PROCESSOR_BYTES) / 4 + slot * laneWords(processors);
const bytesFor = (processors: number): number => 4 * laneWord(processors, 2);

const recallWord = (index: number): number => (PROCESSORS_BYTE + index * PROCESSOR_BYTES + LINE_BYTES) / 4;

/** A processor's notes: which of its work the published tail of its lane covers. */
export class ProcessorCheckpoint {
  private readonly words: Words;
  private readonly index: number;
  private readonly slots: Float64Array;
  /** The slot in force, its first field; the other one is free. */
  private current = 0;
  /** The last recall that this thread has answered, by where it began: its rewinds say so. */
  recall = 0;

  constructor(handle: CheckpointsHandle, index: number) {
    this.words = open(handle);
    this.index = index;
    this.slots = processorSlots(handle, index);
  }

  /**
   * Before the lane publishes `tail`, a new one: everything below `sequence` is done and in front of it, and so may items of
   * `sequence` be. Slots are told apart by their tails, so a slot that a death left half written is never in force.
   */
  note(tail: number, sequence: number): void {
    this.current = PROCESSOR_FIELDS - this.current;
    this.slots[this.current + TAIL] = tail;
    this.slots[this.current + SHOWN] = sequence;
    this.slots[this.current + ANSWERED] = this.recall;
  }

  /**
   * Successor: the sequence that was noted with the tail that is published. Undefined when there is a recall that nothing
   * below that tail answers: the writer wants the sequence at its acked cursor again, and all that follows.
   */
  takeOver(tail: number): number | undefined {
    this.current = this.slots[TAIL] === tail ? 0 : PROCESSOR_FIELDS;
    this.recall = load(this.words, recallWord(this.index));
    return this.slots[this.current + ANSWERED] === this.recall ? small(this.slots[this.current + SHOWN]!) : undefined;
  }
}

const DESTINATION_END = 0;
const SEQUENCE = 1;
const ITEMS = 2;
const LANE = 3;
const LANE_ITEMS = 4;

/** How far a writer has come. */
export interface WriterNote {
  /** End of the destination ring that makes this note true; 0 for a destination that is no ring. */
  destinationEnd: number;
  /** Everything below, and `items` items of it, is in the destination. */
  sequence: number;
  items: number;
  /**
   * The lane that was read last, -1 for none, and which item of `sequence` comes next there; below 0: -r while what is there is
   * dropped, up to the rewind that answers recall r.
   */
  lane: number;
  laneItems: number;
}

/** The writer's notes: what the end of its destination, its lanes' heads and the acked cursor are about to say. */
export class WriterCheckpoint {
  private readonly words: Words;
  private readonly slots: Float64Array;
  private readonly processors: number;
  private current = 0;

  constructor(handle: CheckpointsHandle) {
    this.words = open(handle);
    this.slots = viewF64(handle.buffer, WRITER_BYTE, 2 * WRITER_FIELDS);
    this.processors = parameter(this.words, 0);
  }

  /** Before `note`: everything in front of `position` in lane `index` is done with. All lanes, each time. */
  noteLane(index: number, position: number): void {
    this.words[laneWord(this.processors, 1 - this.current) + index] = position;
  }

  /** A successor, after `takeOver`: everything in front of this in lane `index` is done with. */
  peekLane(index: number): number {
    return this.words[laneWord(this.processors, this.current) + index]!;
  }

  /** The last recall of what processor `index` computed. */
  loadRecall(index: number): number {
    return load(this.words, recallWord(index));
  }

  /** Asks for what processor `index` computed to be computed again. */
  recall(index: number, recall: number): void {
    store(this.words, recallWord(index), recall);
  }

  /** Before the destination shows its new end, the lane is released, and the sequences are acknowledged, in this order. */
  note(destinationEnd: number, sequence: number, items: number, lane: number, laneItems: number): void {
    const { slots } = this;
    this.current = 1 - this.current;
    const at = this.current * WRITER_FIELDS;
    slots[at + DESTINATION_END] = destinationEnd;
    slots[at + SEQUENCE] = sequence;
    slots[at + ITEMS] = items;
    slots[at + LANE] = lane;
    slots[at + LANE_ITEMS] = laneItems;
    store(this.words, SELECTED_WORD, this.current);
  }

  /** The note in force: the last one if `isTrue`, and otherwise the one before, which then was the last to come true. */
  takeOver(isTrue: (note: WriterNote) => boolean): WriterNote {
    this.current = load(this.words, SELECTED_WORD);
    const last = this.read(this.current);
    if (isTrue(last)) return last;
    this.current = 1 - this.current;
    return this.read(this.current);
  }

  private read(slot: number): WriterNote {
    const { slots } = this;
    const at = slot * WRITER_FIELDS;
    return {
      destinationEnd: small(slots[at + DESTINATION_END]!),
      sequence: small(slots[at + SEQUENCE]!),
      items: small(slots[at + ITEMS]!),
      lane: small(slots[at + LANE]!),
      laneItems: small(slots[at + LANE_ITEMS]!),
    };
  }
}
