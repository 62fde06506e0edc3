import { conflict, type Footprint, placeOf, readOfWord } from '../machine/footprint.ts';
import type { Mark } from '../machine/journal.ts';
import { Variant } from '../machine/variants.ts';
import type { Choice, Exploration } from './exploration.ts';
import { HappensBefore } from './happens-before.ts';

/** Deliberate mistakes, to show that the tests of the checker find them. */
export interface Flaws {
  /** The rule of Flanagan and Godefroid (2005): try the racing thread itself, or all if it cannot go on there. */
  readonly racingThreadOnly?: boolean;
  /** Keep only the latest access to each place. */
  readonly lastAccessOnly?: boolean;
  /** Threads stay asleep whatever happens. */
  readonly deepSleep?: boolean;
}

/** A state on the current execution, with what is to be tried from it. */
interface Frame {
  readonly mark: Mark;
  readonly enabled: number;
  /** Threads to be tried, as bits; only grows. */
  backtrack: number;
  /** Threads that were tried. */
  tried: number;
  /** Threads whose next operation, or whose death, was covered elsewhere. */
  asleep: number;
  deathAsleep: number;
  /** Footprints of those next steps, by thread. */
  readonly prints: (Footprint | undefined)[];
  readonly deathPrints: (Footprint | undefined)[];
  thread: number;
  variants: number[];
}

/**
 * Source-set DPOR: of each class of executions that differ only in the order of independent steps it explores one, or few.
 * After P. Abdulla, S. Aronis, B. Jonsson, K. Sagonas, "Optimal dynamic partial order reduction", POPL 2014, algorithm 1.
 *
 * For every race `e … e'` of the current execution, some other execution must reverse it: from the state before `e`, do the
 * steps after `e` that do not depend on it, then `e'`. A thread that may begin this sequence (an *initial*) has to be tried
 * from that state; if none is, one is added. A sleep set keeps a thread from being tried again until a step that
 * conflicts with it has come in between.
 *
 * Choices of a step itself (death, a fate of a sleep, a racy value) are variants: whoever tries a thread tries them all.
 */
export class Dpor {
  private readonly exploration: Exploration;
  private readonly order: HappensBefore;
  private readonly flaws: Flaws;
  private readonly frames: Frame[] = [];

  constructor(exploration: Exploration, flaws: Flaws = {}) {
    this.exploration = exploration;
    this.order = new HappensBefore(exploration.machine, flaws.lastAccessOnly === true);
    this.flaws = flaws;
  }

  /** The choices that led to the present state. */
  schedule(): Choice[] {
    return this.order.steps.slice(1, this.exploration.machine.position + 1);
  }

  async run(): Promise<void> {
    const { exploration, frames } = this;
    const { machine } = exploration;
    this.push(0, 0, [], []);
    while (frames.length > 0 && !exploration.failed) {
      const frame = frames[frames.length - 1];
      machine.rollback(frame.mark);
      if (frame.variants.length === 0 && !this.nextThread(frame)) {
        frames.pop();
        continue;
      }
      const { thread } = frame;
      const variant = frame.variants.shift()!;
      const footprint = machine.footprint(thread, variant);
      const previous = machine.lastStepOf(thread);
      const pending = exploration.step(thread, variant);
      if (pending !== undefined) await pending;
      for (const word of machine.roundReads) footprint.touches.push(readOfWord(word));
      this.keepPrint(frame, thread, variant, footprint);
      const position = machine.position;
      const races = this.order.add(position, { thread, variant, footprint }, previous);
      for (const earlier of races) this.reverse(earlier, position);
      if (!exploration.failed) this.descend(frame, thread, footprint);
    }
  }

  /** Takes the next thread to try; puts the one before to sleep. False when there is none. */
  private nextThread(frame: Frame): boolean {
    if (frame.thread >= 0) {
      frame.tried |= 1 << frame.thread;
      frame.asleep |= 1 << frame.thread;
      frame.deathAsleep |= 1 << frame.thread;
      frame.thread = -1;
    }
    const open = frame.backtrack & ~frame.tried;
    for (let thread = 0; open >> thread !== 0; thread++) {
      if (((open >> thread) & 1) === 0) continue;
      frame.tried |= 1 << thread;
      frame.variants = this.awakeVariants(frame.asleep, frame.deathAsleep, thread);
      if (frame.variants.length === 0) continue;
      frame.thread = thread;
      frame.prints[thread] = undefined;
      frame.deathPrints[thread] = undefined;
      return true;
    }
    return false;
  }

  private awakeVariants(asleep: number, deathAsleep: number, thread: number): number[] {
    const { machine } = this.exploration;
    if (!machine.isEnabled(thread)) return [];
    return machine
      .variants(thread)
      .filter((variant) => (((variant === Variant.dies ? deathAsleep : asleep) >> thread) & 1) === 0);
  }

