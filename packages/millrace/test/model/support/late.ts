/** Destinations that return promises, in a model: the body plays its event loop, and settles them in an order that is explored. */
import { load, store as put, viewI32, type Words } from '#atomics';
import { HEAD_WORD } from '../../../../../native-free-rings/dist/lane/lane-descriptor.js';
import { ackedCursor, drainedCursor } from '../../../dist/order/ticket-log-descriptor.js';
import type { Batch } from '../../../dist/writer/batch.js';
import { Nack, type NackOptions } from '../../../dist/writer/nack.js';
import { expect } from './attached.ts';
import { type DestinationParts, type Flow, itemOf, LANE_START, START } from './flow.ts';
import { append, type Body, COUNT, heirOf, ITEMS, itemsOf, type Writer } from './succession.ts';

/** Which promise is settled next, the oldest at first: a thread of its own stores it, whenever it comes to that. */
const ORDER = 84;
const REFUSED = 85;
export const order: Body = ({ store }) => {
  put(store, ORDER, 2);
  put(store, ORDER, 1);
};

interface Pending {
  readonly batch: Batch<unknown>;
  readonly items: readonly number[];
  resolve(): void;
  reject(error: Error): void;
}

/** Once, the batch of sequence `at` is refused, but for the first `item` items. */
export interface Refusal extends NackOptions {
  readonly at: number;
}

export interface LateParts extends DestinationParts {
  readonly pending: Pending[];
  /** What was taken, of a store: since the last commit. */
  take(items: readonly number[]): void;
  readonly refusal: Refusal | undefined;
  /** With so many batches in flight the event loop has a turn before the next one; else when the writer waits. */
  readonly turnAt?: number | undefined;
}

/** A batch is in the store when its promise resolves. Nothing is handed over while a batch is refused, but that. */
export const late =
  (options: Partial<DestinationParts>, refusal?: Refusal, turnAt?: number) =>
  (store: Words): LateParts => ({
    pending: [],
    refusal,
    turnAt,
    ...options,
    take: (items) => append(store, items),
    write: later(store),
  });

export const later = (store: Words) =>
  function write(this: unknown, batch: Batch<unknown>): Promise<void> {
    const { pending, maxInFlight = 1, refusal } = this as LateParts;
    expect(pending.length < maxInFlight, `${pending.length} batches are in flight`);
    const refused = load(store, REFUSED);
    expect(refused !== 1 || batch.sequence === refusal!.at, `${batch.sequence} comes while ${refusal?.at} is refused`);
    if (refused === 1) put(store, REFUSED, 2);
    const items = itemsOf(batch);
    return new Promise((resolve, reject) => pending.push({ batch, items, resolve, reject }));
  };

/** Settles the oldest promise, or another one. */
function settle(store: Words, late: LateParts): void {
  const { pending, refusal } = late;
  const [one] = pending.splice(load(store, ORDER) % pending.length, 1) as [Pending];
  if (refusal?.at !== one.batch.sequence || load(store, REFUSED) !== 0) {
    late.take(one.items);
    one.resolve();
    return;
  }
  const { at: _, ...options } = refusal;
  late.take(one.items.slice(0, options.item ?? 0));
  put(store, REFUSED, 1);
  one.reject(new Nack('once', options));
}

/** Continuations of promises that are settled. */
async function turn(): Promise<void> {
  for (let i = 0; i < 16; i++) await undefined;
}

/** A writer, with the event loop of its thread. */
export async function runLate(
  { cycle, parker, parts }: Writer,
  { store }: Flow,
  until: () => boolean = () => false,
): Promise<void> {
  const late = parts as LateParts;
  const { delivery } = cycle as unknown as { delivery: { parts: { wake(): void }; leaving: unknown } };
  // It is awake where its promises settle; and nobody stops it.
  delivery.parts.wake = () => {};
  delivery.leaving = { or: (promise: unknown) => promise };
  while (!cycle.done && !until()) {
    const work = cycle.doWork();
    if (typeof work === 'number') {
      if (work > 0 && late.pending.length !== late.turnAt) continue;
      if (late.pending.length === 0) parker.park(cycle);
      else settle(store, late);
      await turn();
      continue;
    }
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    work.then(over, over);
    for (await turn(); !isOver; await turn()) {
      expect(late.pending.length > 0, 'the writer waits for nothing that may come');
      settle(store, late);
    }
    await work;
  }
}

/** What is not in the store is not acknowledged, its ticket not drained, and its lane's memory not given back. */
export function expectHeld({ plan, store }: Flow): void {
  const has = new Set(Array.from({ length: load(store, COUNT) }, (_, i) => store[ITEMS + i]!));
  let low = 0;
  while (has.has(itemOf(START + low, 0))) low++;
  const acked = ackedCursor(plan.tickets).load() - START;
  const drained = drainedCursor(plan.tickets).load();
  expect(acked <= low, `${acked} are acknowledged, and item ${low} is not here`);
  expect(drained <= low, `${drained} tickets are drained, and item ${low} is not here`);
  for (const [i, lane] of plan.lanes.entries()) {
    const released = (load(viewI32(lane.buffer), HEAD_WORD) - LANE_START) | 0;
    const most = Math.ceil((low - i) / plan.lanes.length);
    expect(released <= Math.max(most, 0), `${released} records of lane ${i} are given back, item ${low} is not here`);
  }
}

export const lateWriter: Body = (flow) => runLate(flow.writer(), flow);
export const lateHeir = (...before: string[]): Body =>
  heirOf(before, (flow) => {
    expectHeld(flow);
    return runLate(flow.successor.writer(), flow);
  });
