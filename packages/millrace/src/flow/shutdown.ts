/** How a process ends a flow: in numbered steps, by a deadline, and with a word about what was left. */
import { setTimeout } from 'node:timers/promises';
import type { Flow } from './flow.ts';

export interface ShutdownOptions {
  /** How long everything that was published may take to be delivered, before the flow is stopped. Default 10,000. */
  deadlineMs?: number;
  /** Told of each step: 1 the source is closed; 2 all is delivered, or the deadline has passed; 3 the threads have ended. */
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

/** Drains a flow, and stops it where that takes longer than the deadline. Never rejects. */
export async function shutdown(
  flow: Flow<never, unknown>,
  { deadlineMs = 10_000, onStep = () => {} }: ShutdownOptions = {},
): Promise<ShutdownReport> {
  let error: unknown;
  const patience = new AbortController();
  const drained = flow.drain().then(
    () => true,
    (reason) => {
      error = reason;
      return false;
    },
  );
  onStep(1, 'the source is closed');
  const deadline = setTimeout(deadlineMs, undefined, { signal: patience.signal }).catch(() => undefined);
  const inTime = await Promise.race([drained, deadline]);
  patience.abort();
  onStep(
    2,
    inTime === true
      ? 'all is delivered'
      : inTime === undefined
        ? 'the deadline has passed'
        : 'the flow had ended before',
  );
  await flow.stop();
  onStep(3, 'the threads have ended');
  const { events, published } = flow.stats();
  return {
    published: flow.published,
    left: events - published,
    forced: inTime !== true,
    error: inTime === false ? error : undefined,
  };
}

export interface ShutdownOnOptions extends ShutdownOptions {
  /** Default SIGTERM and SIGINT. */
  signals?: readonly NodeJS.Signals[];
  /** Told how it went, before the process ends. */
  onReport?: (report: ShutdownReport, signal: NodeJS.Signals) => void;
  /** End the process by the same signal when the flow is down, as it would have ended without this. Default true. */
  exit?: boolean;
}

/**
 * Shuts a flow down when the process is told to end. A second signal does not wait for the deadline. Dispose of what it
 * returns (`using`) to take the handlers off; they go by themselves when the flow has ended.
 */
export function shutdownOn(flow: Flow<never, unknown>, options: ShutdownOnOptions = {}): Disposable {
  const { signals = ['SIGTERM', 'SIGINT'], onReport = () => {}, exit = true } = options;
  let isBegun = false;
  const dispose = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isBegun) {
      void flow.stop();
      return;
    }
    isBegun = true;
    void shutdown(flow, options).then((report) => {
      onReport(report, signal);
      dispose();
      if (exit) process.kill(process.pid, signal);
    });
  };
  for (const signal of signals) process.on(signal, onSignal);
  flow.once('exit', () => {
    if (!isBegun) dispose();
  });
  return { [Symbol.dispose]: dispose };
}
