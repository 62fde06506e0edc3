import { load, store as put, type Words } from '#atomics';
import type { Batch } from '../../../dist/writer/batch.js';
import type { Progress } from '../../../dist/writer/definition.js';
import { expect, expectSame } from '../support/attached.ts';
import { ackedBy, type DestinationParts, type Flow, itemOf, runThread, START } from '../support/flow.ts';
import { expectHeld, type LateParts, late, lateHeir, later, lateWriter, order, runLate } from '../support/late.ts';
import { atOnce } from '../support/stores.ts';
import {
  ALONE,
  COUNT,
  heirOf,
  ITEMS,
  isRecalled,
  succession,
  type Writer,
  writer,
  writerHeir,
} from '../support/succession.ts';

/**
 * Batches in flight, whose promises settle in any order, and batches that are collected over two lanes; the writer dies at any
 * step. Two processors have taken tickets of one event in turns, each event with one item.
 */
const TURNS = {
  processors: 2,
  inTurns: true,
  computed: true,
  laneBytes: 512,
  tickets: 16,
  issued: [1, 1, 1, 1, 1],
  drainAt: START + 3,
  end: START + 3,
  drained: 3,
  options: ALONE,
} as const;
const DYING = { heirs: { writer: ['heir'] }, ...TURNS };
const dying = { writer: lateWriter, heir: lateHeir('writer'), order };

const flights = [
  succession('the writer dies with three batches in flight', dying, {
    ...DYING,
    stored: 'any',
    write: late({ maxInFlight: 3 }),
  }),
  succession('the writer dies with a batch refused and another one in flight', dying, {
    ...DYING,
    nacks: 1,
    stored: 'any',
    write: late({ maxInFlight: 3 }, { at: START, action: 'retry' }, 2),
  }),
];

const recalls = [
  succession(
    'a batch is computed again, and what was taken behind it is not handed over again',
    {
      heir(flow) {
        if (isRecalled(flow)) runThread(flow.successor.processor(0));
      },
      writer: (flow) => runLate(flow.writer(), flow),
      order,
    },
    {
      ...TURNS,
      // What the other thread shows at its end, the writer does not need.
      drained: undefined,
      heirs: { processor0: ['heir'] },
      nacks: 1,
      stored: 'each',
      write: late({ maxInFlight: 2 }, { at: START, action: 'recompute' }),
      options: { preemptions: 1 },
      long: { preemptions: 2 },
    },
  ),
];

/** A store that knows where it stands: a commit has everything below its place, and nothing else. */
const DONE = 32;
const knowing = (store: Words): LateParts & { written: number[] } => ({
  ...late({ maxInFlight: 3, commitMs: 0 })(store),
  stands: { sequence: START + load(store, DONE), items: 0 },
  written: [],
  take(items) {
    this.written.push(...items);
  },
  write: later(store) as (batch: Batch<unknown>) => Promise<void>,
  commit({ sequence, items }: Progress) {
    const done = load(store, DONE);
    const wanted = Array.from({ length: sequence - START - done }, (_, i) => itemOf(START + done + i, 0));
    expect(items === 0, `${items} items of ${sequence}`);
    expectSame('written', this.written.splice(0).sort(), [...wanted].sort());
    for (const [i, item] of wanted.entries()) store[ITEMS + done + i] = item;
    store[COUNT] = done + wanted.length;
    put(store, DONE, done + wanted.length);
  },
});

/** The flow has no end: a writer that has read everything has a turn of its event loop for each promise. */
const toTheLast = (own: Writer, flow: Flow) => runLate(own, flow, () => ackedBy(own.cycle) >= START + 3);
const commits = [
  succession(
    'the writer dies, which commits, with three batches in flight',
    {
      writer: (flow) => toTheLast(flow.writer(), flow),
      heir: heirOf(['writer'], (flow) => {
        expectHeld(flow);
        return toTheLast(flow.successor.writer(), flow);
      }),
      order,
    },
    { ...DYING, issued: [1, 1, 1], drainAt: undefined, once: true, write: knowing },
  ),
];

const collecting = (store: Words): DestinationParts => ({ ...atOnce(store), lingerMs: 5, maxItems: 2 });
const collected = [
  succession(
    'writers die one after the other with a batch of two lanes',
    {
      writer,
      heir: heirOf(['writer'], (flow) => {
        expectHeld(flow);
        runThread(flow.successor.writer());
      }),
      heir2: writerHeir('writer', 'heir'),
    },
    { ...TURNS, heirs: { writer: ['heir', 'heir2'] }, deaths: 2, stored: true, write: collecting },
  ),
];

export const all = [...flights, ...recalls, ...commits, ...collected];
