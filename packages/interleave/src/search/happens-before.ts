import { type Footprint, isWrite, placeOf } from '../machine/footprint.ts';
import type { Machine } from '../machine/machine.ts';

/** One step of the current execution. */
export interface Step {
  readonly thread: number;
  readonly variant: number;
  readonly footprint: Footprint;
}

/**
 * The order of dependent steps in the current execution, and its races: pairs of steps next to each other in that order
 * which could have come the other way round. Positions count from 1.
 *
 * A step's clock holds, per thread, the position of that thread's last step which must come before it.
 */
export class HappensBefore {
  readonly steps: Step[] = [];
  private readonly machine: Machine;
  private readonly threads: number;
  private clocks: Int32Array;
  /** Per place, position of the last step that wrote it. */
  private readonly lastWrites: Int32Array;
  /** Per place and thread, position of the last step that read it. */
  private readonly lastReads: Int32Array;

  private readonly lastAccessOnly: boolean;

  /** `lastAccessOnly` is a mistake, for tests of the tests. */
  constructor(machine: Machine, lastAccessOnly = false) {
    this.machine = machine;
    this.lastAccessOnly = lastAccessOnly;
    this.threads = machine.names.length;
    this.clocks = new Int32Array(256 * this.threads);
    this.lastWrites = new Int32Array(machine.memory.size * 2);
    this.lastReads = new Int32Array(machine.memory.size * 2 * this.threads);
  }

  /** True if the step at `earlier` must come before the one at `later`. */
  precedes(earlier: number, later: number): boolean {
    return this.clocks[later * this.threads + this.steps[earlier].thread] >= earlier;
  }

  clock(position: number, thread: number): number {
    return this.clocks[position * this.threads + thread];
  }

  /** Adds the step that was just done. Returns the positions of the steps with which it races. */
  add(position: number, step: Step, previous: number): number[] {
    const { threads } = this;
    const row = position * threads;
    if (row + threads > this.clocks.length) this.grow();
    this.steps[position] = step;
    for (let other = 0; other < threads; other++) {
      this.clocks[row + other] = previous === 0 ? 0 : this.clocks[previous * threads + other];
    }
    const firm = step.footprint.enabledBy.filter((at) => this.isNews(row, at));
    const loose = this.dependencies(step).filter((at) => this.isNews(row, at));
    for (const at of firm) this.join(row, at);
    const races = loose.filter(
      (at) => this.isNews(row, at) && !loose.some((via) => via !== at && this.precedes(at, via)),
    );
    for (const at of loose) this.join(row, at);
    this.clocks[row + step.thread] = position;
    this.keep(position, step);
    return races;
  }

  /** Positions of the earlier steps, of any thread, that touch what this one touches. */
  private dependencies({ thread, footprint }: Step): number[] {
    const found = new Set(footprint.after);
    for (const touch of footprint.touches) {
      const place = placeOf(touch);
      const write = this.lastWrites[place];
      if (write > 0) found.add(write);
      if (!isWrite(touch)) continue;
      for (let other = 0; other < this.threads; other++) {
        const read = this.lastReads[place * this.threads + other];
        if (read > write && other !== thread) found.add(read);
      }
    }
    if (this.lastAccessOnly && found.size > 1) return [Math.max(...found)];
    return [...found];
  }

  private isNews(row: number, at: number): boolean {
    return this.clocks[row + this.steps[at].thread] < at;
  }

  private join(row: number, at: number): void {
    for (let other = 0; other < this.threads; other++) {
      const known = this.clocks[at * this.threads + other];
      if (known > this.clocks[row + other]) this.clocks[row + other] = known;
    }
  }

  private keep(position: number, { thread, footprint }: Step): void {
    const { journal } = this.machine;
    for (const touch of footprint.touches) {
      const place = placeOf(touch);
      if (isWrite(touch)) journal.setWord(this.lastWrites, place, position);
      else journal.setWord(this.lastReads, place * this.threads + thread, position);
    }
  }

  private grow(): void {
    const larger = new Int32Array(this.clocks.length * 2);
    larger.set(this.clocks);
    this.clocks = larger;
  }
}
