import { joinThread } from '@millrace/interleave';
import { load, store as put, type Words } from '#atomics';
import { Nack } from '../../../dist/writer/nack.js';
import { expect } from '../support/attached.ts';
import { type DestinationParts, type Flow, itemOf, type Process, runThreadAsync, START } from '../support/flow.ts';
import { atOnce, knowing, onCredit, uncut } from '../support/stores.ts';
import {
  ALONE,
  append,
  type Body,
  itemsOf,
  processor,
  processorHeir,
  reader,
  succession,
  writer,
  writerHeir,
} from '../support/succession.ts';

/**
 * Blocks: batches of the runs of many sequences. Runs are cut at `batchBytes`, grow behind the wrap of a lane, lie on both
 * sides of it, have marks between them, and are handed over in parts; and a thread dies at each step of that. Until its wrap a
 * lane has 32 bytes here, eight items.
 */
type Items = (sequence: number) => number;
const each =
  (...counts: readonly number[]): Items =>
  (sequence) =>
    counts[sequence - START] ?? 1;

/** The user's code takes a step between any two items, so that its thread may die there. */
const LOOKED_AT = 80;
const THREW = 81;
const stepping =
  (items: Items): Process =>
  (sequence, output, store) => {
    for (let i = 0; i < items(sequence); i++) {
      load(store, LOOKED_AT);
      output.emit(itemOf(sequence, i));
    }
  };
/** The same by claims: a step with each claim open. */
const claiming =
  (items: Items): Process =>
  (sequence, output, store) => {
    for (let done = 0; done < items(sequence); ) {
      const room = output.claim(items(sequence) - done);
      const { items: array, begin } = output;
      for (let i = 0; i < room; i++) {
        array[begin + i] = itemOf(sequence, done + i);
        load(store, LOOKED_AT);
      }
      output.commit(room);
      done += room;
    }
  };
/** Once, the code throws in the middle of an event, in front of item `at`, with a claim open that has other items in it. */
const throwing =
  (items: Items, at: number): Process =>
  (sequence, output, store) => {
    for (let i = 0; i < items(sequence); i++) {
      if (i === at && load(store, THREW) === 0) {
        output.claim(2);
        output.items[output.begin] = -1;
        put(store, THREW, 1);
        throw new Error('once');
      }
      output.emit(itemOf(sequence, i));
    }
  };

const processors = {
  processor,
  heir: processorHeir('processor'),
  heir2: processorHeir('processor', 'heir'),
};
const dyingProcessors = { heirs: { processor: ['heir', 'heir2'] }, deaths: 2, stored: true, options: ALONE };

/** The third run is as long as one may be, and moves behind the wrap when it grows; the fourth is cut. */
const GROWING = each(3, 2, 4, 5);
/** Short ones: as a look at the world comes after one event, two, and then four, most of these runs end behind another. */
const MANY = each(1, 2, 1, 1, 2, 1, 3);
const runs = [
  succession('processors die one after the other between any two items', processors, {
    ...dyingProcessors,
    process: stepping(GROWING),
    items: GROWING,
    write: uncut(GROWING),
    issued: [4, 1],
    laneBytes: 128,
    drainAt: START + 4,
    end: START + 4,
  }),
  succession('processors that end runs by themselves die between any two items', processors, {
    ...dyingProcessors,
    process: stepping(MANY),
    isOnly: true,
    items: MANY,
    write: uncut(MANY),
    batchBytes: 32,
    laneBytes: 128,
    issued: [7, 1],
    drainAt: START + 7,
    end: START + 7,
  }),
  succession('processors die one after the other with a claim open', processors, {
    ...dyingProcessors,
    process: claiming(GROWING),
    items: GROWING,
    write: atOnce,
    issued: [4, 1],
    laneBytes: 128,
    drainAt: START + 4,
    end: START + 4,
  }),
];

const again: Body = (flow) => runThreadAsync(flow.processors[0]!());
const THROWING = {
  process: throwing(each(6), 5),
  items: each(6),
  attempts: 1,
  issued: [1, 1],
  drainAt: START + 1,
  end: START + 1,
};
const retried = [
  succession(
    'an event throws with a claim open and is tried again, and any thread that computes it dies',
    {
      processor: again,
      async heir(flow) {
        if (joinThread('processor') === 'died') await runThreadAsync(flow.successor.processor(0));
      },
      async heir2(flow) {
        if (joinThread('processor') !== 'died' || joinThread('heir') !== 'died') return;
        await runThreadAsync(flow.successor.processor(0));
      },
    },
    {
      ...THROWING,
      heirs: { processor: ['heir', 'heir2'] },
      deaths: 2,
      stored: true,
      write: atOnce,
      laneBytes: 128,
      options: ALONE,
    },
  ),
  succession(
    'an event throws with a claim open and is tried again, while the writer delivers what was shown of it',
    { processor: again, writer },
    { ...THROWING, heirs: {} },
  ),
];

