import type { Model, ThreadBody } from '../model.ts';
import type { Settings } from '../options.ts';
import { Bodies, beginning, type Host, Timeout } from './bodies.ts';
import { type Failure, type FailureKind, newFailure } from './failure.ts';
import { type Footprint, footprintOf } from './footprint.ts';
import { History } from './history.ts';
import { Journal, type Mark } from './journal.ts';
import type { Memory } from './memory.ts';
import { isEnd, isVisible, Kind, type Operation, valueAfter } from './operation.ts';
import { Races } from './races.ts';
import type { Recorder } from './recorder.ts';
import { examine, type Spin } from './spin.ts';
import { Values } from './values.ts';
import { chosenSleepers, Variant, variantsOf } from './variants.ts';
import { Fate, Sleep, Waiters } from './waiters.ts';

/**
 * The modelled world: shared memory, the threads, and what each would do next. `step` lets one thread do its next visible
 * operation and the plain accesses after it; `rollback` goes back to an earlier state. It decides nothing: a search does.
 */
export class Machine implements Host {
  readonly names: readonly string[];
  readonly settings: Settings;
  readonly memory: Memory;
  readonly journal: Journal = new Journal();
  readonly races: Races;
  readonly waiters: Waiters;
  readonly values: Values;
  readonly shared: unknown;
  /** First thing that went wrong; from then on the search stops. */
  failure: Failure | null = null;
  /** Set in a replay: keeps what every access did. */
  recorder: Recorder | null = null;
  /** What the last step read beyond its own operation, because it ended the fruitless round of a counted spin. */
  readonly roundReads: number[] = [];

  private readonly bodies: Bodies;
  /** Where each thread is. */
  private readonly nodes: History[] = [];
  private readonly dead: Int32Array;
  /** 0: deaths so far, or decided. 1: spurious wakes decided. 2: position, the number of steps so far. */
  private readonly counts: Int32Array = new Int32Array(3);
  /** Per thread, position of its last step. */
  private readonly lastSteps: Int32Array;
  /** Per thread, position of each of its steps. Needs no undo: what lies ahead is overwritten before it is read. */
  private readonly positions: number[][];
  /** Per word, position of the last step that changed its value. */
  private readonly changes: Int32Array;

  constructor(model: Model, shared: unknown, memory: Memory, settings: Settings, captureSites: boolean) {
    const bodies = Object.values(model.threads) as ThreadBody<unknown>[];
    this.names = Object.keys(model.threads);
    this.settings = settings;
    this.memory = memory;
    this.shared = shared;
    this.races = new Races(this.journal, bodies.length, memory.size, settings.races);
    this.races.onRace = (race) => this.reportRace(race.thread, race);
    this.waiters = new Waiters(this.journal, this.races, bodies.length, memory.size);
    this.values = new Values(this.journal, this.races, memory.size);
    this.bodies = new Bodies(bodies, shared, memory, this, captureSites);
    this.dead = new Int32Array(bodies.length);
    this.lastSteps = new Int32Array(bodies.length);
    this.positions = bodies.map(() => []);
    this.changes = new Int32Array(memory.size);
    for (let thread = 0; thread < bodies.length; thread++) this.nodes.push(new History(beginning(), null, undefined));
  }

  /** Runs every body to its first step. */
  async begin(): Promise<void> {
    for (let thread = 0; thread < this.names.length; thread++) await this.arrive(thread, this.nodes[thread], undefined);
  }

  mark(): Mark {
    return this.journal.mark();
  }

  rollback(mark: Mark): void {
    this.journal.rollback(mark);
  }

  /** Steps since the beginning of the execution. */
  get position(): number {
    return this.counts[2];
  }

  get deathsLeft(): number {
    return this.settings.deaths - this.counts[0];
  }

  get spuriousLeft(): number {
    return this.settings.spuriousWakes - this.counts[1];
  }

  next(thread: number): Operation {
    return this.nodes[thread].operation;
  }

  /** Identity of the thread's state: everything that it did and saw. */
  history(thread: number): History {
    return this.nodes[thread];
  }

  lastStepOf(thread: number): number {
    return this.lastSteps[thread];
  }

  isDead(thread: number): boolean {
    return this.dead[thread] === 1;
  }

  hasEnded(thread: number): boolean {
    return this.dead[thread] === 1 || isEnd(this.nodes[thread].operation.kind);
  }

  /** True if the thread repeats a fruitless round. */
  isSpinning(thread: number): boolean {
    return this.dead[thread] === 0 && this.nodes[thread].spin != null;
  }

  /** True if something that a spinning thread reads changed since it read it: another round could do better. */
  couldMove(thread: number): boolean {
    return this.hasChanged(thread, this.nodes[thread].spin!);
  }

