import { refusedEmit } from './emit-refusal.ts';
import type { LaneOutput } from './lane-output.ts';
import type { AnyOutput } from './output.ts';

/** The output of one attempt at one event, for code that may keep it longer: then it takes nothing more. */
export class EventOutput implements AnyOutput {
  private readonly current: number;
  private readonly attempt: number;
  private readonly lane: LaneOutput<unknown>;
  private isOver = false;

  constructor(lane: LaneOutput<unknown>, attempt: number) {
    this.lane = lane;
    this.current = lane.current;
    this.attempt = attempt;
  }

  get sequence(): number {
    return this.current;
  }

  get aborted(): boolean {
    return this.lane.aborted;
  }

  get items(): unknown {
    return this.lane.items;
  }

  get begin(): number {
    return this.lane.begin;
  }

  emit(item: unknown): void {
    this.expectOpen();
    this.lane.emit(item);
  }

  claim(n: number): number {
    this.expectOpen();
    return this.lane.claim(n);
  }

  commit(n: number): void {
    this.expectOpen();
    this.lane.commit(n);
  }

  next(): object {
    this.expectOpen();
    return this.lane.next();
  }

  end(): void {
    this.isOver = true;
  }

  private expectOpen(): void {
    if (this.isOver) throw refusedEmit('ended', this.current, this.attempt);
  }
}
