/** Processes that write into a journal until the disk is full, and others that go on when there is room again. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DURABILITIES } from '../process/plan.ts';
import { mix, Random } from '../random.ts';
import { collect, look, type Written } from './answers.ts';
import { fullFault } from './full-rules.ts';
import type { Helper, Helpers } from './helper.ts';
import type { Target, WriteJob } from './jobs.ts';
import { VIAS } from './jobs.ts';
import { type Content, ONE_EACH, RECORD_KINDS } from './records.ts';
import { SmallDisk } from './small-disk.ts';

export interface FullPlan {
  readonly kib: number;
  /** Another file takes the disk, but for so much: before the journal is made, or so long after. */
  readonly other: { readonly afterMs: number | undefined; readonly leaveKib: number } | undefined;
  readonly target: Omit<Target, 'dir' | 'content'>;
  readonly content: Content;
  readonly atOnce: number;
  readonly trimEvery: number;
  /** What the second process appends. */
  readonly rest: number;
  /** The other file had so much of the disk that it is enough to remove it. */
  readonly isEnoughRemoved: boolean;
}

/** For the second process. */
const ENOUGH_KIB = 1_024;

export function drawFull(seed: number, index: number): FullPlan {
  const random = new Random(seed, index + 1);
  const via = random.pick(VIAS);
  const isFlow = via !== 'events';
  const isLarge = random.chance(0.7);
  const drawn = random.integer(64, random.pick([512, 2_048, 6_144]));
  // Small records would not fill a larger one.
  const kib = isLarge ? drawn : Math.min(drawn, 512);
  const trims = !isFlow && random.chance(0.25);
  const dice = random.next();
  const mostBytes = random.pick([300, 4_000, 40_000]);
  const leaveKib = random.chance(0.3) ? 0 : random.integer(0, kib >> 1);
  const other =
    dice < 0.2
      ? { afterMs: undefined, leaveKib: random.chance(0.5) ? 0 : random.integer(0, 200) }
      : dice < 0.45 || trims
        ? { afterMs: random.integer(0, 400), leaveKib }
        : undefined;
  return {
    kib,
    other,
    target: { via, durability: DURABILITIES[index % DURABILITIES.length]!, writer: 1 },
    content: {
      kind: isLarge ? 'large' : random.pick(RECORD_KINDS),
      mostBytes,
      work: {
        seed: mix(seed, index),
        ...(isFlow ? { rounds: 1, none: 100, one: 300, large: 20, largeItems: 30 } : ONE_EACH),
      },
    },
    atOnce: random.pick([1, 8, 64]),
    trimEvery: trims ? random.integer(20, 200) : 0,
    rest: random.integer(5, 50),
    // Before there was a journal: it cannot have the whole disk.
    isEnoughRemoved:
      mostBytes < 10_000 && other !== undefined && other.afterMs === undefined && kib - other.leaveKib > ENOUGH_KIB,
  };
}

/** More than any of these disks holds; one that trims ends here. */
const MOST_SEQUENCES = 200_000;
const MOST_TRIMMED = 4_000;

export interface FullOutcome {
  /** Why no disk could be mounted. */
  readonly leftOut?: string;
  readonly wrong?: string | undefined;
  readonly items?: number;
}

export async function runFull(plan: FullPlan, helpers: Helpers): Promise<FullOutcome> {
  const disk = SmallDisk.mount(plan.kib);
  if (!(disk instanceof SmallDisk)) return { leftOut: disk.reason };
  try {
    helpers.prepare(4);
    return await runOn(disk, plan, helpers);
  } finally {
    disk.unmount();
  }
}

async function runOn(disk: SmallDisk, plan: FullPlan, helpers: Helpers): Promise<FullOutcome> {
  const { content, other } = plan;
  const dir = join(disk.dir, 'journal');
  const job: WriteJob = {
    do: 'write',
    dir,
    content,
    ...plan.target,
    sequences: plan.trimEvery > 0 ? MOST_TRIMMED : MOST_SEQUENCES,
    atOnce: plan.atOnce,
    trimEvery: plan.trimEvery,
    holdMs: 0,
    sayEveryMs: 5,
    delayUs: undefined,
  };
  if (other !== undefined && other.afterMs === undefined) disk.fill(other.leaveKib);
  const writer = helpers.take();
  const writing = writeToEnd(writer, job);
  if (other?.afterMs !== undefined) {
    await Promise.race([writing, sleep(other.afterMs)]);
    disk.fill(other.leaveKib);
  }
  const first = await writing;
  const reader = helpers.take();
  const lookJob = { do: 'look', dir, content, writers: [plan.target.writer], from: undefined } as const;
  const before = await look(reader, lookJob);
  // Room again, one way or the other.
  if (plan.isEnoughRemoved) disk.empty();
  else disk.resize(plan.kib + 16 * 1024);
  const second = await writeToEnd(helpers.take(), { ...job, sequences: plan.rest, trimEvery: 0 });
  const after = await look(reader, lookJob);
  helpers.putBack(reader);
  const wrong = fullFault({ first, mayEndWell: plan.trimEvery > 0, before, second, rest: plan.rest, after });
  return { wrong, items: 'seen' in after ? after.seen.items : 0 };
}

/** The process has no other job, and ends then, by itself. */
async function writeToEnd(helper: Helper, job: WriteJob): Promise<Written> {
  helper.give(job);
  const written = await collect(helper);
  return { ...written, ended: written.ended ?? (await helper.finish()) };
}
