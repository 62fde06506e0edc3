import type { Machine } from './machine.ts';
import type { CoordinationCosts, FlowShape } from './parameters.ts';
import type { Amount, Workload } from './workload.ts';

/** A ticket on its way from the coordinator to the writer. */
export interface Ticket {
  readonly begin: number;
  readonly end: number;
  readonly amount: Amount;
  /** The processor that has it; -1: nobody yet. */
  owner: number;
  /** When its computation began, on the machine's virtual clock; NaN: not yet. */
  startedAt: number;
  complete: boolean;
}

/** What the roles share: the machine, the ticket log, and what their counters say. */
export class Log {
  readonly tickets: Ticket[] = [];
  /** Tickets below are taken by a processor, and written. */
  taken = 0;
  drained = 0;
  /** First sequence without a ticket. */
  cut = 0;
  /** By all processors so far: sequences done, the time they took, the bytes that came of them. */
  sequences = 0;
  computeUs = 0;
  bytes = 0;
  /** By the writer so far. */
  batches = 0;
  deliveringUs = 0;
}

export interface Surroundings {
  readonly machine: Machine;
  readonly log: Log;
  readonly workload: Workload;
  readonly shape: FlowShape;
  readonly costs: CoordinationCosts;
}
