import type { Journal } from './journal.ts';
import type { Memory } from './memory.ts';
import { Kind, kindName } from './operation.ts';

/** One write to a word, as a rule sees it. */
export interface Change {
  /** Name of the thread that writes. */
  readonly thread: string;
  readonly operation: 'store' | 'add' | 'or' | 'and' | 'exchange' | 'compareExchange' | 'plain write';
  readonly before: number;
  readonly after: number;
}

/** True if the thread may write so. Looks at nothing but the change: the search reorders accesses to other words. */
export type Rule = (change: Change) => boolean;

/** Who may write a word: a thread, any of several threads, nobody (`[]`), who holds a claim, or whoever the rule allows. */
export type Owner = string | readonly string[] | Claim | Rule;

/** How a claim word is used. */
export interface ClaimOptions {
  /** Who may take it. Default: every thread. */
  readonly by?: readonly string[];
  /** Who holds it when the threads begin. Default: nobody. */
  readonly holder?: string;
  /** Value of the word while nobody holds it. Default 0. */
  readonly free?: number;
  /** Values that others may put over another one while it is held: to say that they wait for it. Default: none. */
  readonly contended?: readonly number[];
}

/**
 * A word by which other words pass from thread to thread: whoever changes it from free, by a read-modify-write, holds it
 * until he makes it free again, which nobody else may do.
 *
 * Only a thread's own steps decide what it holds. So all interleavings that a search takes for one agree in that.
 */
export class Claim {
  readonly word: number;
  private readonly free: number;
  private readonly options: ClaimOptions;
  /** One entry, which the journal puts back. */
  private readonly holders: (string | null)[];

  constructor(word: number, options: ClaimOptions) {
    this.word = word;
    this.free = options.free ?? 0;
    this.options = options;
    this.holders = [options.holder ?? null];
  }

  /** The thread that holds it now; null: nobody. */
  get holder(): string | null {
    return this.holders[0];
  }

  /** Every thread that the options name. */
  get names(): readonly string[] {
    const { by = [], holder } = this.options;
    return holder === undefined ? by : [...by, holder];
  }

  /** True if the claim word itself may be changed so. */
  allows({ thread, operation, before, after }: Change): boolean {
    if (before === this.free) {
      const exchanges = operation !== 'store' && operation !== 'plain write';
      return exchanges && (this.options.by?.includes(thread) ?? true);
    }
    if (thread === this.holder) return true;
    return after === before || (this.options.contended?.includes(after) ?? false);
  }

  /** After a change that was allowed. */
  note(journal: Journal, { thread, before, after }: Change): void {
    if (before === this.free && after !== this.free) journal.setReference(this.holders, 0, thread);
    if (before !== this.free && after === this.free) journal.setReference(this.holders, 0, null);
  }
}

/** The model's table of owners: which thread may write which word. A buffer of which one word is in it is in it whole. */
export class Owners {
  private readonly memory: Memory;
  private readonly owners = new Map<number, Owner>();
  /** Buffers of which some word has an owner, by their first word. */
  private readonly covered = new Set<number>();

  constructor(memory: Memory) {
    this.memory = memory;
  }

  get isEmpty(): boolean {
    return this.owners.size === 0;
  }

  own(first: number, count: number, owner: Owner): void {
    for (let word = first; word < first + count; word++) {
      if (this.owners.has(word)) throw new Error(`${this.memory.nameOf(word)} has two owners: own() it once`);
      this.owners.set(word, owner);
    }
    this.covered.add(this.memory.regionOf(first).base);
  }

  /** Refuses an owner that is no thread of the model. */
  expectThreads(names: readonly string[]): void {
    for (const [word, owner] of this.owners) {
      const stranger = namesOf(owner).find((name) => !names.includes(name));
      if (stranger === undefined) continue;
      const all = names.join(', ');
      throw new Error(
        `${this.memory.nameOf(word)} belongs to ${stranger}, which is no thread of the model: it has ${all}`,
      );
    }
  }

  /** Judges one write. Null: the thread may. Otherwise what is wrong with it. */
  judge(journal: Journal, thread: string, kind: Kind, word: number, before: number, after: number): string | null {
    const owner = this.owners.get(word);
    if (owner === undefined && !this.covered.has(this.memory.regionOf(word).base)) return null;
    const change: Change = { thread, operation: operationOf(kind), before, after };
    if (owner !== undefined && mayWrite(owner, word, change)) {
      if (owner instanceof Claim && owner.word === word) owner.note(journal, change);
      return null;
    }
    const what = `${change.operation} of ${after} over ${before} to ${this.memory.nameOf(word)}`;
    return `${what}, ${owner === undefined ? 'which has no owner' : this.belonging(owner, word)}`;
  }

  private belonging(owner: Owner, word: number): string {
    if (owner instanceof Claim) {
      const holder = owner.holder ?? 'nobody';
      if (owner.word === word) return `a claim that ${holder} holds`;
      return `which belongs to who holds ${this.memory.nameOf(owner.word)}: ${holder}`;
    }
    if (typeof owner === 'function') return 'against its rule';
    if (owner.length === 0) return 'which no thread may write';
    return `which belongs to ${typeof owner === 'string' ? owner : owner.join(', ')}`;
  }
}

function mayWrite(owner: Owner, word: number, change: Change): boolean {
  if (owner instanceof Claim) return owner.word === word ? owner.allows(change) : owner.holder === change.thread;
  if (typeof owner === 'function') return owner(change);
  return typeof owner === 'string' ? owner === change.thread : owner.includes(change.thread);
}

function namesOf(owner: Owner): readonly string[] {
  if (owner instanceof Claim) return owner.names;
  if (typeof owner === 'function') return [];
  return typeof owner === 'string' ? [owner] : owner;
}

const operationOf = (kind: Kind): Change['operation'] =>
  kind === Kind.writeElement || kind === Kind.writeBytes ? 'plain write' : (kindName(kind) as Change['operation']);
