/**
 * A destination that takes batches in any order, on whatever thread: its promises settle late and out of order, and it refuses some.
 * It holds its writer to what DATA-PATH promises: items in order of their first hand-over, and again only what was refused, or
 * what a thread that died had not acknowledged.
 */
import { type Batch, Nack, type Progress } from 'millrace';
import { ITEMS, type ItemKind } from '../items.ts';
import { Random } from '../random.ts';
import { Transcript } from '../transcript.ts';
import { compute, eventOf, itemsOf, type Work } from '../work.ts';
import { BatchCheck } from './batch-check.ts';
import type { Ledger } from './ledger.ts';

export interface Flights {
  readonly maxInFlight: number;
  readonly lingerMs: number | undefined;
  readonly maxItems: number | undefined;
  readonly bySequence: boolean;
  readonly credit: boolean;
  readonly readyAt: number;
  readonly commits: boolean;
  /** How many of the answers are promises, from 0 to 1, and after how many milliseconds at most they settle. */
  readonly late: number;
  readonly latestMs: number;
  /** One of so many batches is refused; 0: none. */
  readonly refuses: number;
  /** Its options are given to `.write`, and not said by the module. */
  readonly given: boolean;
}

export interface FlightData extends Flights {
  readonly kind: ItemKind;
  readonly work: Work;
  readonly startAt: number;
  readonly events: number;
}

export interface FlightHooks {
  ready(items: number): void;
  /** Where that can be asked. */
  published?(): number;
  /** Before a batch is taken up, and before its promise settles: may end the thread, or throw. */
  shoot?(sequence: number, refuse?: (action: 'retry' | 'recompute') => void): void;
  shootCommit?(sequence: number): void;
}

/** Items from `begin` up to `end`. */
interface Range {
  readonly begin: number;
  readonly end: number;
}

export const FLIGHT_CREDIT = 1_000;

/** Of an item, in the life of one thread. */
const NEW = 0;
const OUT = 1;
const REFUSED = 2;

export class FlightWriter {
  private readonly data: FlightData;
  private readonly ledger: Ledger;
  private readonly hooks: FlightHooks;
  private readonly random: Random;
  private readonly check: BatchCheck;
  private readonly begins: Float64Array;
  private readonly states: Uint8Array;
  private readonly got: Transcript;
  private readonly wanted: Transcript;
  private readonly pending = new Set<Range>();
  private refused: Range[] = [];
  /** What writes down that a batch is refused, by the error with which its promise is being rejected. */
  private readonly unheard = new Map<unknown, () => void>();
  /** What comes first of all that was not handed over; undefined before the first batch. */
  private next: number | undefined;
  private credit = FLIGHT_CREDIT;
  private isCommitting = false;
  /** A recall starts a thread, which takes long. */
  private recalls = 5;
  /** Something that is refused is being computed again, so batches end elsewhere. */
  private isRecomputing = false;

  constructor(data: FlightData, ledger: Ledger, hooks: FlightHooks, seed: number) {
    const { kind, work, startAt, events, maxItems, bySequence } = data;
    this.data = data;
    this.ledger = ledger;
    this.hooks = hooks;
    this.random = new Random(seed, 77);
    const mostItems = maxItems ?? Number.POSITIVE_INFINITY;
    this.check = new BatchCheck({ kind, work, mostItems, isBySequence: bySequence }, seed);
    this.begins = new Float64Array(events + 1);
    for (let i = 0; i < events; i++) this.begins[i + 1] = this.begins[i]! + itemsOf(work, eventOf(work, startAt + i));
    this.states = new Uint8Array(this.begins[events]!);
    this.got = new Transcript(kind);
    this.wanted = new Transcript(kind);
  }

  /** Where the ledger stands, for `init`. */
  stands(): Progress {
    const { begins, ledger } = this;
    let at = 0;
    // As far as it may be: sequences without items are no news to a ledger.
    while (ledger.hasCommits && at + 1 < begins.length && begins[at + 1]! <= ledger.committed) at++;
    return { sequence: this.data.startAt + at, items: ledger.committed - begins[at]! };
  }

