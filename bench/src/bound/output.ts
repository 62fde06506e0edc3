import { BLOCK_HEADER_WORDS, BLOCK_WORDS, BLOCKS, type BoundLane, END_OF_TICKET, HEAD, SLEEP, TAIL } from './memory.ts';

/** Left free at the end of a block: the run that ends a ticket is noted without a look for room. */
const SPARE_WORDS = 8;
/** A sleeping processor asks for this part of its lane. */
const ROOM_BLOCKS = BLOCKS >> 2;

/** Where a processor of the bound writes: blocks of many sequences, with an index of their runs behind the items. */
export class BoundOutput {
  readonly items: Int32Array;
  /** Index in `items` of the next item. Whoever fills a claim sets it behind the items that were written. */
  at: number;
  /** Index of the first item of the open run. */
  begin: number;
  sequence: number;
  readonly #ctl: Int32Array;
  readonly #wake: Int32Array;
  readonly #index: Int32Array;
  #tail: number;
  #headCache: number;
  #base: number;
  #limit: number;
  #runs: number;

  constructor({ ctl, items }: BoundLane, wake: Int32Array) {
    this.#ctl = ctl;
    this.items = items;
    this.#wake = wake;
    this.#tail = 0;
    this.#headCache = 0;
    this.#base = 0;
    this.at = 0;
    this.#limit = -1;
    this.#runs = 0;
    this.sequence = 0;
    this.begin = 0;
    this.#index = new Int32Array(BLOCK_WORDS);
  }

  /** Begins the next block; sleeps until there is room for it. */
  open(): void {
    while (this.#tail - this.#headCache >= BLOCKS) {
      this.#headCache = Atomics.load(this.#ctl, HEAD);
      if (this.#tail - this.#headCache < BLOCKS) break;
      const wanted = this.#tail - BLOCKS + ROOM_BLOCKS;
      Atomics.store(this.#ctl, SLEEP + 1, wanted);
      Atomics.store(this.#ctl, SLEEP, 1);
      if (((Atomics.load(this.#ctl, HEAD) - wanted) | 0) >= 0) {
        Atomics.store(this.#ctl, SLEEP, 0);
        continue;
      }
      Atomics.wait(this.#ctl, SLEEP, 1);
    }
    this.#base = (this.#tail % BLOCKS) * BLOCK_WORDS;
    this.at = this.begin = this.#base + BLOCK_HEADER_WORDS;
    this.#limit = this.#base + BLOCK_WORDS - SPARE_WORDS;
    this.#runs = 0;
  }

  /** Room for up to `count` items of the open run, from `at` on; each run costs two words of index. */
  claim(count: number): number {
    let room = this.#limit - this.at - 2 * this.#runs;
    if (room <= 2) {
      this.#more();
      room = this.#limit - this.at - 2 * this.#runs;
    }
    return Math.min(count, room);
  }

  emit(value: number): void {
    if (this.at + 2 * this.#runs + 2 >= this.#limit) this.#more();
    this.items[this.at++] = value;
  }

  endRun(): void {
    const count = this.at - this.begin;
    if (count === 0) return;
    const run = this.#runs++ << 1;
    this.#index[run] = this.sequence;
    this.#index[run + 1] = count;
    this.begin = this.at;
  }

  endTicket(): void {
    const run = this.#runs++ << 1;
    this.#index[run] = END_OF_TICKET;
    this.#index[run + 1] = 0;
    this.#ship();
  }

  #more(): void {
    this.endRun();
    this.#ship();
  }

  /** Shows the block to the writer and begins the next one. */
  #ship(): void {
    const base = this.#base;
    const runs = this.#runs;
    const at = this.at;
    const items = this.items;
    const index = this.#index;
    if (runs === 0) return;
    items[base] = at - base - BLOCK_HEADER_WORDS;
    items[base + 1] = runs;
    for (let i = 0, word = at; i < 2 * runs; i++, word++) items[word] = index[i];
    this.#tail++;
    Atomics.store(this.#ctl, TAIL, this.#tail);
    if (Atomics.load(this.#wake, 0) === 1) {
      Atomics.store(this.#wake, 0, 0);
      Atomics.notify(this.#wake, 0, 1);
    }
    this.open();
  }
}
