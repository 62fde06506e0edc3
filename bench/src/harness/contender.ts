import type { Work } from '../workloads/kernel.ts';
import type { Answer } from '../workloads/w1.ts';

/**
 * A system under measurement. `start` does everything that a user does once (threads, pools, rings); `round` is what is timed,
 * on the same threads again and again; `stop` leaves no thread behind.
 */
export interface Contender<Setting, Result> {
  readonly name: string;
  start(options: StartOptions): Promise<RunningContender<Setting, Result>>;
}

export interface StartOptions {
  /** Computing threads; one that writes, reads or makes load comes on top. */
  readonly threads: number;
}

export interface RunningContender<Setting, Result> {
  round(setting: Setting): Promise<Result>;
  stop(): Promise<void>;
}

/** Contenders by name, each loaded only in the process that runs it. */
export type Registry<Setting, Result> = Readonly<Record<string, () => Promise<Contender<Setting, Result>>>>;

/** A round of ordered output: the events [0, events) of `work`. */
export interface OrderedSetting {
  readonly work: Work;
  readonly events: number;
}

export interface OrderedResult extends Answer {
  readonly ms: number;
  /** Processor time of all threads that worked for this round, in `ms`. */
  readonly cpuMs: number;
  /** Set by a contender of another language: its own warm plain loop over the same events, beside this round. */
  readonly loopMs?: number;
  readonly loopCpuMs?: number;
  /** Set by a contender whose work is done in another process than the one that it was started in. */
  readonly peakRssBytes?: number;
}

export type OrderedContender = Contender<OrderedSetting, OrderedResult>;

/** Times one round of a contender that answers when its last item is folded, and that has this process to itself. */
export async function timed(run: () => Answer | Promise<Answer>): Promise<OrderedResult> {
  const cpuBegin = process.cpuUsage();
  const begin = performance.now();
  const { checksum, items } = await run();
  const ms = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpuBegin);
  return { checksum, items, ms, cpuMs: (user + system) / 1e3 };
}

export class WrongAnswer extends Error {
  constructor(contender: string, label: string, got: Answer, expected: Answer) {
    super(
      `${contender} answered ${got.items} items with checksum ${got.checksum} at ${label}; ` +
        `right are ${expected.items} items with checksum ${expected.checksum}. Its time does not count.`,
    );
    this.name = 'WrongAnswer';
  }
}

export function verify(contender: string, label: string, got: Answer, expected: Answer): void {
  if (got.checksum !== expected.checksum || got.items !== expected.items)
    throw new WrongAnswer(contender, label, got, expected);
}