  write(batch: Batch<unknown>): void | Promise<void> {
    const range = this.rangeOf(batch);
    this.handOver(range, batch);
    this.check.check(batch);
    const seen = this.look(batch);
    this.hooks.shoot?.(batch.runSequence(batch.runs - 1), (action) => this.refuse(range, action));
    if (!this.random.chance(this.data.late)) return this.settle(range);
    const answer = this.later(batch, range, seen);
    // The flow hears of a refusal by the promise; this is called just before it is.
    answer.catch((error: unknown) => this.unheard.get(error)?.());
    return answer;
  }

  commit(progress: Progress): void | Promise<void> {
    const { ledger, data, begins } = this;
    const end = begins[progress.sequence - data.startAt]! + progress.items;
    expect(this.pending.size === 0, () => `a commit up to ${end} with ${this.pending.size} batches in flight`);
    const lowest = ledger.lowest(ledger.committed);
    expect(lowest >= end && !ledger.hasFrom(end), () => `a commit up to ${end}, and item ${lowest} is not there`);
    expect(end >= ledger.committed, () => `a commit up to ${end} behind one up to ${ledger.committed}`);
    if (!this.random.chance(data.late)) return this.committed(progress.sequence, end);
    this.isCommitting = true;
    return this.pause().then(() => {
      this.isCommitting = false;
      this.committed(progress.sequence, end);
    });
  }

  private committed(sequence: number, end: number): void {
    this.hooks.shootCommit?.(sequence);
    this.ledger.commit(end);
  }

  private rangeOf(batch: Batch<unknown>): Range {
    const { begins, data } = this;
    const indexOf = (run: number): number => begins[batch.runSequence(run) - data.startAt]! + batch.runFirst(run);
    const begin = indexOf(0);
    for (let run = 0; run < batch.runs; run++) {
      const at = indexOf(run) - begin;
      expect(at === batch.runBegin(run), () => `run ${run} begins at ${batch.runBegin(run)}, in place of ${at}`);
    }
    return { begin, end: begin + batch.length };
  }

  /** It is what comes next, or what was refused; and nothing else while something is refused. */
  private handOver({ begin, end }: Range, { segments, length }: Batch<unknown>): void {
    const { data, ledger, states, refused } = this;
    const { maxInFlight, lingerMs, credit, readyAt } = data;
    const text = (): string =>
      `items ${begin} to ${end} come, next is ${this.next}; refused: ${JSON.stringify(refused)}; pending: ${JSON.stringify([...this.pending])}`;
    expect(!this.isCommitting, () => `a write during a commit: ${text()}`);
    expect(lingerMs !== undefined || segments.length === 1, () => `${segments.length} segments`);
    expect(this.pending.size < maxInFlight, () => `more than ${maxInFlight} in flight: ${text()}`);
    if (this.next === undefined) {
      const lowest = data.commits ? ledger.committed : ledger.lowest();
      expect(data.commits ? begin === lowest : begin <= lowest, () => `${text()}; missing from ${lowest} on`);
      this.next = begin;
    }
    const again = refused.find((range) => range.begin === begin);
    if (refused.length === 0) expect(begin === this.next, text);
    else expect(again !== undefined || (this.isRecomputing && begin === refused[0]!.begin), text);
    if (again !== undefined && !this.isRecomputing)
      expect(end === again.end, () => `other than was refused: ${text()}`);
    for (let i = begin; i < end; i++)
      expect(states[i] === REFUSED || (states[i] === NEW && i >= this.next!), () => `item ${i} comes again: ${text()}`);
    if (credit) {
      expect(length <= this.credit, () => `${length} items, and ${this.credit} granted`);
      if (again === undefined && !this.isRecomputing)
        expect(this.credit >= readyAt, () => `${this.credit} granted of ${readyAt}`);
      this.credit -= length;
    }
    states.fill(OUT, begin, end);
    this.next = Math.max(this.next, end);
    this.refused = refused.flatMap((range) => {
      if (range.begin >= end || range.end <= begin) return [range];
      return range.end > end ? [{ ...range, begin: end }] : [];
    });
    if (this.refused.length === 0) this.isRecomputing = false;
    this.expectUnpublished();
  }

