/**
 * Runs every execution of a scenario: a search in depth, which repeats an execution from its start to take another turn. States are
 * known by what each process has learnt, what was promised, and the disk; one that was seen before is not gone on from. Of two
 * steps that change places freely one order is run (sleep sets, as Godefroid has them beside a set of states).
 */
import type { Durability } from '../../../src/store/durability.ts';
import { Actor, type Body } from './actor.ts';
import type { Built } from './built.ts';
import { Disk } from './disk.ts';
import { Checks, type Execution } from './invariants.ts';
import { forgetOpened, LIVES } from './model-fs.ts';
import { type Footprint, type Process, stage, World } from './world.ts';

export interface Scenario {
  readonly name: string;
  /** Default `none`. */
  readonly durability?: Durability;
  /** What happens before all others begin, one after the other. Each of these is dead then. */
  readonly before?: readonly Body[];
  /** The first process goes on at once until it is ready; the others begin then. */
  readonly beginsWhenReady?: boolean;
  readonly processes: Readonly<Record<string, Body>>;
  /** Those that may die, at any step, and how many of them at most. */
  readonly mayDie?: { readonly names: readonly string[]; readonly most: number };
  /** Those that may be taken for dead while they live, at any step. */
  readonly mayBeTakenForDead?: readonly string[];
  /** Whether the power may fail, at any step. */
  readonly powerCuts?: boolean;
}

export interface Explored {
  readonly executions: number;
  /** States that differ. */
  readonly states: number;
}

interface Choice extends Footprint {
  /** The same in every execution that comes this way. */
  readonly label: string;
  /** Whose own steps cannot change places with it. */
  readonly process: Process | undefined;
}

const DIES = ' dies';
const IS_TAKEN_FOR_DEAD = ' is taken for dead';

/** Numbers of processes. */
const FIRST_BEFORE = 20;

type Sleeping = Pick<Choice, 'label' | 'reads' | 'writes'> & { readonly name: string | undefined };

/** A state on the path: what is still to be taken from it, and what need not be. */
interface Frame {
  readonly todo: string[];
  readonly asleep: Sleeping[];
}

export async function explore(scenario: Scenario, built: Built): Promise<Explored> {
  const start = await diskBefore(scenario, built);
  const checks = new Checks(scenario.powerCuts ?? false);
  /** For each state, what was asleep whenever it was gone on from. */
  const seen = new Map<string, ReadonlySet<string>>();
  const path: Frame[] = [];
  let executions = 0;
  do {
    executions++;
    const trace: string[] = [];
    try {
      const run = await begin(scenario, built, start);
      let asleep: Sleeping[] = [];
      for (let depth = 0; ; depth++) {
        if (depth === path.length) {
          const choices = run.choices();
          const labels = choices.map(({ label }) => label);
          const key = run.key();
          const before = seen.get(key);
          const sleeping = new Set(asleep.map(({ label }) => label));
          if (before === undefined) {
            await checks.state(run.execution);
            if (labels.length === 0) await checks.end(run.execution);
          }
          seen.set(key, before === undefined ? sleeping : new Set([...before].filter((label) => sleeping.has(label))));
          const todo = labels.filter((label) => !sleeping.has(label) && (before?.has(label) ?? true));
          if (todo.length === 0) break;
          path.push({ todo, asleep });
        }
        const frame = path[depth]!;
        const label = frame.todo[0]!;
        trace.push(label);
        if (depth === path.length - 1) {
          const choice = run.choices().find((one) => one.label === label)!;
          asleep = frame.asleep.filter((other) => isIndependent(other, choice));
          frame.asleep.push({ ...choice, name: choice.process?.name });
        }
        await run.take(label);
      }
    } catch (cause) {
      throw new Error(`${scenario.name}: ${String((cause as Error).message)}\n  ${trace.join('\n  ')}`, { cause });
    }
    while (path.length > 0) {
      path.at(-1)!.todo.shift();
      if (path.at(-1)!.todo.length > 0) break;
      path.pop();
    }
  } while (path.length > 0);
  stage.world = undefined;
  return { executions, states: seen.size };
}

function isIndependent(a: Sleeping, b: Choice): boolean {
  if (a.name !== undefined && a.name === b.process?.name) return false;
  const meets = (some: readonly string[] = [], others: readonly string[] = []) =>
    some.some((name) => others.includes(name));
  return !meets(a.writes, b.writes) && !meets(a.writes, b.reads) && !meets(a.reads, b.writes);
}

async function diskBefore({ before = [], durability = 'none' }: Scenario, built: Built): Promise<Disk> {
  const disk = new Disk();
  for (const [i, body] of before.entries()) {
    const world = new World(disk, 'at once');
    stage.world = world;
    await world.start('before', FIRST_BEFORE + i, (process) => new Actor(process, built, durability).run(body));
  }
  return disk;
}

async function begin(scenario: Scenario, built: Built, start: Disk): Promise<Run> {
  forgetOpened();
  const { durability = 'none', processes, powerCuts = false } = scenario;
  const world = new World(start.copy(powerCuts), 'released', { hasPowerCuts: powerCuts });
  stage.world = world;
  const actors: Actor[] = [];
  for (const [i, [name, body]] of Object.entries(processes).entries()) {
    world.pace = i === 0 && scenario.beginsWhenReady ? 'at once' : 'released';
    await world.start(name, i + 1, (process) => {
      const actor = new Actor(process, built, durability, actors);
      actors.push(actor);
      return actor.run(body);
    });
  }
  return new Run(scenario, { world, actors, built, durability });
}

class Run {
  readonly execution: Execution;
  private readonly scenario: Scenario;

  constructor(scenario: Scenario, execution: Execution) {
    this.scenario = scenario;
    this.execution = execution;
  }

  choices(): Choice[] {
    const { world } = this.execution;
    const steps = world.processes.flatMap((process) =>
      process.pending.map(
        ({ label, reads, writes }): Choice => ({ label: `${process.name}: ${label}`, process, reads, writes }),
      ),
    );
    return steps.length === 0 ? steps : steps.concat(this.misfortunes());
  }

  private misfortunes(): Choice[] {
    const { mayDie, mayBeTakenForDead = [] } = this.scenario;
    const { world } = this.execution;
    const running = world.processes.filter(({ state }) => state === 'runs');
    const deaths = world.processes.filter(({ state }) => state === 'is dead').length;
    const mortal = deaths < (mayDie?.most ?? 0) ? running.filter(({ name }) => mayDie!.names.includes(name)) : [];
    const unlucky = running.filter(({ name, isTakenForDead }) => !isTakenForDead && mayBeTakenForDead.includes(name));
    return [
      ...mortal.map((process) => ({ label: `${process.name}${DIES}`, process, writes: [LIVES] })),
      ...unlucky.map(({ name }) => ({ label: `${name}${IS_TAKEN_FOR_DEAD}`, process: undefined, writes: [LIVES] })),
    ];
  }

  async take(label: string): Promise<void> {
    const { world } = this.execution;
    const process = world.processes.find(({ name }) => label.startsWith(name))!;
    const rest = label.slice(process.name.length);
    if (rest === DIES) world.die(process);
    else if (rest === IS_TAKEN_FOR_DEAD) process.isTakenForDead = true;
    else await world.release(process, process.pending.find((pending) => rest === `: ${pending.label}`)!);
  }

  key(): string {
    const { world, actors } = this.execution;
    return `${world.key()} ${actors.map(({ acked, refusal, hasOpened }) => `${acked.map(({ tag }) => tag)} ${refusal} ${hasOpened}`).join('|')}`;
  }
}
