/** What is done about an event that its processor failed on, and about a batch that its destination refused. */
export interface FailurePolicy {
  /** How often it is tried again, 0 for never, and after which pauses. */
  readonly attempts: number;
  readonly delayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** Share of each pause that chance decides, 0 to 1, so that many flows do not come back at the same moment. */
  readonly jitter: number;
  /** What follows the last attempt. */
  readonly otherwise: 'stop' | 'dead-letter';
}

/** Milliseconds to wait before attempt `attempt`, from 1: exponential, with a cap. */
export function pauseBefore(policy: FailurePolicy, attempt: number, random: () => number = Math.random): number {
  // No factor of nothing is anything (0 * Infinity is NaN).
  const grown = policy.delayMs === 0 ? 0 : policy.delayMs * policy.factor ** (attempt - 1);
  const full = Math.min(grown, policy.maxDelayMs);
  return full * (1 - policy.jitter * random());
}

/** An event or a batch that was given up, and why. Its sequence is published without it. */
export interface DeadLetter {
  /** Whose it is: an event that its processor could not compute, or items that the destination did not take. */
  readonly from: 'processor' | 'writer';
  readonly sequence: number;
  /**
   * Of a processor: items of the event that had gone to the writer before, whole batches, and are delivered; undefined where
   * a thread has died at this event, since nobody knows then how many there are. Of a writer: index of the first item given up
   * within its sequence.
   */
  readonly item: number | undefined;
  /** Of a processor: the event. Of a writer: undefined. */
  readonly event?: unknown;
  /** Of a writer: the items that were given up. */
  readonly items?: readonly unknown[];
  /** How often it was tried. */
  readonly attempts: number;
  /** What was thrown last, or a MillraceError with code THREAD_DIED. */
  readonly cause: unknown;
}
