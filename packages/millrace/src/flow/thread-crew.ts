import { setTimeout } from 'node:timers/promises';
import { runOnEventLoop } from '../thread/parker.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { FunctionDestination } from '../writer/destination.ts';
import { makeWriter, writerParker } from '../writer/writer-life.ts';
import { CoordinatorHost } from './control-plane-host.ts';
import type { Crew } from './crew.ts';
import type { LoadedCodecs } from './memory-plan.ts';
import type { CompiledOptions } from './options.ts';
import { type HostedThread, ThreadPool } from './thread-pool.ts';

/** A flow's threads: the coordinator, the processors, and the writer unless it is a function on this thread. */
export class ThreadCrew implements Crew {
  readonly takesProducers: boolean = true;
  private readonly options: CompiledOptions;
  private coordinator: CoordinatorHost | undefined;
  private readonly pools: ThreadPool[] = [];
  private processors: readonly HostedThread[] = [];
  private writer: HostedThread | undefined;
  private plan: FlowPlan | undefined;
  private runMainWriter: (() => Promise<void>) | undefined;
  /** Settles when everybody who was told to go has ended. */
  private ended: Promise<unknown> | undefined;
  private ending: Promise<void> | undefined;

  constructor(options: CompiledOptions) {
    this.options = options;
  }

  async load(): Promise<LoadedCodecs> {
    const { name, processors, writer, module, processorThread } = this.options;
    this.coordinator = new CoordinatorHost(name);
    const pool = this.pool('processor-thread', processors, processorThread);
    this.processors = Array.from({ length: processors }, (_, i) => pool.start(`processor ${i}`, module));
    if (writer.kind !== 'function') {
      const thread = writer.kind === 'module' ? writer.thread : {};
      this.writer = this.pool('writer-thread', 1, thread).start(
        'writer',
        writer.kind === 'module' ? writer.module : undefined,
      );
    }
    const [, written, processed] = await Promise.all([
      this.coordinator.online(),
      this.writer?.receive(),
      ...this.processors.map((thread) => thread.receive()),
    ]);
    return {
      input: processed?.type === 'loaded' ? processed.input : undefined,
      output: processed?.type === 'loaded' ? processed.output : undefined,
      writerInput: written?.type === 'loaded' ? written.input : undefined,
    };
  }

  async prepare(plan: FlowPlan): Promise<void> {
    this.plan = plan;
    const { warmUp, writer } = this.options;
    for (const [index, thread] of this.processors.entries()) thread.send({ type: 'start', plan, index, warmUp });
    this.writer?.send({ type: 'start', plan, index: 0, warmUp });
    if (writer.kind === 'function') {
      const parker = writerParker(plan);
      const cycle = makeWriter(plan, new FunctionDestination(writer.write), parker);
      this.runMainWriter = () => runOnEventLoop(cycle, parker);
    }
    await Promise.all([this.writer?.receive(), ...this.processors.map((thread) => thread.receive())]);
  }

  run(): { writer: Promise<void>; all: Promise<void> } {
    const coordinator = this.coordinator!.run(this.plan!);
    for (const thread of this.processors) thread.send({ type: 'go' });
    this.writer?.send({ type: 'go' });
    const writer = this.writer?.ended ?? this.runMainWriter!();
    const threads = [writer, ...this.processors.map((thread) => thread.ended)];
    this.ended = Promise.allSettled([...threads, coordinator]);
    const workers = Promise.all(threads);
    // The coordinator has nothing to end for before the others have; until then, its ending is its death.
    const all = Promise.race([workers, coordinator.then(() => workers)]).then(() => {});
    return { writer, all };
  }

  kick(): void {}

  end(graceMs: number): Promise<void> {
    this.ending ??= this.endOnce(graceMs);
    return this.ending;
  }

  private pool(...parameters: ConstructorParameters<typeof ThreadPool>): ThreadPool {
    const pool = new ThreadPool(...parameters);
    this.pools.push(pool);
    return pool;
  }

  private async endOnce(graceMs: number): Promise<void> {
    const hosted = this.writer === undefined ? this.processors : [...this.processors, this.writer];
    // Who was not told to go waits for that, or for this.
    if (this.ended === undefined) for (const thread of hosted) thread.send({ type: 'cancel' });
    const patience = new AbortController();
    const settled = this.ended ?? Promise.allSettled(hosted.map((thread) => thread.ended));
    await Promise.race([settled, setTimeout(graceMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    await Promise.all([...this.pools.map((pool) => pool.end()), this.coordinator?.end()]);
  }
}
