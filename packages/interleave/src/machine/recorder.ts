import type { Operation } from './operation.ts';

/** One line of a trace. */
export interface Event {
  readonly thread: number;
  readonly operation: Operation;
  readonly variant: number;
  readonly result: unknown;
  /** The thread's own clock, by which a race names an access. */
  readonly clock: number;
  readonly what: 'step' | 'plain' | 'death';
}

/** Keeps what every access of one execution did. */
export class Recorder {
  readonly events: Event[] = [];

  step(thread: number, operation: Operation, variant: number, result: unknown, clock: number): void {
    this.events.push({ thread, operation, variant, result, clock, what: 'step' });
  }

  plain(thread: number, operation: Operation, result: unknown, clock: number): void {
    this.events.push({ thread, operation, variant: 0, result, clock, what: 'plain' });
  }

  death(thread: number, operation: Operation, clock: number): void {
    this.events.push({ thread, operation, variant: 0, result: undefined, clock, what: 'death' });
  }
}
