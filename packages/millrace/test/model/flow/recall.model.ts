import { joinThread } from '@millrace/interleave';
import { load, store as put, type Words } from '#atomics';
import { Nack } from '../../../dist/writer/nack.js';
import { type DestinationParts, type Flow, RECALLED, runThread, START } from '../support/flow.ts';
import {
  append,
  heirOf,
  isRecalled,
  itemsOf,
  processor,
  succession,
  writerThatRecalls,
} from '../support/succession.ts';

/** The writer has what a processor computed computed again, by a thread that takes the processor's place. */
/** Whoever plays a processor that is recalled waits to hear of it, and says whether it began after that. */
const KNOWS = 1;
const KNOWS_NOT = 2;
function begin({ recalls, successor }: Flow): void {
  put(recalls, 1, load(recalls, 0) === RECALLED ? KNOWS : KNOWS_NOT);
  runThread(successor.processor(0));
}
const REFUSED = 63;
/** Refuses the first batch from `sequence` on, but for its first `item` items, and has it computed again. */
const refusing =
  (sequence: number, item: number) =>
  (store: Words): DestinationParts => ({
    write(batch) {
      const items = itemsOf(batch);
      if (batch.sequence < sequence || load(store, REFUSED) === 1) return append(store, items);
      put(store, REFUSED, 1);
      append(store, items.slice(0, item));
      throw new Nack('once', { item, action: 'recompute' });
    },
  });

const recalls = [
  succession(
    'what a processor computed is recalled, which had died once before',
    {
      heir(flow) {
        if (isRecalled(flow)) runThread(flow.successor.processor(0));
      },
      writer: (flow) => writerThatRecalls(flow, flow.writer()),
    },
    {
      heirs: { processor: ['heir'] },
      computed: true,
      diedAt: START + 1,
      nacks: 1,
      once: true,
      write: refusing(START, 0),
      laneBytes: 256,
      issued: [1, 1, 1],
      drainAt: START + 2,
      end: START + 2,
    },
  ),
  succession(
    'what a processor computed is recalled, and who computes it again dies',
    {
      heir(flow) {
        if (isRecalled(flow)) begin(flow);
      },
      heir2: heirOf(['heir'], (flow) => {
        if (isRecalled(flow)) runThread(flow.successor.processor(0));
      }),
      writer: (flow) => writerThatRecalls(flow, flow.writer()),
    },
    {
      heirs: { processor: ['heir', 'heir2'] },
      computed: true,
      nacks: 1,
      once: true,
      write: refusing(START, 0),
      laneBytes: 256,
      issued: [2, 1],
      drainAt: START + 2,
      end: START + 2,
      long: { preemptions: 2 },
    },
  ),
  succession(
    'what a processor computed is recalled, and any thread that computes it dies',
    {
      processor,
      heir(flow) {
        if (joinThread('processor') === 'died' || isRecalled(flow)) begin(flow);
      },
      heir2(flow) {
        joinThread('processor');
        // One death: where the heir dies, the processor had ended, and nobody is started before the recall.
        if (joinThread('heir') !== 'died' && load(flow.recalls, 1) !== KNOWS_NOT) return;
        if (isRecalled(flow)) runThread(flow.successor.processor(0));
      },
      writer: (flow) => writerThatRecalls(flow, flow.writer()),
    },
    {
      heirs: { processor: ['heir', 'heir2'] },
      nacks: 1,
      once: true,
      write: refusing(START, 0),
      issued: [1, 1, 1],
      drainAt: START + 2,
      end: START + 2,
      long: { search: 'pct', preemptions: undefined, samples: 50_000 },
      longOnly: true,
    },
  ),
  succession(
    'the writer dies, which has refused a batch in the middle and had it computed again',
    {
      heir(flow) {
        if (isRecalled(flow)) begin(flow);
      },
      writer: (flow) => writerThatRecalls(flow, flow.writer()),
      writerHeir: async (flow) => {
        if (joinThread('writer') === 'died') await writerThatRecalls(flow, flow.successor.writer());
      },
    },
    {
      heirs: { processor: ['heir'], writer: ['writerHeir'] },
      computed: true,
      nacks: 1,
      stored: true,
      write: refusing(START, 3),
      laneBytes: 256,
      issued: [2, 1],
      items: () => 2,
      drainAt: START + 2,
      end: START + 2,
      long: { preemptions: 2 },
    },
  ),
];

export const all = recalls;
