import { joinThread, model, type Options } from '@millrace/interleave';
import { park } from 'native-free-rings';
import { load, store as put, type Words, wait } from '#atomics';
import { loadLaneRecords, openLane } from '../../../../../native-free-rings/dist/lane/lane-descriptor.js';
import { ackedCursor, drainedCursor } from '../../../dist/order/ticket-log-descriptor.js';
import type { Batch } from '../../../dist/writer/batch.js';
import type { Progress } from '../../../dist/writer/definition.js';
import { expect, expectSame } from './attached.ts';
import {
  type Flow,
  type FlowShape,
  itemOf,
  NOT_RECALLED,
  RECALLED,
  runThread,
  runThreadAsync,
  runToEnd,
  START,
  setupFlow,
  tell,
} from './flow.ts';

/**
 * Threads that die at any step, and those that take their places: the main thread starts them when it hears of the death, so
 * each begins by joining those before it. Checked in all of them: every item in order, and once where the destination can
 * tell (I1, I9), no event is read that may have been written over (a data race), the publish cursor (I8), whose word it is
 * (I7), and that nobody sleeps for ever (I6).
 */
export type Body = (flow: Flow) => unknown;
export type Processor = ReturnType<Flow['successor']['processor']>;
export type Writer = ReturnType<Flow['writer']>;

export const processor: Body = (flow) => runThread(flow.processors[0]!());
export const processor1: Body = (flow) => runThread(flow.processors[1]!());
export const writer: Body = (flow) => {
  const own = flow.writer();
  runThread(own);
  return [...own.received];
};
/** A thread that begins when all those before it have died. */
export const heirOf =
  (before: readonly string[], begin: Body): Body =>
  (flow) => {
    for (const thread of before) if (joinThread(thread) !== 'died') return undefined;
    return begin(flow);
  };
export const processorHeir = (...before: string[]): Body =>
  heirOf(before, (flow) => runThread(flow.successor.processor(0)));
export const writerHeir = (...before: string[]): Body => heirOf(before, (flow) => runThread(flow.successor.writer()));

/** A processor until it has computed everything below `end`. */
export const isAt = (own: Processor, end: number) => () =>
  (own.cycle as unknown as { readonly sequence: number }).sequence >= end;

/** The writer has delivered `items` items of the sequence at which it stands. */
const placeOf = ({ cycle }: Writer) => (cycle as unknown as { readonly acks: { readonly place: Progress } }).acks.place;
export const isDelivered = (own: Writer, items: number): boolean => placeOf(own).items >= items;
export const hasPassed = (own: Writer, sequence: number): boolean => placeOf(own).sequence > sequence;

/** All items of the sequences from START to `end`. */
function itemsTo(end: number, items: (sequence: number) => number = () => 1): number[] {
  const list: number[] = [];
  for (let s = START; s < end; s++) for (let i = 0; i < items(s); i++) list.push(itemOf(s, i));
  return list;
}

/** First five items, then one for each sequence. */
export const fiveThenOne = (sequence: number): number => (sequence === START ? 5 : 1);

/** Reads a destination ring to its end. */
export const reader: Body = (flow) => {
  const own = flow.reader!();
  const seen: number[] = [];
  for (let next = 0; ; own.release(++next)) {
    own.waitFor(next, park());
    if (own.isClosedAt(next)) return seen;
    seen.push(own.memory.i32[own.records.offsetOf(next) >> 2]!);
  }
};

/** A store of the user's: how many items it has, then the items. It outlives its writer. */
export const COUNT = 0;
export const ITEMS = 1;

/** What the store has: items in order, and before each one maybe some that it had already. */
function expectStored(store: Words, wanted: readonly number[]): void {
  let next = 0;
  for (let i = 0; i < store[COUNT]!; i++) {
    const item = store[ITEMS + i]!;
    if (item === wanted[next]) next++;
    else expect(wanted.indexOf(item) >= 0 && wanted.indexOf(item) < next, `item ${item} after ${next} of ${wanted}`);
  }
  expect(next === wanted.length, `${next} of ${wanted.length} items`);
}

/** The same in any order. */
function expectAll(store: Words, wanted: readonly number[], isOnce: boolean): void {
  const items = [...store.slice(ITEMS, ITEMS + store[COUNT]!)];
  expectSame('items', isOnce ? items.sort() : [...new Set(items)].sort(), [...wanted].sort());
}

