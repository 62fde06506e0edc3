import { MillraceError } from '../thread/errors.ts';
import { messageOf } from '../thread/thrown.ts';

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

const ACTIONS = ['retry', 'recompute', 'dead-letter', 'stop'] as const;

const MARK: unique symbol = Symbol.for('millrace.nack') as never;

/** Thrown by a writer's `write`: the destination does not take this batch, or only the items in front of `item`, now. */
export class Nack extends Error {
  readonly item: number | undefined;
  readonly action: NackOptions['action'];
  readonly delayMs: number | undefined;

  /** `cause`: why, in words or as the error that the destination gave. */
  constructor(cause: unknown, options: NackOptions = {}) {
    expectOptions(options);
    const { item, action, delayMs } = options;
    super(messageOf(cause), { cause });
    this.name = 'Nack';
    this.item = item;
    this.action = action;
    this.delayMs = delayMs;
    Object.defineProperty(this, MARK, { value: true });
  }
}

const OPTIONS = ['item', 'action', 'delayMs'];

function expectOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null)
    throw new MillraceError(
      'BAD_OPTIONS',
      `a Nack with the options ${String(options)}; give an object: { item, action, delayMs }`,
    );
  const { item, action, delayMs } = options as { [name in keyof NackOptions]: unknown };
  const faults = Object.keys(options)
    .filter((name) => !OPTIONS.includes(name))
    .map((name) => `the unknown option ${name}; there are ${OPTIONS.join(', ')}`);
  if (item !== undefined && !(Number.isSafeInteger(item) && (item as number) >= 0))
    faults.push(`item ${String(item)}; give the index of an item within the batch`);
  if (action !== undefined && !(ACTIONS as readonly unknown[]).includes(action))
    faults.push(`action ${JSON.stringify(action)}; give ${ACTIONS.map((name) => `'${name}'`).join(', ')}`);
  if (delayMs !== undefined && !(Number.isFinite(delayMs) && (delayMs as number) >= 0))
    faults.push(`delayMs ${String(delayMs)}; give milliseconds, 0 or more`);
  if (faults.length > 0) throw new MillraceError('BAD_OPTIONS', `a Nack with ${faults.join(', and with ')}`);
}

/** Never throws, whatever was thrown. */
export function isNack(value: unknown): value is Nack {
  try {
    return typeof value === 'object' && value !== null && (value as { [MARK]?: unknown })[MARK] === true;
  } catch {
    return false;
  }
}
