/** Processes that write a journal when the power is cut, and others that go on when the machine is there again. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DURABILITIES } from '../process/plan.ts';
import { mix, Random } from '../random.ts';
import { collect, look } from './answers.ts';
import { type CutState, cutFault } from './cut-rules.ts';
import { Helper } from './helper.ts';
import { type Target, VIAS } from './jobs.ts';
import { PowerDisk } from './power-disk.ts';
import { type Content, ONE_EACH, RECORD_KINDS } from './records.ts';
import { CAPACITY } from './write.ts';

export interface CutPlan {
  readonly target: Omit<Target, 'dir'>;
  readonly atOnce: number;
  readonly trimEvery: number;
  /** When the power is cut: so long after a process was started, for one process after the other. */
  readonly cutsAfterMs: readonly number[];
}

export function drawCut(seed: number, index: number): CutPlan {
  const random = new Random(seed, index + 1);
  const via = random.pick(VIAS);
  const isFlow = via !== 'events';
  const content: Content = {
    kind: random.pick(RECORD_KINDS),
    mostBytes: random.pick([300, 4_000]),
    work: {
      seed: mix(seed, index),
      ...(isFlow ? { rounds: 1, none: 200, one: 300, large: 5, largeItems: 300 } : ONE_EACH),
    },
  };
  return {
    // In turns, so that a short run has them all.
    target: { via, durability: DURABILITIES[index % DURABILITIES.length]!, content, writer: 1 },
    atOnce: random.pick([1, 20, 500]),
    trimEvery: !isFlow && random.chance(0.3) ? random.integer(50, 500) : 0,
    cutsAfterMs: Array.from({ length: random.integer(1, 3) }, () => random.integer(300, random.pick([600, 2_500]))),
  };
}

/** Sequences that no process comes to within its time. */
const MANY = 50_000_000;

export interface CutOutcome {
  /** Why there is no disk whose power can be cut. */
  readonly leftOut?: string;
  readonly wrong?: string | undefined;
  readonly cuts: number;
  readonly items: number;
  /** Sequences that were acknowledged and are not there, of each cut; undefined: the journal was refused. */
  readonly lost: readonly (number | undefined)[];
}

export async function runCut(plan: CutPlan, node: string): Promise<CutOutcome> {
  const disk = PowerDisk.mount();
  if (!(disk instanceof PowerDisk)) return { leftOut: disk.reason, cuts: 0, items: 0, lost: [] };
  try {
    return await runOn(disk, plan, node);
  } finally {
    disk.remove();
  }
}

async function runOn(disk: PowerDisk, plan: CutPlan, node: string): Promise<CutOutcome> {
  const { target, atOnce, trimEvery } = plan;
  const dir = join(disk.dir, 'journal');
  const lost: (number | undefined)[] = [];
  const outstanding = target.via === 'events' ? atOnce : CAPACITY;
  let stood = 0;
  let trimmed = 0;
  let items = 0;
  for (const afterMs of plan.cutsAfterMs) {
    const writer = new Helper(disk.command(node));
    writer.give({
      do: 'write',
      dir,
      ...target,
      sequences: MANY,
      atOnce,
      trimEvery,
      holdMs: 0,
      sayEveryMs: 0,
      delayUs: undefined,
    });
    const writing = collect(writer);
    await Promise.race([writing, sleep(afterMs)]);
    disk.cut();
    writer.kill();
    const written = await writing;
    await disk.restart();
    const reader = new Helper(disk.command(node));
    const found = await look(reader, {
      do: 'look',
      dir,
      content: target.content,
      writers: [target.writer],
      from: undefined,
    });
    await reader.finish();
    trimmed = Math.max(trimmed, written.trimmed);
    const state: CutState = { durability: target.durability, stood, written, trimmed, outstanding, found };
    const wrong = cutFault(state);
    const isSeen = 'seen' in found;
    const position = isSeen ? found.seen.position.sequence : 0;
    const acknowledged = Math.max(stood, written.acks.at(-1)?.below ?? 0);
    const isRefused = !isSeen && !('refused' in found && found.refused.code === 'NO_JOURNAL');
    lost.push(isRefused ? undefined : Math.max(0, acknowledged - position));
    if (isSeen) ({ items } = found.seen);
    if (wrong !== undefined || isRefused) return { wrong, cuts: lost.length, items, lost };
    stood = position;
    trimmed = isSeen ? found.seen.begin : 0;
  }
  return { cuts: lost.length, items, lost };
}
