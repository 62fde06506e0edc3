import { setTimeout } from 'node:timers/promises';
import { settlesWithin } from 'native-free-rings/waits';
import { Control, FIRST_PROCESSOR } from '../thread/control-block.ts';
import { unpackError } from '../thread/error-transfer.ts';
import { type ErrorCode, MillraceError } from '../thread/errors.ts';
import type { DeadLetter } from '../thread/failure-policy.ts';
import type { FromThread } from '../thread/messages.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { CoordinatorHost } from './control-plane-host.ts';
import type { Crew, CrewHooks } from './crew.ts';
import { HostedThread, type ThreadSpec } from './hosted-thread.ts';
import type { LoadedCodecs } from './memory-plan.ts';
import type { CompiledOptions } from './options.ts';
import { PoisonWatch } from './poison-watch.ts';
import { RestartLimit } from './restart-limit.ts';
import { expectSameDeclaration, type Loaded } from './same-declaration.ts';
import { MainWriter } from './writer-function.ts';

/** The place of a processor or of the writer: a thread, and when that dies the next one. */
interface Seat {
  readonly spec: ThreadSpec;
  /** Which processor; 0 for the writer. */
  readonly index: number;
  readonly poison: PoisonWatch | undefined;
  thread: HostedThread;
  /** What its threads have loaded. */
  loaded: Loaded | undefined;
  /** Its thread was ended on purpose, to be replaced. */
  isRecalled: boolean;
  /** Its last thread has ended, having done all there was to do. */
  isOver: boolean;
}

/** What a successor fails of that no other thread would do better with. */
const FINAL: readonly ErrorCode[] = ['BAD_MODULE', 'CODEC_MISMATCH'];

/**
 * A flow's threads: the coordinator, the processors, and the writer unless it is a function on this thread. A thread that
 * dies is replaced: all that its successor needs is in shared memory (docs/decisions/0008).
 */
export class ThreadCrew implements Crew {
  private readonly options: CompiledOptions;
  private readonly restarts: RestartLimit;
  private coordinator: CoordinatorHost | undefined;
  private processors: readonly Seat[] = [];
  private writer: Seat | undefined;
  private plan: FlowPlan | undefined;
  private hooks: CrewHooks | undefined;
  private mainWriter: MainWriter | undefined;
  /** Rejects when something fails that no thread fails of. */
  private readonly failed: Promise<never>;
  private fail!: (error: unknown) => void;
  /** Settles when everybody who was told to go has ended. */
  private ended: Promise<unknown> | undefined;
  private ending: Promise<void> | undefined;
  /** Aborted when the flow ends: pauses before a restart are left. */
  private readonly left = new AbortController();

  constructor(options: CompiledOptions) {
    this.options = options;
    this.restarts = new RestartLimit(options.restarts);
    this.failed = new Promise((_, reject) => {
      this.fail = reject;
    });
    this.failed.catch(() => {});
  }

  async load(): Promise<LoadedCodecs> {
    const { name, processors, writer, module, processorThread, startTimeoutMs } = this.options;
    this.coordinator = new CoordinatorHost(name, startTimeoutMs);
    this.processors = Array.from({ length: processors }, (_, index) =>
      this.seat(
        { life: 'processor', name: `processor ${index}`, module, options: processorThread, startTimeoutMs },
        index,
      ),
    );
    if (writer.kind === 'function') this.mainWriter = new MainWriter(this.options, writer.definition);
    else {
      const isModule = writer.kind === 'module';
      const options = isModule ? writer.thread : {};
      this.writer = this.seat(
        { life: 'writer', name: 'writer', module: isModule ? writer.module : undefined, options, startTimeoutMs },
        0,
      );
    }
    await Promise.all(this.hosted().map((seat) => this.expectLoaded(seat)));
    const { input, output } = this.processors[0]!.loaded!.declaration;
    // The first one says what the others have to be.
    for (const { loaded } of this.processors) expectSameDeclaration(this.processors[0]!.loaded!, loaded!);
    return { input, output, writerInput: this.writer?.loaded?.declaration.input };
  }