  /** Remembers what the tried thread touched, for the time when it sleeps. */
  private keepPrint(frame: Frame, thread: number, variant: number, footprint: Footprint): void {
    const prints = variant === Variant.dies ? frame.deathPrints : frame.prints;
    const before = prints[thread];
    prints[thread] =
      before === undefined ? footprint : { ...before, touches: [...before.touches, ...footprint.touches] };
  }

  /** Opens the state after a step, or ends the execution there. */
  private descend(frame: Frame, thread: number, footprint: Footprint): void {
    const asleep = this.stillAsleep(frame.asleep, frame.prints, thread, footprint);
    const deathAsleep = this.stillAsleep(frame.deathAsleep, frame.deathPrints, thread, footprint);
    this.push(asleep, deathAsleep, frame.prints, frame.deathPrints, thread);
  }

  private stillAsleep(asleep: number, prints: (Footprint | undefined)[], mover: number, footprint: Footprint): number {
    let still = 0;
    for (let thread = 0; asleep >> thread !== 0; thread++) {
      if (((asleep >> thread) & 1) === 0 || thread === mover) continue;
      const print = prints[thread];
      if (this.flaws.deepSleep || print === undefined || !conflict(print, footprint)) still |= 1 << thread;
    }
    return still;
  }

  private push(
    asleep: number,
    deathAsleep: number,
    prints: readonly (Footprint | undefined)[],
    deathPrints: readonly (Footprint | undefined)[],
    preferred = 0,
  ): void {
    const { exploration } = this;
    const enabled = exploration.enabled();
    if (enabled === 0) {
      exploration.end();
      return;
    }
    const { machine } = exploration;
    const threads = machine.names.length;
    for (let i = 0; i < threads; i++) {
      // To go on with the thread that just moved keeps schedules readable.
      const thread = (preferred + i) % threads;
      if (((enabled >> thread) & 1) === 0 || this.awakeVariants(asleep, deathAsleep, thread).length === 0) continue;
      this.frames.push({
        mark: machine.mark(),
        enabled,
        backtrack: 1 << thread,
        tried: 0,
        asleep,
        deathAsleep,
        prints: [...prints],
        deathPrints: [...deathPrints],
        thread: -1,
        variants: [],
      });
      return;
    }
    exploration.pruned++;
    exploration.checkLimits();
  }

  /** Makes sure that some execution has the step at `later` before the one at `earlier`. */
  private reverse(earlier: number, later: number): void {
    const frame = this.frames[earlier - 1];
    if (this.flaws.racingThreadOnly) {
      const racing = 1 << this.order.steps[later].thread;
      frame.backtrack |= (frame.enabled & racing) !== 0 ? racing : frame.enabled;
      return;
    }
    const { initials, covered } = this.initials(frame, earlier, later);
    if (covered || (initials & frame.backtrack) !== 0) return;
    const racing = 1 << this.order.steps[later].thread;
    frame.backtrack |= (initials & racing) !== 0 ? racing : initials & -initials;
  }

  /**
   * The threads that may begin the sequence `v` of the steps after `earlier` that do not depend on it, ended by `later`:
   * those whose first step in `v` has no predecessor in `v`. Covered: one of those steps sleeps at the frame.
   */
  private initials(frame: Frame, earlier: number, later: number): { initials: number; covered: boolean } {
    const { order } = this;
    const { steps } = order;
    const threads = this.exploration.machine.names.length;
    const firsts = new Array<number>(threads).fill(0);
    let initials = 0;
    let covered = false;
    for (let at = earlier + 1; at <= later; at++) {
      if (at < later && order.precedes(earlier, at)) continue;
      const { thread, variant, footprint } = steps[at];
      if (firsts[thread] !== 0) continue;
      firsts[thread] = at;
      let first = true;
      for (let other = 0; other < threads && first; other++) {
        if (other !== thread && firsts[other] !== 0) first = order.clock(at, other) < firsts[other];
      }
      if (at === later && first && footprint.conditional) first = this.touchesNothingOf(earlier, later);
      if (!first) continue;
      initials |= 1 << thread;
      const sleepers = variant === Variant.dies ? frame.deathAsleep : frame.asleep;
      if (((sleepers >> thread) & 1) === 1) covered = true;
    }
    return { initials, covered };
  }

  /**
   * What a conditional step touches depends on what comes before it: without the step at `earlier` the one at `later` may
   * write what here it only reads. It counts as an initial only if nothing in between goes near its places.
   */
  private touchesNothingOf(earlier: number, later: number): boolean {
    const { steps } = this.order;
    const places = new Set(steps[later].footprint.touches.map((touch) => placeOf(touch) >> 1));
    for (let at = earlier + 1; at < later; at++) {
      if (this.order.precedes(earlier, at)) continue;
      if (steps[at].footprint.touches.some((touch) => places.has(placeOf(touch) >> 1))) return false;
    }
    return true;
  }
}
