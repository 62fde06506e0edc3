import { setTimeout } from 'node:timers/promises';
import { runOnEventLoop } from '../thread/parker.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { FunctionDestination } from '../writer/destination.ts';
import type { WriterCycle } from '../writer/writer-cycle.ts';
import { makeWriter, writerParker } from '../writer/writer-life.ts';
import { CoordinatorHost } from './control-plane-host.ts';
import type { Crew } from './crew.ts';
import type { LoadedCodecs } from './memory-plan.ts';
import type { CompiledOptions } from './options.ts';
import { type HostedThread, ThreadPool } from './thread-pool.ts';

/** A flow's threads: the coordinator, the processors, and the writer unless it is a function on this thread. */
export class ThreadCrew implements Crew {
  private readonly options: CompiledOptions;
  private readonly coordinator: CoordinatorHost;
  private readonly processorPool: ThreadPool;
  private readonly writerPool: ThreadPool | undefined;
  private readonly processors: readonly HostedThread[];
  private readonly writer: HostedThread | undefined;
  private plan: FlowPlan | undefined;
  private mainWriter: { readonly cycle: WriterCycle; readonly run: () => Promise<void> } | undefined;
  private ended: Promise<unknown> = Promise.resolve();
  private ending: Promise<void> | undefined;

  constructor(options: CompiledOptions) {
    const { name, processors, writer, module, processorThread } = options;
    this.options = options;
    this.coordinator = new CoordinatorHost(name);
    this.processorPool = new ThreadPool('processor-thread', processors, processorThread);
    this.processors = Array.from({ length: processors }, (_, i) => this.processorPool.start(`processor ${i}`, module));
    if (writer.kind !== 'function') {
      this.writerPool = new ThreadPool('writer-thread', 1, writer.kind === 'module' ? writer.thread : {});
      this.writer = this.writerPool.start('writer', writer.kind === 'module' ? writer.module : undefined);
    }
  }

  async load(): Promise<LoadedCodecs> {
    const [, writer, ...processors] = await Promise.all([
      this.coordinator.online(),
      this.writer?.receive(),
      ...this.processors.map((thread) => thread.receive()),
    ]);
    const loaded = processors[0]!;
    return {
      input: loaded.type === 'loaded' ? loaded.input : undefined,
      output: loaded.type === 'loaded' ? loaded.output : undefined,
      writerInput: writer?.type === 'loaded' ? writer.input : undefined,
    };
  }

  async prepare(plan: FlowPlan): Promise<void> {
    this.plan = plan;
    const { warmUp, writer } = this.options;
    this.processors.forEach((thread, index) => thread.send({ type: 'start', plan, index, warmUp }));
    this.writer?.send({ type: 'start', plan, index: 0, warmUp });
    if (writer.kind === 'function') {
      const parker = writerParker(plan);
      const cycle = makeWriter(plan, new FunctionDestination(writer.write), parker);
      this.mainWriter = { cycle, run: () => runOnEventLoop(cycle, parker) };
    }
    await Promise.all([this.writer?.receive(), ...this.processors.map((thread) => thread.receive())]);
  }

  run(): { writer: Promise<void>; all: Promise<void> } {
    const coordinator = this.coordinator.run(this.plan!);
    for (const thread of this.processors) thread.send({ type: 'go' });
    this.writer?.send({ type: 'go' });
    const writer = this.writer?.ended ?? this.mainWriter!.run();
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

  private async endOnce(graceMs: number): Promise<void> {
    if (this.plan === undefined) {
      for (const thread of [...this.processors, this.writer]) thread?.send({ type: 'cancel' });
    }
    const patience = new AbortController();
    const settled = Promise.allSettled([this.ended, ...this.processors.map((thread) => thread.ended), this.writer?.ended]);
    await Promise.race([settled, setTimeout(graceMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    await Promise.all([this.processorPool.end(), this.writerPool?.end(), this.coordinator.end()]);
  }
}