  /** Waits until the seat's thread has loaded its module; a successor has to have loaded what the one before it had. */
  private async expectLoaded(seat: Seat): Promise<void> {
    const message = await seat.thread.receive();
    if (message.type !== 'loaded') return;
    const { name: thread, module } = seat.spec;
    const loaded = { thread, url: module?.url, declaration: message.declaration };
    if (seat.loaded !== undefined) expectSameDeclaration(seat.loaded, loaded);
    seat.loaded = loaded;
  }

  async prepare(plan: FlowPlan): Promise<void> {
    this.plan = plan;
    const { nice } = this.options;
    for (const seat of this.hosted()) {
      const { thread, index } = seat;
      thread.send({ type: 'start', plan, index, warmUp: this.warmUpOf(seat), nice, succeeds: undefined });
    }
    const { mainWriter } = this;
    const opening = mainWriter?.open(plan, {
      deadLetter: (letter) => this.hooks!.deadLetter(letter),
      recompute: (processor) => this.recall(processor),
    });
    const threads = this.hosted().map(({ thread }) => thread.receive());
    await Promise.all([opening, this.coordinator!.attach(plan), ...threads]);
  }

  run(hooks: CrewHooks): { writer: Promise<void>; all: Promise<void> } {
    this.hooks = hooks;
    const coordinator = this.keepCoordinator();
    for (const seat of this.hosted()) this.go(seat);
    const writer = this.writer === undefined ? this.mainWriter!.run() : this.keep(this.writer);
    const threads = [writer, ...this.processors.map((seat) => this.keep(seat))];
    this.ended = Promise.allSettled([...threads, coordinator]);
    const workers = Promise.all(threads);
    // The coordinator has nothing to end for before the others have; until then, its ending is its death.
    const all = Promise.race([this.failed, workers, coordinator.then(() => workers)]).then(() => {});
    return { writer, all };
  }

  kick(): void {}

  async kill(thread: string): Promise<void> {
    if (thread === 'coordinator') return await this.coordinator?.kill();
    await this.hosted()
      .find(({ spec }) => spec.name === thread)
      ?.thread.kill();
  }

  end(graceMs: number): Promise<void> {
    this.ending ??= this.endOnce(graceMs);
    this.left.abort();
    return this.ending;
  }

  private hosted(): readonly Seat[] {
    return this.writer === undefined ? this.processors : [...this.processors, this.writer];
  }

  private seat(spec: ThreadSpec, index: number): Seat {
    const poison = spec.life === 'processor' ? new PoisonWatch(this.options.restarts.perEvent) : undefined;
    const thread = new HostedThread(spec);
    return { spec, index, poison, thread, loaded: undefined, isRecalled: false, isOver: false };
  }

  private go({ thread }: Seat): void {
    thread.listen((message) => void this.take(thread, message));
    thread.send({ type: 'go' });
  }

  /** Settles as the seat's last thread does; whoever dies before is replaced. */
  private async keep(seat: Seat): Promise<void> {
    for (;;) {
      const { thread } = seat;
      try {
        await thread.ended;
        // A recall may have come when it had ended and that was not known here.
        if (!seat.isRecalled || this.ending !== undefined) {
          seat.isOver = true;
          // Others may have long to go.
          void thread.end();
          return;
        }
        await thread.end();
      } catch (error) {
        if (!thread.isDead || this.ending !== undefined) throw error;
        await thread.gone;
        await thread.end();
        if (!seat.isRecalled) {
          const letter = this.searchPoison(seat, error);
          await this.pauseBefore(seat.spec.name, error);
          if (letter !== undefined) await this.hooks!.deadLetter(letter);
        }
      }
      await this.replace(seat);
    }
  }

  /** The writer's own loop is warmed where the processors are, in either of the two ways. */
  private warmUpOf(seat: Seat): number {
    const { warmUp } = this.options;
    if (seat !== this.writer || warmUp > 0) return warmUp;
    return this.processors[0]!.loaded?.declaration.parts.warmUp === 'absent' ? 0 : 1;
  }