  /** What it has, written down; it has to be what the events make. */
  private look(batch: Batch<unknown>): Buffer {
    const { got, wanted, data } = this;
    const { make } = ITEMS[data.kind];
    wanted.clear();
    for (let run = 0; run < batch.runs; run++) {
      const sequence = batch.runSequence(run);
      const computed = compute(data.work, eventOf(data.work, sequence));
      const behind = batch.runFirst(run) - batch.runBegin(run);
      for (let i = batch.runBegin(run); i < batch.runEnd(run); i++) wanted.append(make(sequence, computed, i + behind));
    }
    this.read(batch);
    expect(got.view().equals(wanted.view()), () => `the batch of sequence ${batch.sequence} has other items`);
    return Buffer.from(got.view());
  }

  private read(batch: Batch<unknown>): void {
    this.got.clear();
    for (let i = 0; i < batch.length; i++) this.got.append(batch.at(i));
  }

  /** The batch is valid until then. */
  private async later(batch: Batch<unknown>, range: Range, seen: Buffer): Promise<void> {
    this.pending.add(range);
    await this.pause();
    this.expectUnpublished();
    const now = this.rangeOf(batch);
    this.read(batch);
    expect(now.begin === range.begin && now.end === range.end && this.got.view().equals(seen), () => {
      return `a batch of ${range.begin} to ${range.end} is one of ${now.begin} to ${now.end} before it is acknowledged`;
    });
    this.hooks.shoot?.(batch.runSequence(batch.runs - 1));
    this.pending.delete(range);
    this.settle(range, true);
  }

  private async pause(): Promise<void> {
    const ms = this.random.pick([-1, 0, this.random.next() * this.data.latestMs]);
    if (ms === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    else if (ms > 0) await new Promise<void>((resolve) => setTimeout(resolve, ms));
    else await null;
  }

  private settle(range: Range, isLate = false): void {
    const { refuses, maxInFlight, commits } = this.data;
    if (refuses > 0 && this.random.chance(1 / refuses)) {
      // A store that commits must not have what lies behind something that is computed again.
      const recomputes = this.random.chance(0.1) && !(commits && maxInFlight > 1) && this.recalls-- > 0;
      this.refuse(range, recomputes ? 'recompute' : 'retry', isLate);
    }
    this.take(range.begin, range.end);
  }

  private take(begin: number, end: number): void {
    if (begin === end) return;
    this.ledger.take(begin, end);
    if (!this.data.credit) return;
    this.credit += end - begin;
    this.hooks.ready(end - begin);
  }

  private refuse({ begin, end }: Range, action: 'retry' | 'recompute', isLate = false): never {
    const { random, states, data } = this;
    const item = random.chance(0.3) ? undefined : random.integer(0, end - begin - 1);
    const from = begin + (item ?? 0);
    this.take(begin, from);
    if (data.credit) this.credit += end - from;
    const error = new Nack('chaos', {
      action,
      delayMs: random.pick([0, 0, 1]),
      ...(item === undefined ? {} : { item }),
    });
    const write = (): void => {
      this.unheard.delete(error);
      states.fill(REFUSED, from, end);
      this.refused = [...this.refused, { begin: from, end }].sort((a, b) => a.begin - b.begin);
      if (action === 'recompute') this.isRecomputing = true;
    };
    if (isLate) this.unheard.set(error, write);
    else write();
    throw error;
  }

  /** Nothing is published from the first batch on that is open. */
  private expectUnpublished(): void {
    const published = this.hooks.published?.();
    if (published === undefined) return;
    for (const { begin } of [...this.pending, ...this.refused]) {
      const sequence = this.sequenceOf(begin);
      expect(published <= sequence, () => `published is ${published}, and ${sequence} is open`);
    }
  }

  private sequenceOf(item: number): number {
    const { begins, data } = this;
    let low = 0;
    let high = data.events - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (begins[middle]! <= item) low = middle;
      else high = middle - 1;
    }
    return data.startAt + low;
  }
}

function expect(holds: boolean, text: () => string): void {
  if (!holds) throw new RangeError(`the flow breaks its word: ${text()}`);
}