  /** True if the thread can do its next step now. */
  isEnabled(thread: number): boolean {
    if (this.dead[thread] === 1) return false;
    const node = this.nodes[thread];
    const { kind, word, a, b } = node.operation;
    if (isEnd(kind)) return false;
    // DPOR drops an execution in which a thread spins for nothing and goes on later: the one in which it looked later
    // comes to the same. The other searches, which must not lose schedules with few preemptions, let it look again.
    if (node.spin != null) return this.settings.search !== 'dpor' && this.hasChanged(thread, node.spin);
    if (kind === Kind.join) return this.hasEnded(word);
    if (kind !== Kind.resume && kind !== Kind.awake) return true;
    const id = this.waiters.idOf(thread, a);
    if (this.waiters.stateOf(id) !== Sleep.queued || this.waiters.fateOf(id) !== Fate.none) return true;
    return this.settings.timeouts && b === Timeout.finite;
  }

  variants(thread: number): number[] {
    return variantsOf(this, thread);
  }

  /** What the step would read and write. Must be asked before the step. */
  footprint(thread: number, variant: number): Footprint {
    return footprintOf(this, thread, variant);
  }

  /** Does the thread's next step. A promise only if an async body has to run. */
  step(thread: number, variant: number): Promise<void> | undefined {
    const node = this.nodes[thread];
    this.roundReads.length = 0;
    this.journal.setWord(this.counts, 2, this.position + 1);
    if (this.position > this.settings.maxSteps) {
      this.fail('step-cap', thread, `an execution takes more than ${this.settings.maxSteps} steps (option maxSteps)`);
      return undefined;
    }
    this.positions[thread][node.steps] = this.position;
    this.journal.setWord(this.lastSteps, thread, this.position);
    if (variant === Variant.dies) return this.die(thread, node.operation);
    const result = node.operation.kind === Kind.pause ? undefined : this.execute(thread, node.operation, variant);
    this.recorder?.step(thread, node.operation, variant, result, this.races.now(thread));
    this.races.tick(thread);
    if (this.failure !== null) return undefined;
    return this.arrive(thread, node, result);
  }

  plain(thread: number, operation: Operation): unknown {
    const { kind, a, b, cell } = operation;
    const view = operation.cells!;
    if (kind === Kind.readElement || kind === Kind.readBytes) {
      const read = kind === Kind.readElement ? view[cell] : (view as Uint8Array).slice(cell, cell + b);
      this.recorder?.plain(thread, operation, read, this.races.now(thread));
      this.races.plainRead(thread, a, b);
      return read;
    }
    this.recorder?.plain(thread, operation, undefined, this.races.now(thread));
    this.races.plainWrite(thread, a, b);
    const { words, base } = this.memory.region(view.buffer as unknown as SharedArrayBuffer);
    const from = (a >> 2) - base;
    const to = ((a + b + 3) >> 2) - base;
    const before = this.memory.owners.isEmpty ? null : words.slice(from, to);
    for (let word = from; word < to; word++) this.journal.saveWord(words, word);
    if (kind === Kind.writeElement) (view as { [index: number]: unknown })[cell] = operation.data;
    else (view as Uint8Array).set(operation.data as Uint8Array, cell);
    for (const [i, old] of before?.entries() ?? []) {
      this.judgeWrite(thread, operation, base + from + i, old, words[from + i]);
    }
    return undefined;
  }

  /** The oracle on owners. */
  private judgeWrite(thread: number, { kind }: Operation, word: number, before: number, after: number): void {
    const wrong = this.memory.owners.judge(this.journal, this.names[thread], kind, word, before, after);
    if (wrong !== null) this.fail('owner', thread, wrong);
  }

  fail(kind: FailureKind, thread: number, message: string, cause?: unknown): void {
    this.failure ??= newFailure(kind, `thread ${this.names[thread]}: ${message}`, cause);
  }

  private reportRace(thread: number, race: Parameters<Races['onRace']>[0]): void {
    if (this.failure !== null) return;
    const name = this.memory.nameOfByte(race.address);
    const message = `${this.names[thread]} ${race.how} by ${this.names[race.other]}, at ${name}, with nothing to order them`;
    this.failure = { ...newFailure('race', message), race };
  }

  private execute(thread: number, operation: Operation, variant: number): unknown {
    const { kind, word, a } = operation;
    switch (kind) {
      case Kind.wait:
      case Kind.waitAsync:
        return this.fallAsleep(thread, operation, variant);
      case Kind.resume:
      case Kind.awake:
        return this.wakeUp(thread, this.waiters.idOf(thread, a));
      case Kind.notify: {
        const sleepers = chosenSleepers(this.waiters.queue(word), a, variant);
        for (const id of sleepers) this.waiters.wake(thread, id, this.position);
        return sleepers.length;
      }
      case Kind.join:
        this.races.join(thread, this.races.clocks, word * this.names.length);
        return this.isDead(word) ? 'died' : 'finished';
      default:
        return this.access(thread, operation, variant);
    }
  }

