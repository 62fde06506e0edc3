/** What coordination costs on a machine, measured by `scaling/calibration.ts`. All in microseconds. */
export interface CoordinationCosts {
  /** The writer, for an item, for a run of items of one sequence, and for a ticket without output. */
  readonly writerItemUs: number;
  readonly writerRunUs: number;
  readonly writerTicketUs: number;
  /** A processor, for a ticket: taking it, showing its end, its counters. */
  readonly processorTicketUs: number;
  /** A processor, for each entry of the log that it passes by because another has it. */
  readonly scanUs: number;
  /** The coordinator, for a ticket. */
  readonly cutUs: number;
  /** A cache line that another core has written. */
  readonly lineUs: number;
  /** From a waker's store until a processor or the writer runs, and what the call costs the waker. */
  readonly wakeUs: number;
  readonly wakeCallUs: number;
  /** The same until the coordinator runs, which serves an event loop, and the time it costs its core. */
  readonly coordinatorWakeUs: number;
  readonly coordinatorWakeCpuUs: number;
}

/** What is modelled: a flow on a machine. */
export interface FlowShape {
  readonly cores: number;
  readonly processors: number;
  readonly laneBytes: number;
  readonly ticketMs: number;
  /** Entries of the ticket log. */
  readonly logTickets: number;
}

/** The defaults of a flow. */
export const DEFAULT_SHAPE: Omit<FlowShape, 'cores' | 'processors'> = {
  laneBytes: 1024 * 1024,
  ticketMs: 2,
  logTickets: 512,
};
