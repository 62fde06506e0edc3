import { prepare } from './check.ts';
import { formatSite } from './machine/call-site.ts';
import type { Failure } from './machine/failure.ts';
import type { Machine } from './machine/machine.ts';
import type { Race } from './machine/races.ts';
import { type Event, Recorder } from './machine/recorder.ts';
import type { Model } from './model.ts';
import { type Options, settle } from './options.ts';
import { parseSchedule } from './report/schedule.ts';
import { formatTrace } from './report/trace.ts';
import { Exploration } from './search/exploration.ts';

/** One execution, told in full. */
export interface Replay {
  /** Null if the execution went well as far as the schedule goes. */
  readonly failure: Failure | null;
  /** A line per access, a column per thread, the source line at the end. */
  readonly trace: string;
  /** What `after` returned, if the execution came to an end. */
  readonly outcome: string | null;
}

/** Runs a model along a schedule that `check` reported, this time with the source line of every access. */
export async function replay(model: Model, schedule: string, options: Options = {}): Promise<Replay> {
  const given = settle({ ...model.options, ...options }, Object.keys(model.threads), model.invariant !== undefined);
  // The choices of every search are choices of this one, which lets a spinning thread look again.
  const settings = { ...given, search: given.search === 'naive' ? ('naive' as const) : ('states' as const) };
  const machine = await prepare(model, settings, true);
  const recorder = new Recorder();
  machine.recorder = recorder;
  const exploration = new Exploration(model, machine);
  await machine.begin();
  exploration.checkInvariant();
  for (const [at, { thread, variant }] of parseSchedule(schedule).entries()) {
    if (machine.failure !== null) break;
    if (thread >= machine.names.length || !machine.isEnabled(thread) || !machine.variants(thread).includes(variant)) {
      throw new Error(`the schedule does not fit model ${model.name}: step ${at + 1} is not possible`);
    }
    await exploration.step(thread, variant);
  }
  if (machine.failure === null && exploration.enabled() === 0) exploration.end();
  return {
    failure: withSites(machine, recorder.events),
    trace: formatTrace(recorder.events, machine.names, machine.memory),
    outcome: [...exploration.outcomes.keys()][0] ?? null,
  };
}

/** A race report names both source lines. */
function withSites(machine: Machine, events: readonly Event[]): Failure | null {
  const { failure } = machine;
  if (failure?.race === undefined) return failure;
  const { race } = failure;
  const here = events.findLast(({ thread }) => thread === race.thread);
  const there = events.findLast((event) => isOtherAccess(event, race));
  const site = (thread: number, event: Event | undefined) =>
    `${machine.names[thread]} at ${formatSite(event?.operation.site ?? null) || 'an unknown line'}`;
  return { ...failure, message: `${failure.message} (${site(race.thread, here)}; ${site(race.other, there)})` };
}

function isOtherAccess({ thread, clock, operation, what }: Event, race: Race): boolean {
  if (thread !== race.other || clock !== race.otherClock) return false;
  const [from, length] = what === 'plain' ? [operation.a, operation.b] : [operation.word * 4, 4];
  return race.address >= from && race.address < from + length;
}
