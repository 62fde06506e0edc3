/** Writes the items of an event in every way that their kind allows, by turns: `emit`, `next`, `claim` and `commit`. */
import type { EmitOutput } from 'millrace';
import { ITEMS, type ItemKind, NUMBER_KINDS, STRUCT_KINDS } from '../items.ts';
import type { Random } from '../random.ts';

/** What an output of numbers has, and one of structs. */
interface AllWays extends EmitOutput<unknown> {
  readonly items: { [index: number]: unknown };
  readonly begin: number;
  claim(n: number): number;
  commit(n: number): void;
  next(): { [field: string]: unknown };
}

interface Event {
  readonly sequence: number;
  readonly computed: number;
  readonly count: number;
}

type Way = (output: AllWays, event: Event, begin: number, end: number) => Generator<number, number>;

/** A claim may ask for more than an event has, and than any lane holds. */
const MUCH = 1_000_000_000;

export class Pen {
  private readonly kind: ItemKind;
  private readonly random: Random;
  private readonly ways: readonly Way[];
  private readonly make: (sequence: number, computed: number, index: number) => unknown;
  /** A struct item that the event before was given. */
  private old: { [field: string]: unknown } | undefined;

  constructor(kind: ItemKind, random: Random) {
    this.kind = kind;
    this.random = random;
    this.make = ITEMS[kind].make;
    this.ways = [
      this.emits,
      ...(NUMBER_KINDS.includes(kind) ? [this.claims, this.claims] : []),
      ...(STRUCT_KINDS.includes(kind) ? [this.assigns, this.assigns] : []),
    ];
  }

  /** Yields the index of each item just before it is written, in the middle of a claim as well. */
  *write(output: EmitOutput<unknown>, event: Event): Generator<number, void> {
    this.assignLate();
    for (let done = 0; done < event.count; ) {
      const some = this.random.pick([1, 3, 10, 100, 5_000]);
      const way = this.random.pick(this.ways);
      done = yield* way.call(this, output as AllWays, event, done, Math.min(done + some, event.count));
    }
  }

  private *emits(
    output: AllWays,
    { sequence, computed }: Event,
    begin: number,
    end: number,
  ): Generator<number, number> {
    for (let index = begin; index < end; index++) {
      yield index;
      output.emit(this.make(sequence, computed, index));
      this.assignLate();
    }
    return end;
  }

  private *assigns(
    output: AllWays,
    { sequence, computed }: Event,
    begin: number,
    end: number,
  ): Generator<number, number> {
    for (let index = begin; index < end; index++) {
      yield index;
      const item = output.next();
      this.old = item;
      // A field that is not assigned is zero.
      for (const [field, value] of Object.entries(this.make(sequence, computed, index) as object)) {
        if (value !== 0 && value !== 0n && value !== false && value !== '') item[field] = value;
      }
    }
    return end;
  }

  private *claims(
    output: AllWays,
    { sequence, computed }: Event,
    begin: number,
    end: number,
  ): Generator<number, number> {
    const { random } = this;
    const wanted = random.pick([1, end - begin, MUCH]);
    const room = output.claim(wanted);
    if (!(room >= 1 && room <= wanted)) throw new RangeError(`claim(${wanted}) gave ${room}`);
    const { items, begin: at } = output;
    const filled = Math.min(room, end - begin);
    // Less than there is room for, down to nothing.
    const some = random.pick([filled, filled, filled, random.integer(0, filled)]);
    for (let index = 0; index < some; index++) {
      yield begin + index;
      items[at + index] = this.make(sequence, computed, begin + index);
    }
    output.commit(some);
    return begin + some;
  }

  /** What is assigned to an item that is written reaches nothing. */
  private assignLate(): void {
    if (this.old === undefined) return;
    this.old.sequence = 1;
    this.old[this.kind === 'row' ? 'few' : 'index'] = 255;
    this.old = undefined;
  }
}
