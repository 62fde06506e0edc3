import { codecFromSchema } from '@millrace/codec';
import { EventRingProducer } from 'native-free-rings';
import { expect } from 'vitest';
import { loadLaneRecords, openLane } from '../../../../native-free-rings/src/lane/lane-descriptor.ts';
import { makeCoordinator } from '../../src/coordinator/coordinator-plane.ts';
import type { FailureOption } from '../../src/flow/failure-options.ts';
import { planMemory } from '../../src/flow/memory-plan.ts';
import { compileOptions } from '../../src/flow/options.ts';
import type { PipelineOptions } from '../../src/flow/pipeline-options.ts';
import type { ProcessOptions } from '../../src/flow/process-options.ts';
import { Publisher } from '../../src/flow/publisher.ts';
import { type RingBatches, readRing, type SequencedBatch } from '../../src/flow/ring-batch.ts';
import { type ToRingOptions, toRing } from '../../src/flow/to-ring.ts';
import { TicketFollower } from '../../src/order/ticket-follower.ts';
import { ackedCursor } from '../../src/order/ticket-log-descriptor.ts';
import type { ProcessorDefinition } from '../../src/processor/definition.ts';
import { makeProcessor } from '../../src/processor/processor-life.ts';
import { CAUSES } from '../../src/thread/causes.ts';
import { COORDINATOR, Control, FIRST_PROCESSOR, WRITER } from '../../src/thread/control-block.ts';
import { Counters } from '../../src/thread/counters.ts';
import type { DutyCycle } from '../../src/thread/duty-cycle.ts';
import type { DeadLetter } from '../../src/thread/failure-policy.ts';
import { ItemOrigins } from '../../src/thread/item-origins.ts';
import type { Succession } from '../../src/thread/messages.ts';
import type { FlowPlan } from '../../src/thread/plan.ts';
import { wakeEverybody } from '../../src/thread/wake-everybody.ts';
import type { Batch } from '../../src/writer/batch.ts';
import type { Progress } from '../../src/writer/definition.ts';
import { type Destination, UserDestination, userDestination } from '../../src/writer/destination.ts';
import { ringDestination } from '../../src/writer/ring-destination.ts';
import { makeWriter, writerParker } from '../../src/writer/writer-life.ts';
import { type ItemPlace, placesOf } from './batch-check.ts';
import { Player } from './player.ts';

type Definition = ProcessorDefinition<unknown, unknown, unknown>;

export interface HandOptions {
  pipeline: PipelineOptions<unknown, never>;
  process: ProcessOptions;
  /** A destination ring, a function, or a module, maybe a store, which each writer thread opens anew. */
  write: ToRingOptions<unknown> | ((batch: Batch<unknown>) => void | PromiseLike<void>) | { open(): HandStore };
  onNack?: FailureOption;
}

/** What a module says; `stands`: where a store stands when it is opened, if it says so. */
export interface HandStore extends UserParts {
  readonly stands?: Progress;
  /** Is told how to grant items, as `init` of a module is. */
  opened?(ready: (n: number) => void): void;
}
type UserParts = Parameters<typeof userDestination>[0];

/** A whole flow over real shared memory, all its threads played on this one, in an order that `random` chooses. */
export class HandFlow {
  readonly plan: FlowPlan;
  readonly control: Control;
  coordinator: Player;
  readonly processors: Player[];
  writer: Player;
  readonly publisher: Publisher<unknown> | undefined;
  /** Items read from the destination ring. */
  readonly read: unknown[] = [];
  /** Their places, where the ring keeps sequences; and the sequences of which it said that they have ended. */
  readonly readPlaces: ItemPlace[] = [];
  readonly readEnds: number[] = [];
  /** Called between steps. */
  onStep: () => void = () => {};
  /** Called when an `emit` begins to wait, with the head of the lane that it wants. */
  onEmitWaits: (processor: number, wanted: number) => void = () => {};

