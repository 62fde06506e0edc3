/** The writer module under fire. Which one it is stands in its URL: `?mode=idempotent&maxItems=7&credit&late`. */
import { type Batch, Nack, type Progress, type WriterContext, writer } from 'millrace';
import type { ItemKind } from '../items.ts';
import { Board } from './board.ts';
import { fire, type Shot } from './shots.ts';
import { Store } from './store.ts';

export interface WriterData {
  readonly kind: ItemKind;
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
const credit = url.has('credit');
/** Every so many batches, `write` or `commit` returns a promise. */
const late = url.has('late');

let store: Store;
let board: Board;
let data: WriterData;
let context: WriterContext;
let batches = 0;
/** Of what is written and not yet committed. */
let at = { sequence: 0, items: 0 };

function shoot(place: Shot['place']['in'], sequence: number): void {
  for (const shot of data.shots) {
    if (shot.place.in !== place || ('sequence' in shot.place && shot.place.sequence > sequence)) continue;
    if (shot.place.in === 'init' && (shot.place.who !== 'writer' || !board.hasBegun())) continue;
    if (!board.take(shot.id)) continue;
    if (shot.how === 'fault' || shot.how === 'again') {
      throw new Nack('chaos', { action: shot.how === 'again' ? 'recompute' : 'retry', delayMs: 1 });
    }
    if (shot.how === 'spin') Atomics.store(new Int32Array(data.spinning), data.spinningAt, shot.id + 1);
    void fire(shot, board);
  }
}

/** The store has it already, and says so: how many items of the batch are to be dropped. */
function known({ sequence, first, length }: Batch<unknown>): number {
  if (sequence < store.sequence) return length;
  const items = sequence === store.sequence ? store.items : 0;
  if (first > items)
    throw new RangeError(`sequence ${sequence} goes on with item ${first}, and the store has ${items} of it`);
  return Math.min(items - first, length);
}

function writeIdempotent(batch: Batch<unknown>): void {
  for (let i = known(batch); i < batch.length; i++) {
    store.append(batch.at(i));
    // In the middle of a batch too.
    if (i === batch.length >> 1) store.note(batch.sequence, batch.first + i + 1);
  }
  if (known(batch) < batch.length) store.note(batch.sequence, batch.first + batch.length);
}

/** Nothing may come twice, and nothing may be missing. */
function writeNext(batch: Batch<unknown>): void {
  const { sequence, first, length } = batch;
  const items = sequence === at.sequence ? at.items : 0;
  if (sequence < at.sequence || first !== items) {
    throw new RangeError(`got item ${first} of sequence ${sequence} behind item ${at.items} of ${at.sequence}`);
  }
  for (let i = 0; i < length; i++) store.append(batch.at(i));
  at = { sequence, items: first + length };
}

function take(batch: Batch<unknown>): void {
  if (commits) writeNext(batch);
  else writeIdempotent(batch);
  if (credit) context.ready(batch.length);
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
  demand: credit ? 'credit' : 'open',
  init(given) {
    context = given;
    data = given.data as WriterData;
    board = new Board(data.board);
    store = new Store(data.store, data.kind);
    at = { sequence: store.sequence, items: store.items };
    shoot('init', 0);
    if (credit) given.ready(1_000);
    return commits ? { ...at } : undefined;
  },
  write(batch) {
    if (++batches % 8 === 5 && late) {
      return later(() => {
        shoot('write', batch.sequence);
        take(batch);
      });
    }
    shoot('write', batch.sequence);
    take(batch);
    return undefined;
  },
  ...(commits ? { commit } : {}),
  close() {
    shoot('close', Number.POSITIVE_INFINITY);
  },
});
