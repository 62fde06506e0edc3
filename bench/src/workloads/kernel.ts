import { hash, interesting, item, itemCount, work } from './w1.ts';
import { W2_K } from './w2.ts';
import { item3, itemCount3 } from './w3.ts';

/** Which computation a round does. It is plain data, so that it can be sent to a thread. */
export type Work =
  | { readonly kind: 'w1'; readonly K: number }
  | { readonly kind: 'w2' }
  | { readonly kind: 'w3'; readonly hugeItems: number };

/**
 * The computation of one event, in the shape which suits a loop that writes into memory. A thread runs a single kind of kernel
 * in its life, so the calls below stay monomorphic and are inlined.
 */
export interface Kernel {
  /** Makes `seq` the current event, does its work, and returns how many items it emits. */
  open(seq: number): number;
  /** Writes the items [from, to) of the current event to `out`, from index `at` on. */
  fill(out: Int32Array, at: number, from: number, to: number): void;
}

class W1Kernel implements Kernel {
  readonly #K: number;
  #acc = 0;

  constructor(K: number) {
    this.#K = K;
  }

  open(seq: number): number {
    const x = hash(seq);
    if (!interesting(x)) return 0;
    this.#acc = work(x, this.#K);
    return itemCount(x);
  }

  fill(out: Int32Array, at: number, from: number, to: number): void {
    const acc = this.#acc;
    for (let j = from; j < to; j++) out[at++] = item(acc, j);
  }
}

class W2Kernel implements Kernel {
  #acc = 0;

  open(seq: number): number {
    this.#acc = work(hash(seq), W2_K);
    return 1;
  }

  fill(out: Int32Array, at: number, from: number, to: number): void {
    for (let j = from; j < to; j++) out[at++] = item(this.#acc, j);
  }
}

class W3Kernel implements Kernel {
  readonly #hugeItems: number;
  #x = 0;

  constructor(hugeItems: number) {
    this.#hugeItems = hugeItems;
  }

  open(seq: number): number {
    this.#x = hash(seq);
    return itemCount3(seq, this.#hugeItems);
  }

  fill(out: Int32Array, at: number, from: number, to: number): void {
    const x = this.#x;
    for (let j = from; j < to; j++) out[at++] = item3(x, j);
  }
}

export function kernelOf(work: Work): Kernel {
  switch (work.kind) {
    case 'w1':
      return new W1Kernel(work.K);
    case 'w2':
      return new W2Kernel();
    case 'w3':
      return new W3Kernel(work.hugeItems);
  }
}
