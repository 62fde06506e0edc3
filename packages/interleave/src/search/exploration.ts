import { now } from '../clock.ts';
import { type FailureKind, newFailure } from '../machine/failure.ts';
import type { Machine } from '../machine/machine.ts';
import { Kind } from '../machine/operation.ts';
import type { Ending, Model } from '../model.ts';
import { seam } from '../seam.ts';

/** What is common to all searches: the model's machine, the counts, and the judgement on endings. */
export class Exploration {
  readonly machine: Machine;
  /** Executions that came to an end of their own. */
  executions = 0;
  /** Executions given up because another one stands for them. */
  pruned = 0;
  steps = 0;
  /** Different returns of `after`, and allowed deadlocks and livelocks, with how often they came. */
  readonly outcomes: Map<string, number> = new Map();
  private readonly model: Model;
  private readonly start: number = now();

  constructor(model: Model, machine: Machine) {
    this.model = model;
    this.machine = machine;
  }

  get seconds(): number {
    return (now() - this.start) / 1000;
  }

  get failed(): boolean {
    return this.machine.failure !== null;
  }

  /** One step of the execution under way, and the invariant after it. */
  step(thread: number, variant: number): Promise<void> | undefined {
    this.steps++;
    const pending = this.machine.step(thread, variant);
    if (this.model.invariant === undefined) return pending;
    return pending === undefined ? this.checkInvariant() : pending.then(() => this.checkInvariant());
  }

  checkInvariant(): undefined {
    if (this.model.invariant === undefined || this.failed) return undefined;
    this.outside('invariant', () => this.model.invariant!(this.machine.shared));
    return undefined;
  }

  /** Threads that can do a step, as bits. */
  enabled(): number {
    let threads = 0;
    for (let thread = 0; thread < this.machine.names.length; thread++) {
      if (this.machine.isEnabled(thread)) threads |= 1 << thread;
    }
    return threads;
  }

  /** No thread can go on: counts the execution and judges it. */
  end(): void {
    const { machine } = this;
    const open = machine.names.map((_, thread) => thread).filter((thread) => !machine.hasEnded(thread));
    const spinning = open.filter((thread) => machine.isSpinning(thread));
    if (spinning.some((thread) => machine.couldMove(thread))) {
      this.pruned++;
    } else {
      this.executions++;
      if (open.length === 0) this.judge();
      else this.stuck(open.length === spinning.length ? 'livelock' : 'deadlock', open);
    }
    this.checkLimits();
  }

  checkLimits(): void {
    const { maxExecutions, maxSeconds } = this.machine.settings;
    if (this.executions + this.pruned > maxExecutions) {
      this.fail(
        'execution-cap',
        `more than ${maxExecutions} executions (option maxExecutions): make the model smaller or bound it`,
      );
    }
    if (maxSeconds !== Number.POSITIVE_INFINITY && (this.executions & 255) === 0 && this.seconds > maxSeconds) {
      this.fail('time-cap', `more than ${maxSeconds} seconds (option maxSeconds): make the model smaller or bound it`);
    }
  }

  /** False, and a failure, when a search that keeps states has to keep more than it may. */
  admits(states: number): boolean {
    const { maxStates } = this.machine.settings;
    if (states <= maxStates) return true;
    this.fail('state-cap', `more than ${maxStates} states (option maxStates): make the model smaller or bound it`);
    return false;
  }

  protected judge(): void {
    const { after } = this.model;
    if (after === undefined) return;
    const { machine } = this;
    const results = Object.fromEntries(machine.names.map((name, thread) => [name, this.resultOf(thread)]));
    const ending: Ending = { results, dead: machine.names.filter((_, thread) => machine.isDead(thread)) };
    const before = machine.memory.copy();
    const outcome = this.outside('assertion', () => after.call(this.model, machine.shared, ending));
    machine.memory.restore(before);
    if (outcome !== undefined) this.count(typeof outcome === 'string' ? outcome : JSON.stringify(outcome));
  }

  private resultOf(thread: number): unknown {
    const operation = this.machine.next(thread);
    return this.machine.isDead(thread) ? undefined : operation.data;
  }

  protected stuck(kind: 'deadlock' | 'livelock', open: readonly number[]): void {
    const who = open.map((thread) => this.describe(thread)).join('; ');
    if (this.machine.settings.allow.includes(kind)) this.count(`${kind}: ${who}`);
    else this.fail(kind, who);
  }

  private describe(thread: number): string {
    const { machine } = this;
    const { kind, word } = machine.next(thread);
    const name = machine.names[thread];
    if (machine.isSpinning(thread)) {
      const words = machine.history(thread).spin!.reads.filter(({ operation }) => operation.word >= 0);
      const names = new Set(words.map(({ operation }) => machine.memory.nameOf(operation.word)));
      return `${name} spins on ${[...names].join(', ') || 'plain reads'}`;
    }
    if (kind === Kind.join) return `${name} waits for the end of ${machine.names[word]}`;
    return `${name} sleeps on ${machine.memory.nameOf(word)}`;
  }

  protected count(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  private fail(kind: FailureKind, message: string): void {
    this.machine.failure ??= newFailure(kind, message);
  }

  private outside(kind: FailureKind, user: () => unknown): unknown {
    seam.memory = this.machine.memory;
    try {
      return user();
    } catch (error) {
      this.machine.failure ??= newFailure(kind, error instanceof Error ? error.message : String(error), error);
      return undefined;
    } finally {
      seam.memory = null;
    }
  }
}

/** A choice of the search: which thread went on, and how. */
export interface Choice {
  readonly thread: number;
  readonly variant: number;
}
