/** Workers that write a journal, and are terminated at any moment. */
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DURABILITIES } from '../process/plan.ts';
import { mix, Random } from '../random.ts';
import { look, lookFault } from './answers.ts';
import type { Helper, Helpers } from './helper.ts';
import { type Target, type TerminateMoment, VIAS } from './jobs.ts';
import { type Content, ONE_EACH, RECORD_KINDS } from './records.ts';

interface TerminationPlan {
  readonly target: Omit<Target, 'dir'>;
  readonly end: number;
  readonly atOnce: number;
  readonly moments: readonly TerminateMoment[];
}

export function drawTerminations(seed: number, index: number): TerminationPlan {
  const random = new Random(seed, index + 1);
  // In turns, so that a short run has all of them.
  const via = VIAS[(index + 2) % VIAS.length]!;
  const isFlow = via !== 'events';
  const content: Content = {
    kind: random.pick(RECORD_KINDS),
    mostBytes: 2_000,
    work: {
      seed: mix(seed, index),
      ...(isFlow ? { rounds: 3_000, none: 200, one: 300, large: 5, largeItems: 500 } : ONE_EACH),
    },
  };
  return {
    target: { via, durability: random.pick(DURABILITIES), content, writer: 1 },
    end: random.integer(1_000, 4_000),
    atOnce: random.integer(4, 32),
    moments: Array.from({ length: random.integer(6, 12) }, () => drawMoment(random)),
  };
}

/** While it writes, as a rule, but also while it loads and opens. */
function drawMoment(random: Random): TerminateMoment {
  if (random.chance(0.3)) return { part: undefined, afterMs: random.integer(0, 400) };
  return { part: random.next() * 0.3, afterMs: random.chance(0.5) ? 0 : random.integer(1, 20) };
}

export interface TerminationOutcome {
  readonly terminations: number;
  readonly items: number;
  readonly wrong: string | undefined;
}

/** One process, and one journal, from the first worker to the one that finishes it. `most`: terminations. */
export async function runTerminations(
  plan: TerminationPlan,
  most: number,
  helpers: Helpers,
  disk: string,
): Promise<TerminationOutcome> {
  const parent = mkdtempSync(join(disk, 'millrace-terminations-'));
  const dir = join(parent, 'journal');
  helpers.prepare(2);
  const owner = helpers.take();
  const other = helpers.take();
  let terminations = 0;
  let items = 0;
  let acknowledged = 0;
  const lookBy = async (reader: Helper): Promise<string | undefined> => {
    const found = await look(reader, {
      do: 'look',
      dir,
      content: plan.target.content,
      writers: [plan.target.writer],
      from: { sequence: acknowledged, items: 0 },
    });
    if ('refused' in found && found.refused.code === 'NO_JOURNAL' && acknowledged === 0) return undefined;
    const fault = lookFault(found);
    if (fault !== undefined || !('seen' in found)) return fault;
    ({ items } = found.seen);
    const { sequence } = found.seen.position;
    return sequence < acknowledged ? `${acknowledged} was acknowledged, and it ends at ${sequence}` : undefined;
  };
  const step = async (moment: TerminateMoment | undefined): Promise<string | undefined> => {
    const { target, end, atOnce } = plan;
    owner.give({ do: 'terminate', target: { ...target, dir }, end, atOnce, moment });
    let line = await owner.line();
    while (line?.[0] === 'progress') line = await owner.line();
    if (line === undefined) return `the process of the worker ${owner.howItEnded() ?? 'ended'}`;
    const [word, rest = ''] = line;
    if (word !== 'terminated') return `the worker: ${word} ${rest}`;
    acknowledged = Math.max(acknowledged, Number(rest));
    if (moment !== undefined) terminations++;
    // Who has had the worker, and who has nothing to do with it, in turns.
    return await lookBy(moment === undefined || terminations % 2 === 0 ? owner : other);
  };
  let wrong: string | undefined;
  for (const moment of plan.moments.slice(0, most)) {
    wrong ??= await step(moment);
  }
  wrong ??= await step(undefined);
  if (wrong === undefined && acknowledged !== plan.end) wrong = `it came to ${acknowledged} in place of ${plan.end}`;
  const ending = await owner.finish();
  helpers.putBack(other);
  rmSync(parent, { recursive: true, force: true });
  return { terminations, items, wrong: wrong ?? (ending && `the process of the workers ${ending}`) };
}
