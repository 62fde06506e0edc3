import { CAUSES } from '../thread/causes.ts';
import { Control, WRITER } from '../thread/control-block.ts';
import { type Parker, runOnEventLoop } from '../thread/parker.ts';
import { pauseFor } from '../thread/pause.ts';
import type { FlowPlan } from '../thread/plan.ts';
import type { Settles } from '../thread/settles.ts';
import { runDispose } from '../thread/thread-main.ts';
import { startTimeout, within } from '../thread/time-limit.ts';
import type { WriterDefinition } from '../writer/definition.ts';
import type { WriterCycle } from '../writer/writer-cycle.ts';
import { makeWriter, openDestination, type WriterHost, writerParker } from '../writer/writer-life.ts';
import { inside } from './inside.ts';
import type { CompiledOptions } from './options.ts';

/** A function and what goes with it, of which each call is known as the flow's while it is on the stack. */
export function functionDefinition(
  flow: CompiledOptions,
  definition: WriterDefinition<unknown>,
): WriterDefinition<unknown> {
  const { write, init, commit, close, dispose } = definition;
  const none = (call: () => Settles): (() => Settles) => {
    const called = inside(flow, (_none: undefined) => call());
    return () => called(undefined);
  };
  return {
    ...definition,
    write: inside(flow, write),
    ...(init === undefined ? {} : { init: inside(flow, init) }),
    ...(commit === undefined ? {} : { commit: inside(flow, commit) }),
    ...(close === undefined ? {} : { close: none(close) }),
    ...(dispose === undefined ? {} : { dispose: none(dispose) }),
  };
}

/** Runs a writer's `dispose` on this thread, seen as waiting for its promise: so a call in it that waits for the flow is refused. */
export async function disposeVisibly(
  definition: Pick<WriterDefinition<unknown>, 'dispose'> | undefined,
  parker: Parker,
  timeoutMs: number,
): Promise<void> {
  if (definition?.dispose === undefined) return;
  await parker.timedAsync(CAUSES.ack, runDispose(definition, 'writer', timeoutMs));
}

/** The writer of a flow on threads that is a function on this one. */
export class MainWriter {
  private readonly definition: WriterDefinition<unknown>;
  private readonly timeoutMs: number;
  private cycle: WriterCycle | undefined;
  /** Where its `init` has run. */
  private parker: Parker | undefined;
  private disposing: Promise<void> | undefined;

  constructor(flow: CompiledOptions, definition: WriterDefinition<unknown>) {
    this.definition = functionDefinition(flow, definition);
    this.timeoutMs = flow.startTimeoutMs;
  }

  /** Runs its `init`, and attaches it to the flow's memory. */
  async open(plan: FlowPlan, host: Pick<WriterHost, 'deadLetter' | 'recompute'>): Promise<void> {
    const { timeoutMs } = this;
    const opening = openDestination(plan, this.definition, { data: undefined });
    const { destination, stands } = await within(timeoutMs, opening, () =>
      startTimeout('writer', undefined, timeoutMs),
    );
    const parker = writerParker(plan);
    const pause = (ms: number): Promise<void> => pauseFor(new Control(plan.control), WRITER, ms);
    this.parker = parker;
    this.cycle = makeWriter(plan, destination, parker, { ...host, pause, stands });
  }

  /** Delivers everything. */
  async run(): Promise<void> {
    try {
      await runOnEventLoop(this.cycle!, this.parker!);
    } catch (error) {
      await this.dispose().catch(() => {});
      throw error;
    }
    await this.dispose();
  }

  /** Once, however the flow ended. */
  dispose(): Promise<void> {
    this.disposing ??=
      this.parker === undefined ? Promise.resolve() : disposeVisibly(this.definition, this.parker, this.timeoutMs);
    return this.disposing;
  }
}
