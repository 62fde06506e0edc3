import type { History } from './history.ts';
import { Kind, type Operation, sameOperation } from './operation.ts';

/** Reads that a spin would repeat, latest first, with what they returned. */
export interface Frozen {
  readonly nodes: readonly History[];
  readonly results: readonly unknown[];
}

/** A spin that repeats more reads than this is endless. Production code counts to a few thousand. */
const MOST_READS = 4_500;
const FIRST_ROUNDS = 16;
const EVERY_ROUNDS = 256;

/**
 * Watches a body that is run on as if nothing changed any more: its reads get the frozen results, until it does something
 * else or it is clear that it never will. To be one loop, its rounds have to come from one place in the code: two loops on
 * the same word, one after the other, must not be taken for one.
 */
export class Probe {
  /** The reads that were repeated in rounds of this loop. */
  readonly repeated: Set<number> = new Set();
  /** With pauses: the first operation after the last round of this loop. */
  exit: History | null = null;
  /** True if the loop never ends. */
  endless = false;
  /** Not all rounds were looked at closely, and it matters: probe again with `closeFrom`. */
  closeFrom: number | null = null;

  /** Set by who runs the body: which place in its code announces the present operation. */
  place: () => string = () => '';

  /** How many of the operations before the probe are to be located. */
  readonly tail: number;
  private readonly frozen: Frozen;
  private readonly pauses: boolean;
  private readonly lookFrom: number;
  private readonly places: string[] = [];
  private readonly lastPlaces: { readonly operation: Operation; readonly place: string }[] = [];
  private readonly open: Set<number> = new Set();
  private reads = 0;
  private rounds = 0;
  private placedRounds = 0;
  private afterRound = true;

  /** `closeFrom`: the round from which on each round's place is compared. */
  constructor(frozen: Frozen, pauses: boolean, closeFrom: number = Number.POSITIVE_INFINITY) {
    this.frozen = frozen;
    this.pauses = pauses;
    this.lookFrom = closeFrom;
    this.tail = pauses ? 1 : frozen.nodes.length;
  }

  /** Called for each of the last `tail` operations of the known history, in order. */
  locate(): void {
    this.places.push(this.place());
  }

  /** The answer to an operation; undefined if the probe ends here. */
  answer(operation: Operation, node: History): { readonly result: unknown } | undefined {
    if (this.afterRound) this.exit = node;
    this.afterRound = false;
    if (operation.kind === Kind.pause) return this.pauses ? this.endRound() : undefined;
    const index = this.frozen.nodes.findIndex((read) => sameOperation(read.operation, operation));
    if (index < 0) return this.leave();
    if (++this.reads > MOST_READS) {
      this.endless = this.pauses || this.isOneLoop();
      return undefined;
    }
    if (this.pauses) this.open.add(index);
    else this.repeated.add(index);
    if (!this.pauses && this.reads > MOST_READS - this.tail) {
      this.lastPlaces.push({ operation, place: this.place() });
    }
    return { result: this.frozen.results[index] };
  }

  /** The body ended at `node`, by itself or because the probe did. */
  finish(node: History): void {
    if (this.afterRound) this.exit = node;
  }

  private endRound(): { readonly result: undefined } | undefined {
    this.rounds++;
    if (this.rounds <= FIRST_ROUNDS || this.rounds % EVERY_ROUNDS === 0 || this.rounds >= this.lookFrom) {
      if (this.place() !== this.places[0]) return this.leave();
      this.placedRounds = this.rounds;
    }
    for (const index of this.open) this.repeated.add(index);
    this.open.clear();
    this.afterRound = true;
    return { result: undefined };
  }

  private leave(): undefined {
    if (this.placedRounds < this.rounds && this.placedRounds + 1 < this.lookFrom)
      this.closeFrom = this.placedRounds + 1;
    return undefined;
  }

  /** Without pauses: every read of the round before the probe comes from the place where the spin still is at the end. */
  private isOneLoop(): boolean {
    const { nodes } = this.frozen;
    return nodes.every(({ operation }, index) => {
      // `nodes` counts back from the probe, `places` counts towards it.
      const place = this.places[nodes.length - 1 - index];
      return this.lastPlaces.some((last) => last.place === place && sameOperation(last.operation, operation));
    });
  }
}