const writers = { writer, heir: writerHeir('writer'), heir2: writerHeir('writer', 'heir') };
const dyingWriters = { heirs: { writer: ['heir', 'heir2'] }, deaths: 2, computed: true, options: ALONE };

/** The second event has no items and ends what had arrived: a mark stands between two runs of one block. */
const GAP = each(2, 0, 2);
const marks = [
  succession('writers of a ring die one after the other, an event without items between runs', writers, {
    ...dyingWriters,
    items: GAP,
    ring: 4,
    events: true,
    arrives: [1, 1, 1],
    destination: 8,
    laneBytes: 128,
    issued: [3, 1],
    drainAt: START + 3,
    end: START + 3,
    drained: 1,
  }),
  succession('writers into a store die one after the other, with credit for an item of a run behind a mark', writers, {
    ...dyingWriters,
    items: GAP,
    ring: 4,
    events: true,
    arrives: [1, 1, 1],
    stored: true,
    write: (store, ready) => onCredit(atOnce(store), ready),
    credit: 1,
    laneBytes: 128,
    issued: [3, 1],
    drainAt: START + 3,
    end: START + 3,
    drained: 1,
  }),
  succession(
    'writers die one after the other, behind whose ticket in the lane a mark is that another lane comes before',
    writers,
    {
      ...dyingWriters,
      processors: 2,
      inTurns: true,
      items: each(1, 1, 0),
      destination: 8,
      laneBytes: 128,
      tickets: 16,
      issued: [1, 1, 1, 1, 1],
      drainAt: START + 3,
      end: START + 3,
      drained: 3,
    },
  ),
  succession(
    'events with and without items arrive while the writer delivers',
    {
      async main(flow: Flow) {
        await flow.publisher!().advance(3);
        flow.control().drain(START + 3);
      },
      processor,
      writer,
    },
    { heirs: {}, items: each(1, 0, 1), ring: 4, issued: [3, 1], end: START + 3 },
  ),
];

/** Two items at a time leave a part of the second run behind, and then all of it. */
const PARTS = { items: each(1, 3, 1), blockBytes: 32, issued: [3, 1], drainAt: START + 3, end: START + 3, drained: 1 };
const parts = [
  succession(
    'the writer of a ring with room for a part of a run dies',
    { writer, heir: writerHeir('writer'), reader },
    {
      heirs: { writer: ['heir'] },
      computed: true,
      destination: 2,
      items: each(1, 2),
      issued: [2, 1],
      drainAt: START + 2,
      end: START + 2,
      options: { preemptions: 1 },
      long: { preemptions: 2 },
    },
  ),
  succession('writers into a function die one after the other, with credit for a part of a run', writers, {
    ...dyingWriters,
    stored: true,
    write: (store, ready) => onCredit(atOnce(store), ready),
    credit: 2,
    ...PARTS,
  }),
  succession(
    'writers into a store that knows where it stands die one after the other, with credit for a part of a run',
    writers,
    {
      ...dyingWriters,
      once: true,
      write: (store, ready) => onCredit(knowing()(store), ready),
      credit: 2,
      ...PARTS,
    },
  ),
];

/** Refuses a batch of two runs once, in the middle of the second; its runs have all of a batch. */
const REFUSED = 82;
const inTwoParts = (store: Words): DestinationParts => ({
  write(batch) {
    const items = itemsOf(batch);
    let ofRuns = 0;
    for (let run = 0; run < batch.runs; run++) ofRuns += batch.runEnd(run) - batch.runBegin(run);
    expect(ofRuns === items.length, `${ofRuns} items in runs, ${items.length} in the batch`);
    if (items.length < 8 || load(store, REFUSED) === 1) return append(store, items);
    put(store, REFUSED, 1);
    append(store, items.slice(0, 5));
    throw new Nack('once', { item: 5 });
  },
});

/** The first two runs end where the lane wraps. */
const TO_THE_WRAP = each(4, 4, 4, 1);
const wraps = [
  succession('writers of a ring die one after the other, runs on both sides of the wrap', writers, {
    ...dyingWriters,
    items: TO_THE_WRAP,
    destination: 16,
    laneBytes: 128,
    blockBytes: 64,
    issued: [4, 1],
    drainAt: START + 4,
    end: START + 4,
    drained: 1,
  }),
  succession(
    'a processor sleeps for room, while the writer delivers runs on both sides of the wrap',
    { processor, writer },
    {
      heirs: {},
      stored: true,
      write: uncut(() => 3),
      items: () => 3,
      blockBytes: 64,
      laneRecords: 4,
      issued: [4, 1],
      drainAt: START + 4,
      end: START + 4,
    },
  ),
  succession(
    'a processor sleeps for room, while its writer has a part of a block in hand',
    { processor, writer: (flow) => runThreadAsync(flow.writer()) },
    {
      heirs: {},
      once: true,
      nacks: 1,
      write: inTwoParts,
      items: () => 4,
      blockBytes: 32,
      issued: [6, 1],
      drainAt: START + 6,
      end: START + 6,
    },
  ),
];

export const blocks = [...runs, ...retried, ...marks, ...parts, ...wraps];
