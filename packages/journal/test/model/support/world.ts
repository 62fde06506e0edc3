/**
 * Processes over one disk. Each step of a process waits until it is released; between two releases all code runs until every process
 * waits again. So an execution is the list of its releases, and it can be repeated.
 */
import type { Owner } from '../../../src/store/owner.ts';
import { type Disk, intern } from './disk.ts';

/** What a step may look at, and what it may change: two steps of different processes that have none in common change places freely. */
export interface Footprint {
  readonly reads?: readonly string[];
  readonly writes?: readonly string[];
}

interface Pending extends Footprint {
  readonly label: string;
  /** Does it, settles its promise, and returns what the process has learnt by it. */
  run(): string;
}

export class Process {
  readonly name: string;
  readonly number: number;
  readonly pending: Pending[] = [];
  state: 'runs' | 'is done' | 'is dead' = 'runs';
  /** Others think that it is dead. */
  isTakenForDead = false;
  /** All that it has learnt: with its body, that says what it does next. */
  history = 0;
  private historyBeforeLook = 0;

  constructor(name: string, number: number) {
    this.name = name;
    this.number = number;
  }

  learn(what: string): void {
    this.history = intern(`${this.history} ${what}`);
  }

  /** It forgets what it has learnt: it is where it was at its start. */
  beginsAgain(): void {
    this.history = 0;
  }

  looks<T>(looking: T): T {
    this.historyBeforeLook = this.history;
    return looking;
  }

  /** Of a look it keeps what it saw, and not by which steps. */
  sees<T>(sight: T): T {
    this.history = this.historyBeforeLook;
    this.learn(JSON.stringify(sight));
    return sight;
  }

  /** What is done with unfinished files depends on which there are; nothing else does. */
  clears(unfinished: readonly string[]): readonly string[] {
    this.learn(unfinished.join());
    return unfinished;
  }
}

/** `released`: steps wait for the explorer. `at once`: each is done as it comes, for what is not explored. */
export type Pace = 'released' | 'at once';

export class World {
  readonly disk: Disk;
  pace: Pace;
  readonly boot: string;
  /** A flush is a step of its own. It is no event for other processes, so it need not be where no power cut comes. */
  readonly hasPowerCuts: boolean;
  readonly processes: Process[] = [];
  /** Whose code runs. */
  private running: Process | undefined;

  constructor(disk: Disk, pace: Pace, options: { boot?: string; hasPowerCuts?: boolean } = {}) {
    this.disk = disk;
    this.pace = pace;
    this.boot = options.boot ?? 'first';
    this.hasPowerCuts = options.hasPowerCuts ?? false;
  }

  get current(): Process {
    if (this.running === undefined) throw new Error('no process of the model runs');
    return this.running;
  }

  /** Starts a process, and runs it up to its first step. */
  async start(name: string, number: number, body: (process: Process) => Promise<void>): Promise<void> {
    const process = new Process(name, number);
    this.processes.push(process);
    this.running = process;
    body(process).then(
      () => {
        process.state = 'is done';
      },
      (error: unknown) => {
        process.state = 'is done';
        this.fault ??= error;
      },
    );
    await settled();
  }

  /** What a body threw: those of a model never throw unless something is wrong. */
  fault: unknown;

  async release(process: Process, pending: Pending): Promise<void> {
    process.pending.splice(process.pending.indexOf(pending), 1);
    this.running = process;
    process.learn(`${pending.label} ${pending.run()}`);
    await settled();
  }

  die(process: Process): void {
    process.state = 'is dead';
    process.pending.length = 0;
  }

  /** A step of the process that runs. `effect` returns the result, and a text for it. Without a footprint nobody else notices it. */
  step<T>(label: string, effect: () => readonly [T, string], footprint?: Footprint): Promise<T> {
    const { current, pace } = this;
    return new Promise<T>((resolve, reject) => {
      const run = (): string => {
        try {
          const [value, learnt] = effect();
          resolve(value);
          return learnt;
        } catch (error) {
          reject(error as Error);
          return (error as NodeJS.ErrnoException).code ?? String(error);
        }
      };
      if (pace === 'released' && footprint !== undefined) current.pending.push({ label, run, ...footprint });
      else current.learn(`${label} ${run()}`);
    });
  }

  owner(process: Process): Owner {
    return { pid: process.number, tid: process.number, began: process.name, boot: this.boot, host: 'model' };
  }

  isAlive(owner: Owner): boolean {
    const holder = this.processes.find(({ number, name }) => number === owner.pid && name === owner.began);
    const isAlive =
      owner.boot === this.boot && holder !== undefined && holder.state !== 'is dead' && !holder.isTakenForDead;
    this.current.learn(`isAlive ${isAlive}`);
    return isAlive;
  }

  /** The smallest that no unfinished file of the process has. */
  nextId(): string {
    const { current, disk } = this;
    for (let n = 1; ; n++) {
      const id = `${current.number}-${n}`;
      if (![...disk.names.keys()].some((name) => name.endsWith(id))) return id;
    }
  }

  key(): string {
    const states = this.processes.map(({ state, history, isTakenForDead, pending }) =>
      state !== 'runs'
        ? `${state} ${isTakenForDead}`
        : `${history} ${pending.map(({ label }) => label)} ${isTakenForDead ? 'taken for dead' : ''}`,
    );
    return `${states.join()} ${this.disk.key()}`;
  }
}

/** All code has run that can run without a step: `nextTick` comes when no promise has a reaction left. */
const settled = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** The world whose code runs; built code finds it here. */
export const stage: { world: World | undefined } = { world: undefined };

export function worldOnStage(): World {
  if (stage.world === undefined) throw new Error('there is no world');
  return stage.world;
}
