/** Processes that open one fresh journal at the same moment. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DURABILITIES } from '../process/plan.ts';
import { mix, Random } from '../random.ts';
import { collect, look, type Written } from './answers.ts';
import { now, spinUntil } from './clock.ts';
import type { Helper, Helpers } from './helper.ts';
import type { Target, WriteJob } from './jobs.ts';
import { type Racer, raceFault } from './race-rules.ts';
import { type Content, ONE_EACH, RECORD_KINDS } from './records.ts';

export interface RacePlan {
  readonly disk: 'tmpfs' | 'disk';
  /** Folders that are not there, above that of the journal. */
  readonly missing: number;
  readonly content: Content;
  /** They do not see each other, and take each other for dead. */
  readonly areApart: boolean;
  /** Has made the journal before, and closed it, or died; undefined: the folder is fresh. */
  readonly before: RacerPlan | undefined;
  readonly racers: readonly RacerPlan[];
  /** Comes as soon as one of them has ended. */
  readonly late: RacerPlan | undefined;
}

interface RacerPlan extends Omit<Target, 'dir' | 'content'> {
  readonly sequences: number;
  readonly atOnce: number;
  readonly holdMs: number;
  readonly delayUs: number;
  /** Killed so long after all were released. */
  readonly killUs: number | undefined;
}

export function drawRace(seed: number, index: number): RacePlan {
  const random = new Random(seed, index + 1);
  const isFlow = random.chance(0.35);
  const racers = random.chance(0.2) ? 3 : 2;
  const killed = random.chance(0.25) ? random.integer(0, racers - 1) : -1;
  const draw = (writer: number): RacerPlan => ({
    // A flow on threads takes its time to start, so few of them race for real.
    via: !isFlow ? 'events' : random.chance(0.15) ? 'threads' : 'inline',
    durability: random.pick(DURABILITIES),
    writer: writer + 1,
    sequences: random.integer(2, 20),
    atOnce: random.integer(1, 8),
    holdMs: random.chance(0.5) ? 0 : random.integer(1, 30),
    delayUs: random.chance(0.3) ? 0 : random.integer(0, 1_000),
    killUs: writer === killed ? drawKillUs(random) : undefined,
  });
  return {
    // In turns, so that a short run has both.
    disk: index % 2 === 0 ? 'tmpfs' : 'disk',
    areApart: random.chance(0.15),
    missing: random.chance(0.25) ? random.integer(1, 2) : 0,
    content: {
      // Of short bytes two writers may write the same.
      kind: random.pick(RECORD_KINDS.filter((kind) => kind !== 'bytes')),
      mostBytes: 5_000,
      work: {
        seed: mix(seed, index),
        ...(isFlow ? { rounds: 100, none: 200, one: 300, large: 20, largeItems: 50 } : ONE_EACH),
      },
    },
    before: random.chance(0.15)
      ? { ...draw(racers), killUs: random.chance(0.5) ? drawKillUs(random) : undefined }
      : undefined,
    racers: Array.from({ length: racers }, (_, writer) => draw(writer)),
    late: random.chance(0.3) ? { ...draw(racers + 1), killUs: undefined } : undefined,
  };
}

/** From some microseconds to some tenths of a second: also before and after the journal is made. */
const drawKillUs = (random: Random): number => Math.round(100 * 3_000 ** random.next());

/** So long after the word every process has heard it. */
const RELEASE_US = 3_000;

/** Three that race, a late one, and whoever reads. One more loads meanwhile, for one may be killed. */
const MOST_AT_ONCE = 4;

/** Runs a race. Returns what is wrong. `tmpfs` and `disk` are folders on such. */
export async function runRace(
  plan: RacePlan,
  helpers: Helpers,
  apart: Helpers | undefined,
  folders: Readonly<Record<'tmpfs' | 'disk', string>>,
): Promise<{ readonly wrong: string | undefined; readonly items: number; readonly winners: number }> {
  const parent = mkdtempSync(join(folders[plan.disk], 'millrace-race-'));
  try {
    const dir = join(parent, ...['a', 'b'].slice(0, plan.missing), 'journal');
    if (plan.missing === 0) mkdirSync(dirname(dir), { recursive: true });
    const areApart = plan.areApart && apart !== undefined;
    const runners = areApart ? apart : helpers;
    runners.prepare(MOST_AT_ONCE + 1);
    const racers = await raceOn(plan, dir, runners);
    const reader = helpers.take();
    const writers = racers.map(({ plan: { writer } }) => writer);
    const found = await look(reader, { do: 'look', dir, content: plan.content, writers, from: undefined });
    helpers.putBack(reader);
    return {
      wrong: raceFault(racers, found, areApart),
      items: 'seen' in found ? found.seen.items : 0,
      winners: racers.filter(({ written: { acks } }) => acks.length > 0).length,
    };
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

interface Started {
  readonly helper: Helper;
  readonly done: Promise<Written>;
}

async function raceOn({ before, racers, late, content }: RacePlan, dir: string, helpers: Helpers): Promise<Racer[]> {
  const start = async (plan: RacerPlan): Promise<Started> => {
    const helper = helpers.take();
    const { killUs: _, ...job } = plan;
    helper.give({ do: 'write', dir, content, trimEvery: 0, sayEveryMs: 0, ...job } satisfies WriteJob);
    let isReady: () => void;
    const ready = new Promise<void>((resolve) => {
      isReady = resolve;
    });
    const done = collect(helper, (word) => word === 'ready' && isReady());
    await Promise.race([ready, done]);
    return { helper, done };
  };
  const run = async (
    { helper, done }: Started,
    plan: RacerPlan,
    releasedAt: number,
  ): Promise<Omit<Racer, 'isAlone' | 'isBefore'>> => {
    helper.release(releasedAt);
    const killing = plan.killUs === undefined ? undefined : killAt(helper, releasedAt + plan.killUs, done);
    const written = await done;
    const killedAt = await killing;
    if (killedAt !== undefined) await helper.ended;
    helpers.putBack(helper);
    return { plan, releasedAt, killedAt, written };
  };
  const first = before && (await run(await start(before), before, now()));
  const maker: Racer[] = first === undefined ? [] : [{ ...first, isAlone: true, isBefore: true }];
  const started = await Promise.all(racers.map(start));
  const releasedAt = now() + RELEASE_US;
  let ended = 0;
  const all = started.map(async (one, i): Promise<Racer> => {
    const racer = await run(one, racers[i]!, releasedAt);
    ended++;
    return { ...racer, isAlone: false, isBefore: false };
  });
  if (late === undefined) return [...maker, ...(await Promise.all(all))];
  const follower = start(late);
  await Promise.race(all);
  const ready = await follower;
  const isAlone = ended === all.length;
  const last = await run(ready, late, now());
  return [...maker, ...(await Promise.all(all)), { ...last, isAlone, isBefore: false }];
}

/** Returns when it was killed; undefined when it had done its job before. */
async function killAt(helper: Helper, time: number, done: Promise<Written>): Promise<number | undefined> {
  const isOver = done.then(() => true);
  const ms = (time - now()) / 1_000 - 2;
  if (ms > 0 && (await Promise.race([isOver, sleep(ms, false)]))) return undefined;
  if (ms <= 0) await sleep(0);
  spinUntil(time);
  const at = now();
  helper.kill();
  return at;
}
