import { clearInterval, setInterval } from 'node:timers';
import { setImmediate } from 'node:timers/promises';
import { after, settlesWithin } from 'native-free-rings/waits';
import { makeCoordinator } from '../coordinator/coordinator-plane.ts';
import { ackedCursor } from '../order/ticket-log-descriptor.ts';
import { isProcessor, PROCESSOR_PARTS, type ProcessorDefinition } from '../processor/definition.ts';
import type { ProcessorCycle } from '../processor/processor-cycle.ts';
import { makeProcessor } from '../processor/processor-life.ts';
import { CAUSES } from '../thread/causes.ts';
import { COORDINATOR, Control, FIRST_PROCESSOR, WRITER } from '../thread/control-block.ts';
import { Counters } from '../thread/counters.ts';
import type { DutyCycle } from '../thread/duty-cycle.ts';
import { MillraceError } from '../thread/errors.ts';
import { EventLoopTurn } from '../thread/event-loop-turn.ts';
import type { DeadLetter } from '../thread/failure-policy.ts';
import type { Succession } from '../thread/messages.ts';
import { Parker } from '../thread/parker.ts';
import { pauseFor } from '../thread/pause.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { loadExport, runDispose, runInit } from '../thread/thread-main.ts';
import { startTimeout, within } from '../thread/time-limit.ts';
import { waitStrategy } from '../thread/wait-strategies.ts';
import { isWriter, type Progress, WRITER_PARTS, type WriterDefinition } from '../writer/definition.ts';
import type { Destination } from '../writer/destination.ts';
import { warmUpWrite } from '../writer/dry-run.ts';
import type { WriterCycle } from '../writer/writer-cycle.ts';
import { makeWriter, openDestination, waitingRing, writerParker } from '../writer/writer-life.ts';
import type { Crew, CrewHooks } from './crew.ts';
import type { LoadedCodecs } from './memory-plan.ts';
import type { CompiledOptions } from './options.ts';
import { disposeVisibly, functionDefinition } from './writer-function.ts';

/** Behind the coordinator's. */
const FIRST_PROCESSOR_CYCLE = 1;
/** A timer that never fires: like a thread, an unfinished flow keeps the process alive. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * The same duty cycles over the same memory, all on this thread, for tests and breakpoints. `emit` cannot block here: when
 * the lane is full it lets the writer run, and fails where that makes no room.
 */
export class InlineCrew implements Crew {
  private readonly options: CompiledOptions;
  private processor: ProcessorDefinition<unknown, unknown, unknown> | undefined;
  private writerModule: WriterDefinition<unknown> | undefined;
  private hooks: CrewHooks | undefined;
  private cycles: DutyCycle[] = [];
  /** Of each cycle: shows for what it waits. Nobody sleeps here. */
  private parkers: readonly Parker[] = [];
  private control: Control | undefined;
  private writer: WriterCycle | undefined;
  private writerBusy = false;
  /** Something came while a cycle was at work. */
  private isKicked = false;
  private kicked: (() => void) | undefined;
  private finished: Promise<void> = Promise.resolve();
  private readonly disposals: (() => Promise<void>)[] = [];
  private disposing: Promise<void> | undefined;

  constructor(options: CompiledOptions) {
    this.options = options;
  }

  async load(): Promise<LoadedCodecs> {
    const { module, writer } = this.options;
    this.processor = await this.inTime(
      loadExport(module, isProcessor, 'processor', PROCESSOR_PARTS),
      'processor 0',
      module.url,
    );
    if (writer.kind === 'module') {
      const loading = loadExport(writer.module, isWriter, 'writer', WRITER_PARTS);
      this.writerModule = await this.inTime(loading, 'writer', writer.module.url);
    } else if (writer.kind === 'function') this.writerModule = functionDefinition(this.options, writer.definition);
    const { input, output } = this.processor;
    return { input: input?.schema, output: output?.schema, writerInput: this.writerModule?.input?.schema };
  }

  async prepare(plan: FlowPlan): Promise<void> {
    const { module, processors, warmUp: sequences } = this.options;
    const definition = this.processor!;
    for (let thread = 0; thread < processors; thread++) {
      const who = `processor ${thread}`;
      const init = () => definition.init?.({ data: structuredClone(module.data), thread, threads: processors });
      await this.inTime(runInit(init, who), who);
      this.disposals.push(() => runDispose(definition, who, plan.startTimeoutMs));
    }
    const deadLetter = (letter: DeadLetter): Promise<void> => this.hooks!.deadLetter(letter);
    const control = new Control(plan.control);
    this.control = control;
    const pauses = (thread: number) => (ms: number) => pauseFor(control, thread, ms);
    const seat = (index: number, succeeds?: Succession): ProcessorCycle => {
      const waitForRoom = (look: () => boolean): void => {
        const parker = this.parkers[FIRST_PROCESSOR_CYCLE + index]!;
        // The writer sees for whom it has to commit.
        parker.begin(CAUSES.room);
        try {
          this.makeRoom(look);
        } finally {
          parker.end(CAUSES.room);
        }
      };
      const pause = pauses(FIRST_PROCESSOR + index);
      return makeProcessor(definition, plan, index, { waitForRoom, pause, deadLetter, succeeds });
    };
    const { destination, stands } = await this.inTime(this.destination(plan), 'writer');
    const parker = writerParker(plan);
    this.disposals.push(() => disposeVisibly(this.writerModule, parker, plan.startTimeoutMs));
    this.writer = makeWriter(plan, destination, parker, {
      pause: pauses(WRITER),
      deadLetter,
      recompute: (processor) => {
        this.cycles[FIRST_PROCESSOR_CYCLE + processor] = seat(processor, { poison: undefined });
      },
      wake: () => this.kick(),
      stands,
    });
    const seats = await runInit(() => plan.lanes.map((_, index) => seat(index)), 'processor 0');
    const first = ackedCursor(plan.tickets).peek();
    const warmUp = () => seats[0]!.warmUp(first, first + sequences);
    await this.inTime(runInit(warmUp, 'processor 0', 'warm-up'), 'processor 0');
    const { writerModule } = this;
    if (writerModule !== undefined)
      await this.inTime(
        runInit(() => warmUpWrite(plan, writerModule), 'writer', 'warm-up'),
        'writer',
      );
    this.cycles = [makeCoordinator(plan), ...seats, this.writer];
    const others = [COORDINATOR, ...seats.map((_, i) => FIRST_PROCESSOR + i)].map(
      (thread) => new Parker(control, new Counters(plan.counters, thread), thread, waitStrategy(plan)),
    );
    this.parkers = [...others, parker];
  }

