import { joinThread } from '@millrace/interleave';
import { load, store as put, type Words } from '#atomics';
import { Nack } from '../../../dist/writer/nack.js';
import { type DestinationParts, type Flow, runThread, START } from '../support/flow.ts';
import { inCommits, knowing } from '../support/stores.ts';
import {
  ALONE,
  append,
  fiveThenOne,
  isRecalled,
  itemsOf,
  succession,
  writer,
  writerHeir,
  writerThatRecalls,
} from '../support/succession.ts';

/**
 * Commits that span the tickets and lanes of two processors, which take turns; the writer dies at any step, before a commit, in
 * it, and after it. The clock stands still, so that a commit is due by what is written, or where somebody waits for it.
 */
const TURNS = {
  processors: 2,
  inTurns: true,
  computed: true,
  laneBytes: 512,
  tickets: 16,
  issued: [1, 1, 1, 1, 1],
} as const;

const writers = { writer, heir: writerHeir('writer'), heir2: writerHeir('writer', 'heir') };
const dying = {
  heirs: { writer: ['heir', 'heir2'] },
  deaths: 2,
  drainAt: START + 3,
  end: START + 3,
  drained: 3,
  options: ALONE,
};

const commits = [
  succession('writers die one after the other, whose commits span two processors', writers, {
    ...TURNS,
    ...dying,
    stored: true,
    // Four items of the first sequence, then the rest of it with one of the other processor, then what is left.
    write: inCommits({ commitItems: 2 }),
    items: fiveThenOne,
  }),
  succession('writers die one after the other, whose one commit is the last', writers, {
    ...TURNS,
    ...dying,
    once: true,
    write: knowing({}),
    items: fiveThenOne,
  }),
  succession('writers into a store that knows where it stands die one after the other, two lanes a commit', writers, {
    ...TURNS,
    ...dying,
    once: true,
    write: knowing({ commitItems: 2 }),
    items: fiveThenOne,
  }),
  succession('writers die one after the other, which commit in the middle of a run', writers, {
    ...TURNS,
    ...dying,
    once: true,
    write: knowing({ maxItems: 3, commitItems: 3 }),
    items: fiveThenOne,
  }),
];

const REFUSED = 63;
/** Refuses the first batch from `sequence` on, but for its first `item` items, and has it computed again. */
const refusing =
  (sequence: number, item: number) =>
  (store: Words): DestinationParts & { written: number[] } => ({
    written: [],
    write(batch) {
      const items = itemsOf(batch);
      const isRefused = batch.sequence >= sequence && load(store, REFUSED) !== 1;
      this.written.push(...(isRefused ? items.slice(0, item) : items));
      if (!isRefused) return;
      put(store, REFUSED, 1);
      throw new Nack('once', { item, action: 'recompute' });
    },
    commit() {
      append(store, this.written.splice(0));
    },
  });

const recalls = [
  succession(
    'a writer that commits dies, which had a sequence computed again after two that were not committed',
    {
      heir(flow: Flow) {
        if (isRecalled(flow)) runThread(flow.successor.processor(0));
      },
      writer: (flow) => writerThatRecalls(flow, flow.writer()),
      writerHeir: async (flow) => {
        if (joinThread('writer') === 'died') await writerThatRecalls(flow, flow.successor.writer());
      },
    },
    {
      ...TURNS,
      heirs: { processor0: ['heir'], writer: ['writerHeir'] },
      nacks: 1,
      stored: true,
      write: refusing(START + 2, 1),
      items: (sequence) => (sequence === START + 2 ? 2 : 1),
      drainAt: START + 3,
      end: START + 3,
      long: { preemptions: 2 },
    },
  ),
];

export const all = [...commits, ...recalls];
