import { expect } from 'vitest';
import type { Batch } from '../../src/writer/batch.ts';
import type { Progress } from '../../src/writer/definition.ts';
import { Nack, type NackOptions } from '../../src/writer/nack.ts';
import { type ItemPlace, placesOf } from './batch-check.ts';
import type { HandStore } from './hand-flow.ts';

/** How a destination behaves; probabilities are from 0 to 1. */
export interface LateOptions {
  readonly options: Partial<HandStore>;
  /** A batch is answered at once; the promise of another one is settled later, in any order. */
  readonly atOnce: number;
  /** A batch is refused, in so many cases with the index of an item; how. */
  readonly refuses: number;
  readonly atItem: number;
  readonly actions: readonly NonNullable<NackOptions['action']>[];
  /** It commits; and it says where it stands when it is opened, or keeps that for itself. */
  readonly commits?: 'known' | 'unknown' | undefined;
  /** Of a writer with credit: so many items more at a time. */
  readonly grants?: number;
}

/** What a place of the order that is not with the destination can be. */
interface Pending {
  readonly batch: Batch<unknown>;
  readonly begin: number;
  readonly count: number;
  settle(isRefused: boolean): void;
}

/**
 * A destination beyond the writer's thread, with all that a writer has to promise it: items come in order when they come
 * first; none twice but after a death; none while one is refused, but that; no more batches in flight than there may be, no more
 * items than were granted; a commit says of all that it holds, and of nothing else. Items are numbers of the order of `all`.
 */
export class LateWriter {
  /** By item: how often it came to be here; how often it was given up. */
  readonly has: number[];
  deaths = 0;
  refusals = 0;
  /** Batches in flight at a time, at most, and those that were settled before one that was handed over earlier. */
  most = 0;
  overtakings = 0;
  commits = 0;
  private readonly all: readonly ItemPlace[];
  private readonly numbers = new Map<string, number>();
  private readonly itemOf: (place: ItemPlace) => unknown;
  private readonly random: () => number;
  private readonly how: LateOptions;
  private readonly isGone: (item: number) => boolean;
  /** What comes next for the first time. */
  private next = 0;
  /** Of this thread: what it took (of a store: since the last commit), and everything that it took; what waits; what was refused. */
  private written: number[] = [];
  private took = new Set<number>();
  private pending: Pending[] = [];
  private refused = new Set<number>();
  private committing: (() => void) | undefined;
  private credit = 0;
  private ready: (n: number) => void = () => {};
  private stands: Progress;
  /** Everything below is here, or given up. */
  private low = 0;

  constructor(
    all: readonly ItemPlace[],
    itemOf: (place: ItemPlace) => unknown,
    startAt: number,
    how: LateOptions,
    isGone: (place: ItemPlace) => boolean,
    random: () => number,
  ) {
    this.all = all;
    this.itemOf = itemOf;
    this.how = how;
    this.random = random;
    this.has = all.map(() => 0);
    this.stands = { sequence: startAt, items: 0 };
    this.isGone = (item) => isGone(all[item]!);
    for (const [i, place] of all.entries()) this.numbers.set(String(place), i);
  }

  /** A writer thread begins. */
  readonly open = (): HandStore => {
    const { options, commits, grants } = this.how;
    return {
      ...options,
      ...(commits === 'known' ? { stands: this.stands } : {}),
      ...(commits === undefined ? {} : { commit: (progress: Progress) => this.commit(progress) }),
      ...(grants === undefined ? {} : { demand: 'credit' }),
      opened: (ready) => {
        this.ready = ready;
      },
      write: (batch) => this.write(batch),
    };
  };

  /** A thread dies. What it waited for may have come to be here, or a part of it, and what it had not committed is lost. */
  die(): void {
    this.deaths++;
    for (const { begin, count } of this.pending)
      if (this.how.commits === undefined) this.keep(begin, this.upTo(count + 1));
    this.pending = [];
    this.written = [];
    this.took.clear();
    this.refused.clear();
    this.credit = 0;
    this.committing = undefined;
  }

  /** Settles a promise, or grants items. False where there is nothing of that to do. */
  turn(): boolean {
    const { committing, pending, how } = this;
    const can: (() => void)[] = [];
    if (committing !== undefined) {
      can.push(() => {
        this.committing = undefined;
        committing();
      });
    }
    const { grants = 0 } = how;
    if (grants > 0 && this.credit < (how.options.readyAt ?? 1)) can.push(() => this.grant(1 + this.upTo(grants)));
    if (pending.length > 0) can.push(() => this.settle(this.random() < 0.3 ? 0 : this.upTo(pending.length)));
    can[this.upTo(can.length)]?.();
    return can.length > 0;
  }

  private grant(n: number): void {
    this.credit += n;
    this.ready(n);
  }

  private settle(at: number): void {
    if (at > 0) this.overtakings++;
    const [one] = this.pending.splice(at, 1);
    one!.settle(this.random() < this.how.refuses);
  }

  /** Nothing that is not here is published. */
  check(published: number): void {
    while (this.low < this.all.length && (this.has[this.low]! > 0 || this.isGone(this.low))) this.low++;
    if (this.low === this.all.length) return;
    const [sequence] = this.all[this.low]!;
    if (published > sequence) throw new Error(`${published} is published, and an item of ${sequence} is not here`);
  }

  /** Everything is here, and once where no writer died. */
  checkEnd(): void {
    for (const [i, has] of this.has.entries()) {
      const gone = this.isGone(i) ? 1 : 0;
      // What was given up before a death may come again, and be taken then.
      const isRight =
        this.deaths === 0 ? has + gone === 1 : has + gone >= 1 && (this.how.commits !== 'known' || has <= 1);
      if (!isRight) throw new Error(`item ${i} (${this.all[i]}) is here ${has} times, and given up ${gone} times`);
    }
  }