  private access(thread: number, operation: Operation, variant: number): number {
    const { kind, word, cell } = operation;
    const cells = operation.cells as Int32Array;
    const old = cells[cell];
    if (kind !== Kind.store && kind !== Kind.racyLoad) this.races.acquire(thread, word);
    const value = valueAfter(operation, old);
    if (value === undefined) {
      this.races.atomicRead(thread, word);
      return kind === Kind.racyLoad ? this.values.seenBy(thread, word, old, variant) : old;
    }
    if (!this.memory.owners.isEmpty) this.judgeWrite(thread, operation, word, old, value);
    this.races.atomicWrite(thread, word);
    this.races.release(thread, word);
    this.values.write(thread, word, old, value);
    if (value !== old) this.journal.setWord(this.changes, word, this.position);
    this.journal.setWord(cells, cell, value);
    return kind === Kind.store ? value : old;
  }

  private fallAsleep(thread: number, operation: Operation, variant: number): unknown {
    const { word, cell, a, b } = operation;
    this.races.acquire(thread, word);
    this.races.atomicRead(thread, word);
    if (operation.cells![cell] !== a) return 'not-equal';
    if (b === Timeout.none) return 'timed-out';
    const fate = variant === Variant.diesAsleep ? Fate.dies : variant === Variant.spurious ? Fate.spurious : Fate.none;
    if (fate === Fate.dies) this.journal.setWord(this.counts, 0, this.counts[0] + 1);
    if (fate === Fate.spurious) this.journal.setWord(this.counts, 1, this.counts[1] + 1);
    const ordinal = this.waiters.enqueue(thread, word, fate);
    if (ordinal < 0) this.fail('step-cap', thread, 'it sleeps too often in one execution');
    return ordinal;
  }

  private wakeUp(thread: number, id: number): 'ok' | 'timed-out' {
    const notified = this.waiters.stateOf(id) === Sleep.notified;
    const spurious = this.waiters.fateOf(id) === Fate.spurious;
    this.waiters.finish(thread, id);
    return notified || spurious ? 'ok' : 'timed-out';
  }

  private die(thread: number, operation: Operation): undefined {
    this.recorder?.death(thread, operation, this.races.now(thread));
    // A death in a sleep was counted when the sleep began.
    const asleep = operation.kind === Kind.resume || operation.kind === Kind.awake;
    if (!asleep) this.journal.setWord(this.counts, 0, this.counts[0] + 1);
    this.journal.setWord(this.dead, thread, 1);
    for (const id of this.waiters.openSleeps(thread)) this.waiters.finish(thread, id);
    this.races.tick(thread);
    return undefined;
  }

  /** Moves a thread on to its next visible operation, doing the plain accesses on the way. */
  private arrive(thread: number, from: History, result: unknown): Promise<void> | undefined {
    const node = from.next(result);
    if (node !== undefined) return this.pass(thread, node);
    const arrived = this.bodies.advance(thread, from, result, null);
    // The body did the plain accesses before the node where it arrived while it ran.
    if (arrived instanceof Promise) return arrived.then((found) => this.halt(thread, found));
    return this.halt(thread, arrived);
  }

  private pass(thread: number, from: History): Promise<void> | undefined {
    let node = from;
    while (!isVisible(node.operation.kind) && node.operation.kind !== Kind.pause && !isEnd(node.operation.kind)) {
      const result = this.plain(thread, node.operation);
      const next = node.next(result);
      if (next === undefined) return this.arrive(thread, node, result);
      node = next;
    }
    return this.halt(thread, node);
  }

  /** The thread is at a visible operation, a pause or its end. */
  private halt(thread: number, node: History): Promise<void> | undefined {
    this.journal.setReference(this.nodes, thread, node);
    const { kind, data } = node.operation;
    if (this.failure !== null) return undefined;
    if (kind === Kind.threw) {
      this.fail('assertion', thread, data instanceof Error ? data.message : String(data), data);
      return undefined;
    }
    if (isEnd(kind)) return undefined;
    if (node.spin === undefined) {
      const spin = examine(node, thread, this.bodies);
      if (spin instanceof Promise) {
        return spin.then((found) => {
          node.spin = found;
          return this.halt(thread, node);
        });
      }
      node.spin = spin;
    }
    return kind === Kind.pause ? this.leavePause(thread, node) : undefined;
  }

  private leavePause(thread: number, node: History): Promise<void> | undefined {
    const spin = node.spin;
    if (spin == null) return this.arrive(thread, node, undefined);
    if (spin.exit === null) return undefined;
    if (this.settings.search === 'naive') return this.arrive(thread, node, undefined);
    for (const { operation } of spin.reads) if (operation.word >= 0) this.roundReads.push(operation.word);
    if (!this.hasChanged(thread, spin)) return this.pass(thread, spin.exit);
    // The round read a mixture of old and new. A round that began later, or ended sooner, covers it.
    return this.settings.search === 'dpor' ? undefined : this.arrive(thread, node, undefined);
  }

  /** True if a word that the round read has been changed since. */
  private hasChanged(thread: number, spin: Spin): boolean {
    const positions = this.positions[thread];
    return spin.reads.some(({ operation, steps }, index) => {
      if (operation.word < 0) return false;
      if (this.changes[operation.word] > positions[steps]) return true;
      // A racy load may have returned a value that was old already.
      return operation.kind === Kind.racyLoad && operation.cells![operation.cell] !== spin.results[index];
    });
  }
}
