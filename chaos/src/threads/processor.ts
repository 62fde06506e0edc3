/**
 * The processor under fire. How it is written stands in its URL, so that one file is all of them:
 * `?items=i32&events=bare&style=plain&ways&checked`.
 */
import { type Output, processor, safeInt, struct, u32, value } from 'millrace';
import { ITEMS, type ItemKind } from '../items.ts';
import { Random } from '../random.ts';
import { compute, eventOf, itemsOf, type Work } from '../work.ts';
import { Board } from './board.ts';
import { Pen } from './pen.ts';
import { fire, type Shot } from './shots.ts';

export interface ProcessorData {
  readonly work: Work;
  readonly shots: readonly Shot[];
  readonly board: SharedArrayBuffer;
  /** Word by processor: the shot that it spins for, and one. */
  readonly spinning: SharedArrayBuffer;
}

export const EVENTS = {
  struct: struct({ event: u32, sequence: safeInt }),
  value: value<{ event: number; sequence: number; pad: string }>(),
} as const;

const url = new URL(import.meta.url).searchParams;
const kind = (url.get('items') ?? 'i32') as ItemKind;
const { codec, make } = ITEMS[kind];
const events = (url.get('events') ?? 'bare') as 'bare' | keyof typeof EVENTS;
const style = url.get('style') ?? 'plain';
const picky = url.has('picky');
const hasWays = url.has('ways');
const checked = url.has('checked');

let pen: Pen;
let work: Work;
let board: Board;
let thread = 0;
let spinning: Int32Array;
const shotsBySequence = new Map<number, Shot[]>();

interface Told {
  readonly event: number;
  readonly sequence: number;
}

/** What the event says has to be what its sequence stands for: another event's items are told from these. */
function numberOf(event: unknown, sequence: number): number {
  if (events === 'bare') return eventOf(work, event as number);
  const told = event as Told;
  if (told.sequence !== sequence) throw new RangeError(`sequence ${sequence} holds the event of ${told.sequence}`);
  return told.event;
}

function shoot(shots: readonly Shot[], index: number, count: number): Promise<void> | undefined {
  for (const shot of shots) {
    if (shot.place.in !== 'process' || Math.min(shot.place.item, count) !== index || !board.take(shot.id)) continue;
    if (shot.how === 'spin') Atomics.store(spinning, thread, shot.id + 1);
    const forever = fire(shot, board);
    if (forever !== undefined) return forever;
  }
  return undefined;
}

/** Yields the index of each item before it is written. */
function* write(output: Output<unknown>, sequence: number, computed: number, count: number): Generator<number, void> {
  if (hasWays) return yield* pen.write(output, { sequence, computed, count });
  for (let index = 0; index < count; index++) {
    yield index;
    output.emit(make(sequence, computed, index));
  }
}

function plain(told: unknown, output: Output<unknown>): Promise<void> | undefined {
  const { sequence } = output;
  const event = numberOf(told, sequence);
  const shots = shotsBySequence.get(sequence);
  const count = itemsOf(work, event);
  const computed = compute(work, event);
  for (const index of write(output, sequence, computed, count)) {
    const forever = shots === undefined ? undefined : shoot(shots, index, count);
    if (forever !== undefined) return forever;
  }
  return shots === undefined ? undefined : shoot(shots, count, count);
}

function* generated(told: unknown, output: Output<unknown>): Generator<unknown> {
  const { sequence } = output;
  const event = numberOf(told, sequence);
  const shots = shotsBySequence.get(sequence) ?? [];
  const count = itemsOf(work, event);
  const computed = compute(work, event);
  for (let index = 0; index < count; index++) {
    void shoot(shots, index, count);
    yield make(sequence, computed, index);
  }
  void shoot(shots, count, count);
}

async function asynchronous(told: unknown, output: Output<unknown>): Promise<void> {
  const { sequence } = output;
  const event = numberOf(told, sequence);
  const shots = shotsBySequence.get(sequence) ?? [];
  const count = itemsOf(work, event);
  const computed = compute(work, event);
  for (const index of write(output, sequence, computed, count)) {
    if (index % 1_000 === 1) await new Promise((resolve) => setImmediate(resolve));
    await shoot(shots, index, count);
  }
  await shoot(shots, count, count);
}

/** Most events are answered at once, and some later. */
const mixed = (told: unknown, output: Output<unknown>): Promise<void> | undefined =>
  output.sequence % 16 === 3 ? asynchronous(told, output) : plain(told, output);

const STYLES: Readonly<Record<string, typeof plain | typeof generated>> = { plain, generated, mixed };

export default processor<unknown, unknown>({
  input: events === 'bare' ? undefined : (EVENTS[events] as never),
  output: codec as never,
  checked,
  init({ data, thread: index }) {
    const { shots, ...given } = data as ProcessorData;
    work = given.work;
    board = new Board(given.board);
    spinning = new Int32Array(given.spinning);
    thread = index;
    pen = new Pen(kind, new Random(work.seed, thread));
    shotsBySequence.clear();
    for (const shot of shots) {
      const { place } = shot;
      if (place.in === 'process')
        shotsBySequence.set(place.sequence, [...(shotsBySequence.get(place.sequence) ?? []), shot]);
      if (place.in !== 'init' || place.who !== 'processor' || !board.hasBegun() || !board.take(shot.id)) continue;
      if (shot.how === 'spin') Atomics.store(spinning, thread, shot.id + 1);
      void fire(shot, board);
    }
  },
  ...(picky ? { interested: (event: unknown, sequence: number) => itemsOf(work, numberOf(event, sequence)) > 0 } : {}),
  process: STYLES[style] as never,
});
