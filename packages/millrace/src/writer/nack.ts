export interface NackOptions {
  /** Index within the batch of the item that was refused: those in front of it were taken. Default: nothing was taken. */
  item?: number;
  /**
   * What to do about it. Default: what the flow's `onNack` says.
   *
   *   retry        the same items again, after the pause that `onNack` says
   *   recompute    the sequence is computed again by a fresh thread, then what was not taken is delivered
   *   dead-letter  the item (or without `item` all of the batch) goes to the dead letters, and the writer goes on after it
   *   stop         the flow fails
   *
   * Retries and recomputations count as attempts: after `onNack.attempts` of them comes `onNack.otherwise`.
   */
  action?: 'retry' | 'recompute' | 'dead-letter' | 'stop';
  /** Milliseconds before a retry, in place of the pause that `onNack` says. */
  delayMs?: number;
}

const MARK: unique symbol = Symbol.for('millrace.nack') as never;

/** Thrown by a writer's `write`: the destination does not take this batch, or only the items in front of `item`, now. */
export class Nack extends Error {
  readonly item: number | undefined;
  readonly action: NackOptions['action'];
  readonly delayMs: number | undefined;

  /** `cause`: why, in words or as the error that the destination gave. */
  constructor(cause: unknown, { item, action, delayMs }: NackOptions = {}) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'Nack';
    this.item = item;
    this.action = action;
    this.delayMs = delayMs;
    Object.defineProperty(this, MARK, { value: true });
  }
}

export const isNack = (value: unknown): value is Nack =>
  typeof value === 'object' && value !== null && (value as { [MARK]?: unknown })[MARK] === true;