  /** The event loop of the writer's thread has a turn, and settles a promise. False where it has none to settle. */
  onTurn: () => boolean = () => false;
  /** Called when no promise that is settled has consequences to come: any thread may die, a writer in its wait as well. */
  onQuiet: () => void = () => {};
  /** Processors begin no ticket in a lane that has so many records: where promises are to settle, no `emit` may wait. */
  mostRecords: number = Number.POSITIVE_INFINITY;

  /** The writer waits for readers of the ring by a promise. What computes then needs a lane with room for everything. */
  hasLateReaders = false;
  /** It waits so now: it may die. */
  isWaitingForReaders = false;

  /** What was given up. */
  readonly letters: DeadLetter[] = [];

  private readonly definition: Definition;
  private readonly write: HandOptions['write'];
  private readonly reader: RingBatches<unknown> | undefined;
  private readonly random: () => number;
  /** The writer commits, or collects: it may keep something back until its time has come. */
  private isStore = false;
  private still: Player | undefined;
  private writers = 0;

  constructor(
    definition: Definition,
    { pipeline, process, write, onNack }: HandOptions,
    random: () => number = Math.random,
  ) {
    const options = compileOptions({
      pipeline,
      module: 'file:///none.js',
      process,
      destination: typeof write === 'function' ? write : 'open' in write ? () => {} : toRing(write),
      write: onNack === undefined ? undefined : { onNack },
    });
    const codecs = { input: definition.input?.schema, output: definition.output?.schema, writerInput: undefined };
    this.random = random;
    this.definition = definition;
    this.write = write;
    this.plan = planMemory(options, codecs);
    const { plan } = this;
    this.control = new Control(plan.control);
    const source = pipeline.source as { kind: string; count?: number };
    if (plan.source.ring !== undefined) {
      const codec = plan.source.events === undefined ? undefined : codecFromSchema(plan.source.events);
      this.publisher = new Publisher(plan.source.ring, codec as never, plan.tickets, this.control);
    }
    const { destination: ring, origins } = plan;
    this.reader = ring && readRing({ ring, items: plan.items!, origins }, 3);
    this.coordinator = this.play(makeCoordinator(plan), COORDINATOR);
    this.processors = plan.lanes.map((_, i) => {
      return this.play(this.makeProcessor(i), FIRST_PROCESSOR + i);
    });
    this.writer = this.play(this.makeWriter(false), WRITER);
    if (plan.source.ring === undefined) this.control.drain(options.startAt + source.count!);
  }

  /** The thread dies where it stands, and another one takes its place. Not one that is on the stack. */
  succeed(player: Player, poison?: number): void {
    if (this.still === player) this.still = undefined;
    const index = this.processors.indexOf(player);
    if (index >= 0) {
      this.processors[index] = this.play(this.makeProcessor(index, { poison }), FIRST_PROCESSOR + index);
    } else if (player === this.writer) this.writer = this.play(this.makeWriter(true), WRITER);
    else {
      this.coordinator = this.play(makeCoordinator(this.plan), COORDINATOR);
      wakeEverybody(this.plan);
    }
  }

  get players(): readonly Player[] {
    return [this.coordinator, ...this.processors, this.writer];
  }

  get published(): number {
    return ackedCursor(this.plan.tickets).loadFar();
  }

  counters(thread: number) {
    return new Counters(this.plan.counters, thread).read();
  }

  /**
   * One step of a player that chance picks. False when nobody has one. Now and then a player stands still for as long as
   * the others have something to do, as a thread does that the operating system has set aside.
   */
  step(): boolean {
    const players = this.players;
    if (this.random() < 0.1) this.still = this.random() < 0.5 ? undefined : this.pick();
    const first = players.indexOf(this.pick());
    for (let i = 0; i < players.length; i++) {
      const player = players[(first + i) % players.length]!;
      if (player !== this.still && this.stepOf(player)) return true;
    }
    const { still } = this;
    this.still = undefined;
    if (still !== undefined && this.stepOf(still)) return true;
    // Only such a writer may wait for nothing but the time.
    return this.isStore && this.writer.timesOut();
  }