  /** Starts threads in the seat until one is at work. */
  private async replace(seat: Seat): Promise<void> {
    const { spec, index, poison } = seat;
    for (;;) {
      if (this.ending !== undefined) return;
      seat.isRecalled = false;
      const thread = new HostedThread(spec);
      seat.thread = thread;
      try {
        await this.expectLoaded(seat);
        const succeeds = { poison: poison?.givenUp };
        const { nice } = this.options;
        thread.send({ type: 'start', plan: this.plan!, index, warmUp: this.warmUpOf(seat), nice, succeeds });
        await thread.receive();
        this.go(seat);
        return;
      } catch (error) {
        if (this.ending !== undefined) return;
        await thread.end();
        // The next thread would load the same.
        if (error instanceof MillraceError && FINAL.includes(error.code)) throw ofSuccessor(spec.name, error);
        if (!seat.isRecalled) await this.pauseBefore(spec.name, error);
      }
    }
  }

  /** Rejects when the flow does not bear one more death. */
  private async pauseBefore(name: string, death: unknown): Promise<void> {
    const details = this.restarts.admit(death, name);
    if (this.ending !== undefined) throw death;
    this.hooks!.restarting(name, death, details);
    if (details.delayMs > 0) await setTimeout(details.delayMs, undefined, { signal: this.left.signal }).catch(() => {});
    if (this.ending !== undefined) throw death;
    this.hooks!.restarted();
  }

  /** The letter of an event that was the cause of too many deaths. Throws where nobody takes it. */
  private searchPoison({ poison, index, spec: { name } }: Seat, error: unknown): DeadLetter | undefined {
    const thread = FIRST_PROCESSOR + index;
    const letter = poison?.died(new Control(this.plan!.control), thread, error);
    if (letter === undefined || this.options.deadLetters !== undefined) return letter;
    const { sequence, attempts } = letter;
    throw new MillraceError(
      'THREAD_DIED',
      `sequence ${sequence} killed ${name} ${attempts} times: mend its processor, or give \`deadLetters\` to go on without it`,
      { sequence, thread: name, cause: error },
    );
  }

  private async keepCoordinator(): Promise<void> {
    for (;;) {
      const host = this.coordinator!;
      try {
        await host.run(this.plan!);
        return;
      } catch (error) {
        if (this.ending !== undefined) throw error;
        await host.end();
        await this.pauseBefore('coordinator', error);
        this.coordinator = new CoordinatorHost(this.options.name, this.options.startTimeoutMs);
      }
    }
  }

  private async take(thread: HostedThread, message: FromThread): Promise<void> {
    if (message.type === 'recompute') return this.recall(message.processor);
    if (message.type !== 'deadLetter') return;
    const letter: DeadLetter = { ...message.letter, cause: unpackError(message.cause) };
    try {
      await this.hooks!.deadLetter(letter);
      thread.send({ type: 'buried' });
    } catch (error) {
      this.fail(error);
    }
  }

  /** Has a fresh thread compute again what this processor has computed from the head of line on. */
  private recall(processor: number): void {
    const seat = this.processors[processor]!;
    if (seat.isOver) return void this.revive(seat);
    seat.isRecalled = true;
    void seat.thread.kill();
  }

  /** The same, of a processor that had computed everything and ended. The writer waits, so the flow does not end meanwhile. */
  private async revive(seat: Seat): Promise<void> {
    seat.isOver = false;
    try {
      await seat.thread.end();
      await this.replace(seat);
      await this.keep(seat);
    } catch (error) {
      if (this.ending === undefined) this.fail(error);
    }
  }

  private async endOnce(graceMs: number): Promise<void> {
    // Who was not told to go waits for that, or for this.
    if (this.ended === undefined) for (const { thread } of this.hosted()) thread.send({ type: 'cancel' });
    const over = this.hosted().map(({ thread }) => thread.over);
    await settlesWithin(Promise.allSettled(this.ended === undefined ? over : [this.ended, ...over]), graceMs);
    // One whose function never returns is left behind.
    const disposed = this.mainWriter?.dispose().catch(() => {});
    if (disposed !== undefined) await settlesWithin(disposed, graceMs);
    await Promise.all([...this.hosted().map(({ thread }) => thread.end()), this.coordinator?.end()]);
  }
}

function ofSuccessor(thread: string, error: MillraceError): MillraceError {
  if (error.thread !== undefined) return error;
  const text = `${thread} died, and the thread that takes its place cannot: ${error.text}`;
  return new MillraceError(error.code, text, { thread, cause: error.cause });
}