/** The items of a batch, each compared with what its run says that it is. */
export function itemsOf(batch: Batch<unknown>): number[] {
  const items: number[] = [];
  for (let run = 0; run < batch.runs; run++) {
    const [sequence, first] = [batch.runSequence(run), batch.runFirst(run)];
    for (let i = batch.runBegin(run); i < batch.runEnd(run); i++) {
      const item = batch.at(i) as number;
      expect(
        item === itemOf(sequence, first + i - batch.runBegin(run)),
        `item ${item} in the run of ${sequence} from ${first} on`,
      );
      items.push(item);
    }
  }
  expectSame('items', batch.toArray(), items);
  return items;
}

/** Puts items into the store, one by one. */
export function append(store: Words, items: readonly number[]): void {
  for (const item of items) {
    const count = load(store, COUNT);
    store[ITEMS + count] = item;
    put(store, COUNT, count + 1);
  }
}

/** One thread at a time: no bound is needed. */
export const ALONE: Options = { preemptions: undefined };

interface Case extends FlowShape {
  readonly end: number;
  /** By name of a thread: which threads play its part after it. */
  readonly heirs: Readonly<Record<string, readonly string[]>>;
  /** Deaths of one execution at most, of threads that have heirs. */
  readonly deaths?: number;
  /** What the processors do before the threads begin. */
  readonly computed?: boolean;
  /** The items are in the store, in order, and may be there more than once; `any`: in any order; `each`: so, and once. */
  readonly stored?: boolean | 'any' | 'each';
  /** The items are in the store, once. */
  readonly once?: boolean;
  /** In the end every lane is empty, and, where the writer lives, so many tickets are drained. */
  readonly drained?: number;
  readonly host?: string;
  /** Where no thread is the writer: it delivers everything in the end. Default true. */
  readonly playsWriter?: boolean;
  readonly options?: Options;
  readonly long?: Options;
  readonly longOnly?: boolean;
}

export function succession(name: string, threads: Record<string, Body>, shape: Case) {
  const {
    end,
    heirs,
    deaths = 1,
    computed,
    stored,
    once,
    drained,
    host = 'main',
    playsWriter = true,
    options,
    long,
    longOnly,
  } = shape;
  const succeeded = Object.entries(heirs).flatMap(([first, rest]) => [first, ...rest.slice(0, -1)]);
  const mortal = succeeded.filter((name) => name in threads);
  return model<Flow>({
    name: `succession: ${name}`,
    setup() {
      return setupFlow(shape, { threads: Object.keys(threads), host, heirs }, computed);
    },
    threads,
    after(flow, { results }) {
      const { plan, store } = flow;
      const wanted = itemsTo(end, shape.items);
      let { writer: written, reader: read } = results;
      if (playsWriter && !('writer' in threads)) {
        const own = flow.writer();
        runToEnd(own);
        written = own.received;
      }
      if (shape.destination !== undefined && !('reader' in threads)) read = reader(flow);
      if (once) expectSame('items', [...store].slice(ITEMS, ITEMS + store[COUNT]!), wanted);
      else if (typeof stored === 'string') expectAll(store, wanted, stored === 'each');
      else if (stored) expectStored(store, wanted);
      else if (shape.destination !== undefined) expectSame('items', read as number[], wanted);
      else if (written !== undefined) expectSame('items', written as number[], wanted);
      const acked = ackedCursor(plan.tickets).peek();
      expect(acked === end, `acknowledged up to ${acked}, the source ends at ${end}`);
      if (drained === undefined) return;
      // A successor that finds everything delivered ends at once.
      if (written !== undefined) expectSame('tickets', [drainedCursor(plan.tickets).peek()], [drained]);
      expectSame(
        'records in lanes',
        plan.lanes.map((lane) => loadLaneRecords(openLane(lane))),
        plan.lanes.map(() => 0),
      );
    },
    options: { preemptions: 2, deaths: { atMost: mortal.length === 0 ? 0 : deaths, threads: mortal }, ...options },
    long: { ...(options === ALONE ? ALONE : { preemptions: 3 }), ...long },
    longOnly,
  });
}

/** Whoever plays a processor that may be recalled waits to hear whether it is. */
export function isRecalled({ recalls }: Flow): boolean {
  for (;;) {
    const told = load(recalls, 0);
    if (told !== 0) return told === RECALLED;
    wait(recalls, 0, 0);
  }
}
export const writerThatRecalls = async (flow: Flow, own: Writer): Promise<void> => {
  await runThreadAsync(own);
  tell(flow.recalls, NOT_RECALLED);
};