  private stepOf(player: Player): boolean {
    const processor = this.processors.indexOf(player);
    if (
      processor >= 0 &&
      Number.isFinite(this.mostRecords) &&
      loadLaneRecords(openLane(this.plan.lanes[processor]!)) > this.mostRecords
    )
      return false;
    if (!player.step()) return false;
    this.onStep();
    return true;
  }

  private pick(): Player {
    return this.players[Math.floor(this.random() * this.players.length)]!;
  }

  /** Steps until nobody has one. */
  settle(): void {
    while (this.step());
  }

  /** Publishes all events and drains, in random turns; reads what arrives. Throws where a thread would sleep for ever. */
  async finish(events: Iterable<unknown> = []): Promise<void> {
    const rest = events[Symbol.iterator]();
    let next = rest.next();
    const { publisher } = this;
    const publish = (): boolean => {
      if (publisher === undefined || next.done || !publisher.tryPublish(next.value)) return false;
      next = rest.next();
      return true;
    };
    while (publisher !== undefined && !next.done) {
      if (this.random() < 0.2 && publish()) continue;
      if (!(await this.turn()) && !publish()) throw this.stuck();
    }
    if (publisher !== undefined) {
      // All that was published is delivered without a drain, which wakes everybody.
      if (this.random() < 0.5) {
        while (await this.turn());
        if (this.published < publisher.loadNext()) throw this.stuck();
      }
      this.control.drain(publisher.close()!);
    }
    while (!this.isDone()) if (!(await this.turn()) && !this.isDone()) throw this.stuck();
    this.rethrow();
    while (this.take());
  }

  /** What a promise of a player was rejected with. */
  private rethrow(): void {
    for (const { error } of this.players) if (error !== undefined) throw error;
  }

  private turns = 0;

  /** A step of a player, and now and then of the reader. False when nobody can do anything. */
  private async turn(): Promise<boolean> {
    if (this.random() < 0.1) this.take();
    let hasSettled = this.random() < 0.1 && this.onTurn();
    const stepped = !hasSettled && this.step();
    if (!hasSettled && !stepped) hasSettled = this.onTurn();
    this.rethrow();
    const isPending = this.players.some(({ state }) => state === 'pending');
    if (hasSettled || (isPending && (!stepped || this.turns++ % 50 === 0))) await this.quiet();
    return stepped || hasSettled || isPending || this.take() || this.players.some(({ state }) => state === 'awake');
  }

  private async quiet(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.onQuiet();
  }

  private stuck(): Error {
    return new Error(`nobody will ever wake: ${this.describe()}`);
  }

  /** Reads what is in the destination ring, a little at a time. */
  take(): boolean {
    const { reader } = this;
    if (reader === undefined || !reader.next()) return false;
    for (let i = 0; i < reader.length; i++) this.read.push(reader.copy(i));
    if (this.plan.origins !== undefined) this.takePlaces(reader as RingBatches<unknown> & SequencedBatch<unknown>);
    return true;
  }

  private takePlaces(batch: SequencedBatch<unknown>): void {
    const places = placesOf(batch);
    for (const [i, [sequence]] of places.entries()) expect(batch.sequenceAt(i)).toBe(sequence);
    for (let run = 0; run < batch.runs; run++) if (batch.runEnds(run)) this.readEnds.push(batch.runSequence(run));
    this.readPlaces.push(...places);
  }

  isDone(): boolean {
    return this.writer.state === 'done' && this.processors.every(({ state }) => state === 'done');
  }

  describe(): string {
    const who = this.players.map(
      ({ cycle, state }) => `${cycle.roleName} ${state} (cause ${cycle.waiting.cause}, wants ${cycle.waiting.wanted})`,
    );
    return `${who.join('; ')}; published ${this.published}, end ${this.control.loadEnd()}`;
  }

  private play(cycle: DutyCycle, thread: number): Player {
    return new Player(cycle, this.control.eventcount(thread), this.random);
  }

