/** For what a thread sleeps. The number stands in its eventcount, so that only the right progress wakes it. */
export const CAUSES = {
  /** Computing, or at least awake. */
  none: 0,
  /** A processor, for the first event of its ticket.                                       Wanted: end of the source. */
  input: 1,
  /** A processor, for a ticket to take.                                                    Wanted: tickets issued. */
  ticket: 2,
  /** A processor inside `emit`, for room in its lane.                                      Wanted: head of the lane. */
  room: 3,
  /** The writer, for items of the head's processor.                                        Wanted: that processor. */
  items: 4,
  /** The writer, for room in its destination. Asleep in the destination ring. */
  demand: 5,
  /** The writer, for the promise that its `write` returned. */
  ack: 6,
  /** The coordinator, for processors to take tickets.                                      Wanted: tickets taken. */
  claims: 7,
  /** The coordinator, for the writer to drain tickets, so that their entries serve again.    Wanted: tickets drained. */
  drained: 8,
  /** A processor, for the promise that its `process` returned. */
  promise: 9,
  /** The main thread, for the destination to acknowledge sequences (bare sequences have no ring that says so). */
  acks: 10,
  /** A processor or the writer, before it tries again what failed. */
  backoff: 11,
  /** A processor or the writer, for somebody to take a dead letter. */
  deadLetter: 12,
  /** Everybody, for the flow to be resumed. */
  paused: 13,
  /** Nobody sleeps for it: a producer on another thread has ended in the middle of publishing, and nothing passes it. */
  producer: 14,
  /** Nobody sleeps for it by this name: the writer has items in hand, and collects more (`lingerMs`). */
  linger: 15,
} as const;

export type Cause = keyof typeof CAUSES;

const NAMES = Object.keys(CAUSES) as Cause[];

export const causeName = (cause: number): Cause => NAMES[cause] ?? 'none';