  run(hooks: CrewHooks): { writer: Promise<void>; all: Promise<void> } {
    this.hooks = hooks;
    this.finished = this.whole();
    return { writer: this.finished, all: this.finished };
  }

  kick(): void {
    this.isKicked = true;
    this.kicked?.();
  }

  async kill(thread: string): Promise<void> {
    throw new MillraceError('BAD_OPTIONS', `the inline mode has no thread "${thread}" to end`);
  }

  /** A promise of the user's that never settles is left behind after `graceMs`. */
  async end(graceMs: number): Promise<void> {
    this.kick();
    await settlesWithin(this.finished, graceMs);
    await settlesWithin(this.dispose(), graceMs);
  }

  private async whole(): Promise<void> {
    // Whoever awaits the flow has it before the first call of user code, as where threads have to wake.
    await setImmediate();
    try {
      await this.loop();
    } catch (error) {
      await this.dispose().catch(() => {});
      throw error;
    }
    await this.dispose();
  }

  /** What `init` has run for is disposed of, once. */
  private dispose(): Promise<void> {
    this.disposing ??= Promise.all(this.disposals.map((dispose) => dispose())).then(() => {});
    return this.disposing;
  }

  /** User code that a flow waits for before it begins. */
  private async inTime<T>(promise: Promise<T>, who: string, url?: string): Promise<T> {
    const { startTimeoutMs } = this.options;
    return await within(startTimeoutMs, promise, () => startTimeout(who, url, startTimeoutMs));
  }

  private async destination(plan: FlowPlan): Promise<{ destination: Destination; stands?: Progress | undefined }> {
    const { writer } = this.options;
    switch (writer.kind) {
      case 'function':
        return await openDestination(plan, this.writerModule!, { data: undefined });
      case 'ring':
        return { destination: waitingRing(plan) };
      case 'module':
        return await openDestination(plan, this.writerModule!, {
          ...writer.module,
          data: structuredClone(writer.module.data),
        });
    }
  }

  private async loop(): Promise<void> {
    const alive = setInterval(() => {}, NEVER_MS);
    try {
      await this.turns();
    } finally {
      clearInterval(alive);
    }
  }

  private async turns(): Promise<void> {
    const turn = new EventLoopTurn();
    while (!this.cycles.every((cycle) => cycle.done || cycle.roleName === 'coordinator')) {
      this.isKicked = false;
      let work = 0;
      for (const cycle of this.cycles) {
        if (cycle.done) continue;
        this.writerBusy = cycle === this.writer;
        const did = cycle.doWork();
        work += typeof did === 'number' ? did : await did;
        this.writerBusy = false;
      }
      if (work === 0 && !this.isKicked) {
        await this.idle();
        turn.begin();
      } else if (turn.isOver()) await turn.give();
    }
  }

  /** Until somebody kicks: all wait, each for its cause, as threads would. */
  private async idle(): Promise<void> {
    const { source } = this.options;
    if (source.kind === 'ring' && source.producers > 0) return await this.sleep();
    const waits = this.cycles.flatMap(({ done, waiting }, i) =>
      done ? [] : [{ parker: this.parkers[i]!, cause: waiting.shown ?? waiting.cause }],
    );
    for (const { parker, cause } of waits) parker.begin(cause);
    const timeoutMs = this.writer?.waiting.timeoutMs ?? Number.POSITIVE_INFINITY;
    let cancel = (): void => {};
    await new Promise<void>((resolve) => {
      this.wakeBy(resolve);
      // What is not committed yet does not stay so for ever.
      cancel = after(timeoutMs, resolve);
    });
    cancel();
    for (const { parker, cause } of waits) parker.end(cause);
  }

  /** Producers on other threads kick nobody: they wake whoever sleeps on an eventcount, so that is what all do. */
  private async sleep(): Promise<void> {
    const sleeps = this.cycles.flatMap((cycle, i) => (cycle.done ? [] : [this.parkers[i]!.parkAsync(cycle)]));
    const asleep = sleeps.filter((sleep) => sleep !== false);
    if (asleep.length === sleeps.length) {
      await Promise.race([new Promise<void>((resolve) => this.wakeBy(resolve)), ...asleep]);
    }
    this.control?.wakeAll();
    await Promise.all(asleep);
  }

  private wakeBy(resolve: () => void): void {
    this.kicked = resolve;
  }

  private makeRoom(look: () => boolean): void {
    while (!look()) {
      const did = this.writerBusy || this.writer === undefined ? 0 : this.writer.doWork();
      if (typeof did === 'number' && did > 0) continue;
      if (typeof did !== 'number') did.catch(() => {});
      if (look()) return;
      throw new MillraceError(
        'ITEM_TOO_LARGE',
        'in the inline mode one event emitted more than its lane and its destination hold, and emit cannot block here: ' +
          'raise laneBytes for the inline mode, read results meanwhile, or use threads',
      );
    }
  }
}
