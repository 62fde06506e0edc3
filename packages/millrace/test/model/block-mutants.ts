import { mutants } from '@millrace/interleave';
import { flow } from './support/built.ts';

const COMMITS = 'succession: writers die one after the other, whose commits span two processors';
const FULL_RING = 'succession: the writer of a full ring dies in the middle of a run';
const PART = 'succession: the writer of a ring with room for a part of a run dies';
const ONE_ITEM = 'flow: a destination ring with room for one item';
const IN_HAND = 'succession: a processor sleeps for room, while its writer has a part of a block in hand';
const WRAP = 'succession: writers of a ring die one after the other, runs on both sides of the wrap';
const GAP = 'succession: writers of a ring die one after the other, an event without items between runs';
const OTHER_LANE =
  'succession: writers die one after the other, behind whose ticket in the lane a mark is that another lane comes before';
const GROWS = 'succession: processors die one after the other between any two items';
const BY_ITSELF = 'succession: processors that end runs by themselves die between any two items';
const THROWS = 'succession: an event throws with a claim open and is tried again, and any thread that computes it dies';
const RECALL = 'succession: what a processor computed is recalled, and who computes it again dies';

/** Batches of the runs of many sequences (docs/decisions/0013). */
export const blocks = mutants([
  {
    name: 'positions of one lane alone are noted',
    file: flow('writer/acknowledger'),
    find: 'checkpoint.noteLane(i, positions[i]);',
    replace: 'if (i === this.processor) checkpoint.noteLane(i, positions[i]);',
    models: [OTHER_LANE],
  },
  {
    name: 'a batch is taken for delivered before the ring has taken it',
    file: flow('writer/delivery'),
    find: 'taken = this.parts.destination.write(batch);',
    replace: 'acks.delivered(batch); taken = this.parts.destination.write(batch);',
    models: [ONE_ITEM],
  },
  {
    name: 'a block of which the ring has a part is noted as delivered',
    file: flow('writer/place'),
    find: 'this.sequence = batch.sequence; this.items = batch.first;',
    replace: 'this.sequence = batch.endSequence; this.items = batch.endItems;',
    models: [FULL_RING],
  },
  {
    name: 'a note does not say how much of a run was left behind',
    file: flow('writer/place'),
    find: 'this.laneItems = batch.first - skipped;',
    replace: 'this.laneItems = batch.first;',
    models: [FULL_RING, PART],
  },
  {
    name: 'a block goes on behind the wrap of its lane',
    file: flow('writer/block-filler'),
    find: 'else if ((next & mask) === 0) break;',
    replace: '',
    models: [WRAP],
  },
  {
    name: 'a block goes on into the next ticket of its lane',
    file: flow('writer/block-filler'),
    find: 'if (at >= stop) break;',
    replace: '',
    models: [COMMITS],
  },
  {
    name: 'a mark of the next ticket of a lane is taken with a block',
    file: flow('writer/block-filler'),
    find: 'if (kind === REWIND || at > stop) break;',
    replace: 'if (kind === REWIND) break;',
    models: [OTHER_LANE],
  },
  {
    name: 'a block takes a rewind for a mark',
    file: flow('writer/block-filler'),
    find: 'if (kind === REWIND || at > stop) break;',
    replace: 'if (at > stop) break;',
    models: [GROWS],
  },
  {
    name: 'a block ends without the marks behind its runs',
    file: flow('writer/block-filler'),
    find: 'piece.to = position;',
    replace: 'piece.to = (piece.from + runs) | 0;',
    models: [GAP],
  },
  {
    name: 'the runs of a batch that is left behind in part are there still',
    file: flow('writer/run-table'),
    find: 'this.length = length - gone;',
    replace: 'this.length = length;',
    models: [IN_HAND],
  },
  {
    name: 'records are given back that are read and not delivered',
    file: flow('writer/acknowledger'),
    find: 'lane.releaseTo(positions[i]);',
    replace: 'lane.release();',
    models: [IN_HAND],
  },
  {
    name: 'a recall does not set back what was read',
    file: flow('writer/reading'),
    find: 'this.backTo(sequence, items, 0); this.isReplaying = true;',
    replace: 'this.isReplaying = true;',
    models: [RECALL],
  },
  {
    name: 'a run that grows is shown first',
    file: flow('processor/lane-output'),
    find: 'const at = this.lane.growClaim(filled, bytes);',
    replace:
      'if (filled > 0) { this.cut(filled, items); this.fill(this.lane.tryClaim(bytes), bytes); return; } const at = this.lane.growClaim(filled, bytes);',
    models: [GROWS],
  },
  {
    name: 'output shorter than batchBytes is cut where its room ends',
    file: flow('processor/lane-output'),
    find: 'if (filled + bytes <= this.batchBytes && this.start >= 0)',
    replace: 'if (filled + bytes < this.batchBytes && this.start >= 0)',
    models: [GROWS],
  },
  {
    name: 'a claim is still open when its event is tried again',
    file: flow('processor/item-outputs'),
    find: 'this.claimed = 0; super.place(start, end, filled, items);',
    replace: 'super.place(start, end, filled, items);',
    models: [THROWS],
  },
  {
    name: 'an event is tried again without a word to the writer',
    file: flow('processor/processor-cycle'),
    find: 'if (mustRewind) this.loop.output.rewind(this.sequence);',
    replace: '',
    models: [THROWS],
  },
  {
    name: 'an output closes before the lane has heard of the runs that it ended',
    file: flow('processor/lane-output'),
    find: "close(why = 'between') { this.settle();",
    replace: "close(why = 'between') {",
    models: [BY_ITSELF],
  },
  {
    name: 'a run that its output ends lies where the lane’s bytes begin',
    file: flow('processor/int32-output'),
    find: 'index[place + BEGIN] = base[0] + (begin << 2);',
    replace: 'index[place + BEGIN] = base[0];',
    models: [BY_ITSELF],
  },
  {
    name: 'a run that its output ends may take the last of the room',
    file: flow('processor/int32-output'),
    find: 'if (end >= roomEnd[0] ||',
    replace: 'if (end > roomEnd[0] ||',
    models: [BY_ITSELF],
  },
]);