  /**
   * An `emit` that waits, asleep on its eventcount. Below it on the stack are only later tickets, so it is enough, and all
   * that is possible on one stack, that the writer and whoever has the head's ticket go on.
   */
  private emitWaits(index: number, look: () => boolean, wanted: number): void {
    const sleeper = this.control.eventcount(FIRST_PROCESSOR + index);
    this.onEmitWaits(index, wanted);
    while (!look()) {
      const armed = sleeper.arm(CAUSES.room, wanted);
      if (look()) {
        sleeper.disarm(armed);
        return;
      }
      while (sleeper.loadCause() !== 0) {
        this.onStep();
        if (this.writer.step() || this.coordinator.step() || this.headGoesOn()) continue;
        if (this.isStore && this.writer.timesOut()) continue;
        throw new Error(`an emit of processor ${index} waits for ever: ${this.describe()}`);
      }
    }
  }

  /** Whoever has the head computes it, or, where it has done so and only did not wake the writer yet, does that in time. */
  private headGoesOn(): boolean {
    const head = this.published;
    const follower = new TicketFollower(this.plan.tickets);
    while (follower.look(head) && follower.end <= head) follower.index++;
    const owner =
      follower.owner < 0 ? this.processors.find(({ onStack }) => !onStack) : this.processors[follower.owner];
    if (owner === undefined) return false;
    const at = this.control.position(FIRST_PROCESSOR + this.processors.indexOf(owner)).load();
    if (at > head && owner.rings()) return true;
    // All of its ticket is computed, and a store keeps it back: a later ticket is not to come above earlier ones on the stack.
    if (at >= follower.end && this.isStore && this.writer.timesOut()) return true;
    return owner.step();
  }

  private makeProcessor(index: number, succeeds?: Succession) {
    return makeProcessor(this.definition, this.plan, index, {
      waitForRoom: (look, wanted) => this.emitWaits(index, look, wanted),
      pause: () => Promise.resolve(),
      deadLetter: async (letter) => void this.letters.push(letter),
      succeeds,
    });
  }

  private makeWriter(takeOver: boolean) {
    const { plan, write } = this;
    const store = typeof write === 'object' && 'open' in write ? write.open() : undefined;
    this.isStore = store?.commit !== undefined || store?.lingerMs !== undefined;
    const stands = store?.stands;
    const own = store ?? (typeof write === 'function' ? { write } : undefined);
    const destination = own === undefined ? this.ring(takeOver) : userDestination(own, undefined, stands);
    if (destination instanceof UserDestination) store?.opened?.((n) => destination.ready(n));
    return makeWriter(plan, destination, writerParker(plan), {
      stands,
      pause: () => Promise.resolve(),
      deadLetter: async (letter) => void this.letters.push(letter),
      recompute: (processor) => this.succeed(this.processors[processor]!),
      takeOver,
    });
  }

  private ring(takeOver: boolean): Destination {
    const { plan } = this;
    const variable = codecFromSchema(plan.items!).kind === 'variable';
    const writer = ++this.writers;
    const origins = plan.origins && new ItemOrigins(plan.origins);
    const producer = new EventRingProducer(plan.destination!, { takeOver });
    const waitForReaders = (ring: EventRingProducer): void | Promise<void> => {
      ring.publish();
      // The last batch was read and is given back by asking for the next.
      if (!this.take() && ring.loadFree() === 0)
        throw new Error('the destination ring is full and has nothing to read');
      if (!this.hasLateReaders) return;
      this.isWaitingForReaders = true;
      return new Promise((resolve) => {
        setImmediate(() => {
          // A writer that has died in its wait never comes back.
          if (writer !== this.writers) return;
          this.isWaitingForReaders = false;
          resolve();
        });
      });
    };
    return ringDestination(producer, variable, waitForReaders, origins);
  }
}

/** A small generator of random numbers, the same on every machine (mulberry32). */
export function randomBy(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
