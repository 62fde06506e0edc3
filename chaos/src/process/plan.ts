/** One journaled job of a chaos run, all of it drawn from the seed, and when its processes are killed. */
import { ITEM_KINDS, type ItemKind } from '../items.ts';
import { mix, Random } from '../random.ts';
import type { Work } from '../work.ts';

export const DURABILITIES = ['none', 'batch', 'always'] as const;

/** What a process is told. */
export interface Job {
  readonly dir: string;
  readonly durability: (typeof DURABILITIES)[number];
  readonly items: ItemKind;
  readonly source: 'count' | 'struct';
  readonly threads: number;
  readonly laneBytes: number;
  readonly commitMs: number | undefined;
  readonly startAt: number;
  readonly events: number;
  readonly work: Work;
  /** It kills a thread of its own each time that so many more sequences are published; 0: never. */
  readonly restless: number;
}

/** When a process is killed. */
export type Moment =
  /** So long after it was spawned: while it loads, starts its threads, opens or makes the journal. */
  | { readonly when: 'starting'; readonly afterMs: number }
  /** Once this part of what was left is published, and a little later. */
  | { readonly when: 'working'; readonly part: number; readonly afterMs: number }
  /** Once everything is published: while it drains, commits and closes. */
  | { readonly when: 'closing'; readonly afterMs: number };

export interface Plan {
  readonly job: Job;
  /** By process, one after the other; the one after the last is left to finish. */
  readonly moments: readonly Moment[];
}

export function drawPlan(seed: number, index: number, dir: string): Plan {
  const random = new Random(seed, index + 1);
  const laneBytes = random.pick([4_096, 65_536, 1_048_576]);
  const events = random.integer(400, 2_500);
  const kills = random.integer(6, 14);
  const job: Job = {
    dir,
    // In turns, so that a short run has them all.
    durability: DURABILITIES[index % DURABILITIES.length]!,
    items: random.pick(ITEM_KINDS),
    source: random.pick(['count', 'struct']),
    threads: random.integer(1, 2),
    laneBytes,
    commitMs: random.pick([undefined, undefined, 1, 50]),
    startAt: 0,
    events,
    work: {
      seed: mix(seed, index),
      rounds: random.pick([5_000, 50_000]),
      none: 300,
      one: random.pick([0, 300]),
      large: random.pick([0, 2, 5]),
      largeItems: random.pick([300, 2_000, 5_000]),
    },
    restless: random.chance(0.25) ? random.integer(100, 400) : 0,
  };
  return { job, moments: Array.from({ length: kills }, () => drawMoment(random)) };
}

function drawMoment(random: Random): Moment {
  const dice = random.next();
  if (dice < 0.25) return { when: 'starting', afterMs: random.integer(0, 400) };
  if (dice < 0.85) return { when: 'working', part: random.next() * 0.3, afterMs: random.integer(0, 10) };
  return { when: 'closing', afterMs: random.integer(0, 8) };
}
