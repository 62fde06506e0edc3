/** The writer module under fire. Which one it is stands in its URL: `?mode=idempotent&maxItems=7&sequence&credit&late`. */
import { type Batch, Nack, type Progress, type WriterContext, writer } from 'millrace';
import type { ItemKind } from '../items.ts';
import { mix } from '../random.ts';
import { eventOf, itemsOf, type Work } from '../work.ts';
import { BatchCheck } from './batch-check.ts';
import { Board } from './board.ts';
import { fire, type Shot } from './shots.ts';
import { Store } from './store.ts';

export interface WriterData {
  readonly kind: ItemKind;
  readonly work: Work;
  readonly store: SharedArrayBuffer;
  readonly board: SharedArrayBuffer;
  readonly shots: readonly Shot[];
  /** The writer's word: the shot that it spins for, and one. */
  readonly spinning: SharedArrayBuffer;
  readonly spinningAt: number;
}

const url = new URL(import.meta.url).searchParams;
/** It notes its place by itself with each batch and drops what it has, or at each `commit`, and is asked where it stands. */
const commits = url.get('mode') === 'committing';
const maxItems = url.has('maxItems') ? Number(url.get('maxItems')) : undefined;
const isBySequence = url.has('sequence');
const credit = url.has('credit');
/** Every so many batches, `write` or `commit` returns a promise. */
const late = url.has('late');

let store: Store;
let board: Board;
let data: WriterData;
let context: WriterContext;
let check: BatchCheck;
let batches = 0;
/** Of what is written and not yet committed. */
let at = { sequence: 0, items: 0 };

/** `refuse`: throws the Nack that the shot is. */
function shoot(place: Shot['place']['in'], sequence: number, refuse?: (shot: Shot) => void): void {
  for (const shot of data.shots) {
    if (shot.place.in !== place || ('sequence' in shot.place && shot.place.sequence > sequence)) continue;
    if (shot.place.in === 'init' && (shot.place.who !== 'writer' || !board.hasBegun())) continue;
    if (!board.take(shot.id)) continue;
    if (shot.how === 'fault' || shot.how === 'again') refuse?.(shot);
    if (shot.how === 'spin') Atomics.store(new Int32Array(data.spinning), data.spinningAt, shot.id + 1);
    void fire(shot, board);
  }
}

/** A part of a batch that is of one sequence. */
interface Run {
  readonly sequence: number;
  readonly first: number;
  readonly begin: number;
  readonly end: number;
}

/** The runs of the batch's first `count` items. */
function* runsOf(batch: Batch<unknown>, count: number): Generator<Run> {
  for (let run = 0; run < batch.runs && batch.runBegin(run) < count; run++) {
    const begin = batch.runBegin(run);
    const end = Math.min(batch.runEnd(run), count);
    yield { sequence: batch.runSequence(run), first: batch.runFirst(run), begin, end };
  }
}

/** Nothing is missing between `from` and the run: it goes on there, or the sequences from there on have no more items. */
function expectNext({ sequence, first }: Run, from: Progress): void {
  let { items } = from;
  for (let before = from.sequence; before < sequence; before++) {
    const all = itemsOf(data.work, eventOf(data.work, before));
    if (items !== all)
      throw new RangeError(`sequence ${sequence} follows, and of ${before} there are ${items} items of ${all}`);
    items = 0;
  }
  if (first > items)
    throw new RangeError(`sequence ${sequence} goes on with item ${first}, and there are ${items} of it`);
}

/** The store has it already, and says so: how many items of the run are to be dropped. */
function known(run: Run): number {
  const { sequence, first, begin, end } = run;
  if (sequence < store.sequence) return end - begin;
  expectNext(run, store);
  const items = sequence === store.sequence ? store.items : 0;
  return Math.min(items - first, end - begin);
}

function writeIdempotent(batch: Batch<unknown>, count: number): void {
  for (const run of runsOf(batch, count)) {
    const { sequence, first, begin, end } = run;
    const from = begin + known(run);
    for (let i = from; i < end; i++) {
      store.append(batch.at(i));
      // In the middle of a run too.
      if (i === (begin + end) >> 1) store.note(sequence, first + i + 1 - begin);
    }
    if (from < end) store.note(sequence, first + end - begin);
  }
}

/** Nothing may come twice, and nothing may be missing. */
function writeNext(batch: Batch<unknown>, count: number): void {
  for (const run of runsOf(batch, count)) {
    const { sequence, first, begin, end } = run;
    expectNext(run, at);
    const items = sequence === at.sequence ? at.items : 0;
    if (sequence < at.sequence || first !== items) {
      throw new RangeError(`got item ${first} of sequence ${sequence} behind item ${at.items} of ${at.sequence}`);
    }
    for (let i = begin; i < end; i++) store.append(batch.at(i));
    at = { sequence, items: first + end - begin };
  }
}

/** Takes the batch's first `count` items. */
function take(batch: Batch<unknown>, count: number): void {
  if (commits) writeNext(batch, count);
  else writeIdempotent(batch, count);
  if (credit) context.ready(count);
}

function write(batch: Batch<unknown>): void {
  check.check(batch);
  shoot('write', batch.runSequence(batch.runs - 1), ({ id, how }) => {
    const action = how === 'again' ? 'recompute' : 'retry';
    // Without `item`, nothing of it was taken.
    const item = id % 4 === 0 ? undefined : mix(id, batches) % batch.length;
    take(batch, item ?? 0);
    throw new Nack('chaos', { action, delayMs: 1, ...(item === undefined ? {} : { item }) });
  });
  take(batch, batch.length);
}

const later = (then: () => void): Promise<void> => new Promise<void>((resolve) => setImmediate(resolve)).then(then);

function commit(progress: Progress): void | Promise<void> {
  const { sequence } = progress;
  const now = (): void => {
    shoot('commit', sequence);
    const items = progress.items;
    store.note(sequence, items);
    at = { sequence, items };
  };
  return late && sequence % 8 === 1 ? later(now) : now();
}

export default writer<unknown>({
  maxItems,
  batches: isBySequence ? 'sequence' : 'block',
  demand: credit ? 'credit' : 'open',
  init(given) {
    context = given;
    data = given.data as WriterData;
    board = new Board(data.board);
    store = new Store(data.store, data.kind);
    at = { sequence: store.sequence, items: store.items };
    const mostItems = maxItems ?? Number.POSITIVE_INFINITY;
    check = new BatchCheck({ kind: data.kind, work: data.work, mostItems, isBySequence }, data.work.seed);
    shoot('init', 0);
    if (credit) given.ready(1_000);
    return commits ? { ...at } : undefined;
  },
  write(batch) {
    if (++batches % 8 === 5 && late) return later(() => write(batch));
    write(batch);
    return undefined;
  },
  ...(commits ? { commit } : {}),
  close() {
    shoot('close', Number.POSITIVE_INFINITY);
  },
});
