import type { Failure } from './machine/failure.ts';
import { Machine } from './machine/machine.ts';
import { Memory } from './machine/memory.ts';
import type { Model } from './model.ts';
import { type Options, type Settings, settle } from './options.ts';
import { replay } from './replay.ts';
import { formatSchedule } from './report/schedule.ts';
import { seam } from './seam.ts';
import { Dpor } from './search/dpor.ts';
import { type Choice, Exploration } from './search/exploration.ts';
import { byPriority, evenly, Samples, seeded } from './search/random.ts';
import { States } from './search/states.ts';

/** What a check of one model found. */
export interface Report {
  readonly name: string;
  /**
   * - `complete`: every execution was explored, or stands for no other.
   * - `bounded`: every execution within the preemption bound.
   * - `sampled`: as many random executions as were asked for.
   * - `failed`: see `failure`; the exploration stopped there.
   */
  readonly verdict: 'complete' | 'bounded' | 'sampled' | 'failed';
  /** The bound in words, for `bounded` and `sampled`. */
  readonly bound: string;
  readonly executions: number;
  /** Executions that were given up because another one stands for them. */
  readonly pruned: number;
  readonly steps: number;
  readonly seconds: number;
  /** What `after` returned, and allowed deadlocks and livelocks, with how often; often is not a probability. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly failure: ReportedFailure | null;
}

/** What went wrong, and how to see it again. */
export interface ReportedFailure extends Failure {
  /** For `replay`. */
  readonly schedule: string;
  /** The failing execution, a line per access. Empty for a cap. */
  readonly trace: string;
}

/** Makes the machine of a model: runs its setup and its threads to their first steps. */
export async function prepare(model: Model, settings: Settings, captureSites: boolean): Promise<Machine> {
  const memory = new Memory();
  seam.memory = memory;
  let shared: unknown;
  try {
    shared = model.setup();
  } finally {
    seam.memory = null;
  }
  memory.seal();
  memory.owners.expectThreads(Object.keys(model.threads));
  if (memory.size === 0) {
    throw new Error(
      `model ${model.name}: setup() made no shared memory through #atomics. Run with the condition interleave ` +
        '(node --conditions=interleave), so that the code under test uses the checker',
    );
  }
  return new Machine(model, shared, memory, settings, captureSites);
}

interface Search {
  run(): Promise<void>;
  /** The choices that led to the present state. */
  schedule(): Choice[];
}

function searchFor(exploration: Exploration, settings: Settings): Search {
  switch (settings.search) {
    case 'dpor':
      return new Dpor(exploration);
    case 'states':
    case 'naive':
      return new States(exploration, settings.search === 'states');
    case 'random':
    case 'pct': {
      const random = seeded(settings.seed);
      const threads = exploration.machine.names.length;
      const picker = settings.search === 'random' ? evenly(random) : byPriority(random, threads, settings.depth);
      return new Samples(exploration, random, picker);
    }
  }
}

/** Explores a model. Options given here go before those of the model. */
export async function check<Shared>(model: Model<Shared>, options: Options = {}): Promise<Report> {
  const settings = settle({ ...model.options, ...options }, Object.keys(model.threads), model.invariant !== undefined);
  const machine = await prepare(model, settings, false);
  const exploration = new Exploration(model, machine);
  await machine.begin();
  const search = searchFor(exploration, settings);
  exploration.checkInvariant();
  await search.run();
  return report(model, exploration, search, options);
}

async function report(model: Model, exploration: Exploration, search: Search, options: Options): Promise<Report> {
  const { machine, executions, pruned, steps, seconds, outcomes } = exploration;
  const { settings } = machine;
  const failure = machine.failure === null ? null : await explain(model, machine.failure, search, options);
  const sampled = settings.search === 'random' || settings.search === 'pct';
  const bounded = settings.preemptions !== Number.POSITIVE_INFINITY;
  const bound = sampled
    ? `${settings.samples} samples, seed ${settings.seed}`
    : bounded
      ? `${settings.preemptions} preemptions`
      : '';
  return {
    name: model.name,
    verdict: failure !== null ? 'failed' : sampled ? 'sampled' : bounded ? 'bounded' : 'complete',
    bound,
    executions,
    pruned,
    steps,
    seconds,
    outcomes,
    failure,
  };
}

/** Runs the failing execution again, with source lines: to capture them always would be slow. */
async function explain(model: Model, failure: Failure, search: Search, options: Options): Promise<ReportedFailure> {
  const schedule = formatSchedule(search.schedule());
  if (CAPS.includes(failure.kind)) return { ...failure, schedule, trace: '' };
  const again = await replay(model, schedule, options);
  if (again.failure?.kind !== failure.kind) {
    const seen = again.failure === null ? 'went well' : `failed otherwise: ${again.failure.message}`;
    const message = `${failure.message} (when run again it ${seen}: setup, a body or after() is not deterministic)`;
    return { ...failure, message, schedule, trace: again.trace };
  }
  return { ...again.failure, schedule, trace: again.trace };
}

const CAPS: readonly string[] = ['execution-cap', 'state-cap', 'time-cap', 'nondeterminism'];