  private write(batch: Batch<unknown>): void | Promise<void> {
    const { how } = this;
    const begin = this.expectNext(batch);
    const { length: count } = batch;
    this.credit -= count;
    if (this.random() < how.atOnce) {
      if (this.random() < how.refuses) throw this.refuse(begin, count);
      this.take(begin, count);
      return;
    }
    return new Promise((resolve, reject) => {
      this.pending.push({
        batch,
        begin,
        count,
        settle: (isRefused) => {
          // The lane's memory is the batch's still.
          this.expectItems(batch, begin);
          if (isRefused) return reject(this.refuse(begin, count));
          this.take(begin, count);
          resolve();
        },
      });
      this.most = Math.max(this.most, this.pending.length);
    });
  }

  /** The batch is one that may come now. Returns its first item. */
  private expectNext(batch: Batch<unknown>): number {
    const { maxItems = Number.POSITIVE_INFINITY, maxInFlight = 1, readyAt = 1 } = this.how.options;
    const begin = this.numbers.get(String([batch.sequence, batch.first]))!;
    const what = `items ${begin} to ${begin + batch.length}`;
    expect(begin, `a batch begins at ${batch.sequence}, ${batch.first}`).toBeDefined();
    this.expectItems(batch, begin);
    if (this.pending.length >= maxInFlight) throw new Error(`${what}: ${this.pending.length} are in flight`);
    if (this.committing !== undefined) throw new Error(`${what} are written in a commit`);
    if (batch.length > maxItems) throw new Error(`${what}: not more than ${maxItems}`);
    if (begin > this.next) throw new Error(`${what} come before ${this.next}`);
    // It may have been given up in the time of a thread that died.
    const isAgain = this.refused.has(begin);
    for (const item of this.refused) if (this.isGone(item)) this.refused.delete(item);
    if (this.refused.size > 0 && !isAgain) throw new Error(`${what} come while ${[...this.refused]} are refused`);
    const isNew = begin === this.next;
    if (this.how.grants !== undefined && batch.length > this.credit)
      throw new Error(`${what}: ${this.credit} are granted`);
    if (this.how.grants !== undefined && isNew && this.credit < readyAt)
      throw new Error(`${what}: ${this.credit} are granted, wanted are ${readyAt}`);
    for (let i = begin; i < begin + batch.length; i++) {
      const isPending = this.pending.some((one) => i >= one.begin && i < one.begin + one.count);
      if (this.took.has(i) || isPending) throw new Error(`${what}: ${i} is ${isPending ? 'in flight' : 'here'}`);
      this.refused.delete(i);
    }
    this.next = Math.max(this.next, begin + batch.length);
    return begin;
  }

  private expectItems(batch: Batch<unknown>, begin: number): void {
    const places = this.all.slice(begin, begin + batch.length);
    const is = { places: placesOf(batch), items: batch.toArray() };
    const wanted = { places, items: places.map(this.itemOf) };
    if (JSON.stringify(is) !== JSON.stringify(wanted))
      throw new Error(`a batch is ${JSON.stringify(is)}, and should be ${JSON.stringify(wanted)}`);
    expect(places.map((_, i) => batch.sequenceAt(i))).toEqual(places.map(([sequence]) => sequence));
    expect(batch.segments.reduce((sum, { begin: from, end }) => sum + end - from, 0)).toBe(batch.length);
    const following = this.all[begin + batch.length];
    if (batch.runEnds(batch.runs - 1)) expect(following?.[0]).not.toBe(places.at(-1)![0]);
  }

  /** A part of the batch may be taken. */
  private refuse(begin: number, count: number): Nack {
    const { how } = this;
    this.refusals++;
    const item = this.random() < how.atItem ? this.upTo(count) : undefined;
    const action = how.actions[this.upTo(how.actions.length)]!;
    const taken = item ?? 0;
    this.credit += count - taken;
    this.take(begin, taken);
    for (let i = begin + taken; i < begin + count; i++) this.refused.add(i);
    return new Nack('not now', { action, ...(item === undefined ? {} : { item }) });
  }

  private take(begin: number, count: number): void {
    for (let i = begin; i < begin + count; i++) {
      this.took.add(i);
      if (this.how.commits !== undefined) this.written.push(i);
    }
    if (this.how.commits === undefined) this.keep(begin, count);
  }

  private keep(begin: number, count: number): void {
    for (let i = begin; i < begin + count; i++) this.has[i]!++;
  }

  private commit({ sequence, items }: Progress): void | Promise<void> {
    this.commits++;
    // All below, and nothing else, is here then.
    const isBelow = ([of, index]: ItemPlace): boolean => of < sequence || (of === sequence && index < items);
    const written = new Set(this.written);
    for (const [i, place] of this.all.entries()) {
      const isHere = this.has[i]! > 0 || this.isGone(i) || written.has(i);
      if (isBelow(place) !== isHere && (isBelow(place) || written.has(i)))
        throw new Error(`a commit of ${sequence}, ${items} with item ${i} (${place}) ${isHere ? 'in it' : 'missing'}`);
    }
    const save = (): void => {
      for (const i of this.written.splice(0)) this.keep(i, 1);
      this.stands = { sequence, items };
    };
    if (this.random() < this.how.atOnce) return save();
    return new Promise((resolve) => {
      this.committing = () => {
        save();
        resolve();
      };
    });
  }

  private upTo(n: number): number {
    return Math.floor(this.random() * n);
  }
}
