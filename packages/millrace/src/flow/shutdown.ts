/** How a process ends a flow: in numbered steps, by a deadline, and with a word about what was left. */

import { settlesWithin } from 'native-free-rings/waits';
import type { Settles } from '../thread/settles.ts';
import { isError, readable } from '../thread/thrown.ts';
import { expectFlow, expectOptions } from './call-options.ts';
import type { BaseFlow } from './flow.ts';
import { endOnSignal } from './signals.ts';

export interface ShutdownOptions {
  /**
   * How long everything that was published may take to be delivered, before the flow is stopped. Default 10,000; Infinity: as
   * long as it takes.
   */
  deadlineMs?: number;
  /**
   * Told of each step: 1 the source is closed; 2 all is delivered, or the deadline has passed; 3 the threads have ended. What it
   * throws is a warning of the process, and the shutdown goes on.
   */
  onStep?: (step: 1 | 2 | 3, what: string) => void;
}

export interface ShutdownReport {
  /** Every sequence below is delivered and acknowledged: where to start again (`startAt`). */
  readonly published: number;
  /** Sequences that had arrived and are not delivered. */
  readonly left: number;
  /** The deadline passed, or the flow had failed or been stopped. */
  readonly forced: boolean;
  /** What the flow failed of; undefined otherwise. */
  readonly error: unknown;
}

/**
 * Drains a flow, and stops it where that takes longer than the deadline. Never rejects, whatever becomes of the flow; options
 * that cannot be used are refused before anything is done.
 */
export async function shutdown(flow: BaseFlow<never, unknown>, options: ShutdownOptions = {}): Promise<ShutdownReport> {
  expectFlow('shutdown', flow);
  expectOptions('shutdown', options, ['deadlineMs', 'onStep']);
  const { deadlineMs = 10_000, onStep = () => {} } = options;
  const step = (number: 1 | 2 | 3, what: string): void => void warnOf('onStep', () => onStep(number, what));
  let error: unknown;
  let hadEnded = false;
  const drained = flow.drain().catch((reason: unknown) => {
    error = reason;
    hadEnded = true;
  });
  step(1, 'the source is closed');
  const inTime = await settlesWithin(drained, deadlineMs);
  step(2, hadEnded ? 'the flow had ended before' : inTime ? 'all is delivered' : 'the deadline has passed');
  const forced = hadEnded || !inTime;
  await flow.stop();
  step(3, 'the threads have ended');
  const { events, published } = flow.stats();
  return {
    published: flow.published,
    left: events - published,
    forced,
    error: forced && inTime ? error : undefined,
  };
}

export interface ShutdownOnOptions extends ShutdownOptions {
  /** Default SIGTERM and SIGINT. */
  signals?: readonly NodeJS.Signals[];
  /** Told how it went, before the process ends; its promise is awaited. What it throws is a warning of the process. */
  onReport?: (report: ShutdownReport, signal: NodeJS.Signals) => Settles;
  /** End the process by the same signal when the flow is down, as it would have ended without this. Default true. */
  exit?: boolean;
}

/**
 * Shuts a flow down when the process is told to end. A second signal does not wait for the deadline, and a third one for
 * nothing. Of several flows the process ends when the last one is down and has reported. Dispose of what it returns (`using`)
 * to take the handlers off; they go by themselves when the flow has ended.
 */
export function shutdownOn(flow: BaseFlow<never, unknown>, options: ShutdownOnOptions = {}): Disposable {
  expectFlow('shutdownOn', flow);
  expectOptions('shutdownOn', options, ['deadlineMs', 'onStep', 'signals', 'onReport', 'exit']);
  const { signals = ['SIGTERM', 'SIGINT'], onReport = () => {}, exit = true, deadlineMs, onStep } = options;
  const guest = endOnSignal({
    signals,
    exits: exit,
    async end(signal) {
      let release = (): void => {};
      // A loop that is publishing is not to end the process before all is delivered.
      flow.held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const report = await shutdown(flow, { deadlineMs, onStep });
      await warnOf('onReport', () => onReport(report, signal));
      // Of a process that ends by the signal, nobody is left to be told.
      if (!exit) release();
    },
    force: () => void flow.stop(),
  });
  flow.once('exit', () => guest.ended());
  return { [Symbol.dispose]: () => guest.dispose() };
}

/** Calls code of the user's that only listens: what it throws, or rejects with, is shown and stops nothing. */
async function warnOf(what: string, call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (thrown) {
    const error = readable(thrown);
    const [text, detail] = isError(error) ? [error.message, error.stack] : [String(error), undefined];
    const type = 'MillraceWarning';
    process.emitWarning(`${what} of a shutdown failed: ${text}`, detail === undefined ? { type } : { type, detail });
  }
}
