import { refusedEmit } from './emit-refusal.ts';
import type { LaneOutput } from './lane-output.ts';
import type { Output } from './output.ts';

/** The output of one attempt at one event, for code that may keep it longer: then it takes nothing more. */
export class EventOutput implements Output<unknown> {
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

  emit(item: unknown): void {
    if (this.isOver) throw refusedEmit('ended', this.current, this.attempt);
    this.lane.emit(item);
  }

  end(): void {
    this.isOver = true;
  }
}
