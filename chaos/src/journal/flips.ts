/** Journals that are whole but for some bits. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DURABILITIES } from '../process/plan.ts';
import { mix, Random } from '../random.ts';
import { collect, look, lookFault, oneLook } from './answers.ts';
import { type Damage, damaged, drawDamage, type Files } from './damage.ts';
import { flipFault, isRefused, type Probed } from './flip-rules.ts';
import type { Helper, Helpers } from './helper.ts';
import type { LookJob, Seen, WriteJob } from './jobs.ts';
import { type Content, ONE_EACH, type Place, RECORD_KINDS, Records } from './records.ts';

/** So many flips have one journal in common. */
const FLIPS_EACH = 50;

/** A journal that was closed, in memory, and what is in it. */
interface Original {
  readonly number: number;
  readonly files: Files;
  readonly content: Content;
  readonly via: WriteJob['via'];
  readonly seen: Seen;
}

export interface FlipOutcome {
  readonly damage: string;
  readonly wrong: string | undefined;
  readonly isRefused: boolean;
}

export class Flips {
  private readonly seed: number;
  private readonly helpers: Helpers;
  private readonly parent: string;
  private original: Original | undefined;
  private helper: Helper | undefined;

  constructor(seed: number, helpers: Helpers, tmpfs: string) {
    this.seed = seed;
    this.helpers = helpers;
    this.parent = mkdtempSync(join(tmpfs, 'millrace-flips-'));
    process.on('exit', () => rmSync(this.parent, { recursive: true, force: true }));
  }

  async run(index: number): Promise<FlipOutcome> {
    const number = Math.floor(index / FLIPS_EACH);
    if (this.original?.number !== number) this.original = await this.make(number);
    const { files, content, seen, via } = this.original;
    const random = new Random(this.seed, index + 1);
    const damage = drawDamage(files, random);
    const dir = join(this.parent, 'damaged');
    place(damaged(files, damage, random), dir);
    const from = drawPlace(random, seen, new Records(content));
    const lookJob: LookJob = { do: 'look', dir, content, writers: [1], from };
    const appends = random.chance(0.4);
    const appending = appendJob(dir, content, via, random, random.integer(1, 5));
    this.helper ??= this.helpers.take();
    this.helper.give({ do: 'probe', look: lookJob, write: appends ? appending : undefined });
    const probed = await hear(this.helper, appends);
    if (this.helper.hangs) this.helper.kill();
    if (this.helper.ending !== undefined || this.helper.hangs) this.helper = undefined;
    const isGone = damage.what === 'deleted' && damage.file === 'journal.json';
    return {
      damage: show(damage, files),
      wrong: flipFault(probed, seen, appending.sequences, isGone),
      isRefused: isRefused(probed),
    };
  }

  async finish(): Promise<string | undefined> {
    return await this.helper?.finish();
  }

  /** Several processes, one after the other, make a journal. */
  private async make(number: number): Promise<Original> {
    const random = new Random(mix(this.seed, 7), number + 1);
    const dir = join(this.parent, 'original');
    rmSync(dir, { recursive: true, force: true });
    // In turns, so that a short run has both.
    const isFlow = number % 2 === 1;
    const content: Content = {
      kind: random.pick(RECORD_KINDS),
      mostBytes: 1_500,
      work: {
        seed: mix(this.seed, number),
        ...(isFlow ? { rounds: 1, none: 200, one: 300, large: 20, largeItems: 200 } : ONE_EACH),
      },
    };
    const via = isFlow ? 'inline' : 'events';
    const processes = random.integer(3, 6);
    const killed = random.integer(1, processes);
    for (let process = 1; process <= processes; process++) {
      const isKilled = process === killed;
      const job = appendJob(dir, content, via, random, random.integer(20, 150));
      const trimEvery = !isFlow && random.chance(0.4) ? random.integer(20, 60) : 0;
      const helper = this.helpers.take();
      helper.give({ ...job, trimEvery, holdMs: isKilled ? 100 : 0 });
      const killAfter = random.integer(0, 30);
      const { refused, ended } = await collect(helper, (word) => {
        if (isKilled && word === 'at') void sleep(killAfter).then(() => helper.kill());
      });
      if (isKilled) await helper.ended;
      else this.helpers.putBack(helper);
      const fault = refused?.message ?? (isKilled ? undefined : ended);
      if (fault !== undefined) throw new Error(`journal ${number} could not be made: ${fault}`);
    }
    const reader = this.helpers.take();
    const found = await look(reader, { do: 'look', dir, content, writers: [1], from: undefined });
    this.helpers.putBack(reader);
    const fault = lookFault(found);
    if (fault !== undefined || !('seen' in found)) throw new Error(`journal ${number}: ${fault}`);
    const files = new Map(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name))]));
    return { number, files, content, via, seen: found.seen };
  }
}

/** Anywhere in the journal, also within a sequence. */
function drawPlace(random: Random, { begin, position }: Seen, records: Records): Place {
  const sequence = random.integer(begin, position.sequence);
  if (sequence === position.sequence) return position;
  return { sequence, items: random.integer(0, Math.max(0, records.itemsOf(sequence) - 1)) };
}

function appendJob(dir: string, content: Content, via: WriteJob['via'], random: Random, sequences: number): WriteJob {
  const durability = random.pick(DURABILITIES);
  const target = { dir, content, via, durability, writer: 1, trimEvery: 0, holdMs: 0 };
  return { do: 'write', ...target, sequences, atOnce: random.integer(1, 20), sayEveryMs: 0, delayUs: undefined };
}

function place(files: Files, dir: string): void {
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir);
  for (const [name, bytes] of files) writeFileSync(join(dir, name), bytes);
}

async function hear(helper: Helper, appends: boolean): Promise<Probed> {
  const position = await oneLook(helper);
  const all = await oneLook(helper);
  const some = await oneLook(helper);
  const appended = appends && helper.ending === undefined ? await collect(helper) : undefined;
  const after = appended === undefined ? undefined : await oneLook(helper);
  await helper.line();
  return { position, all, some, appended, after, ended: helper.howItEnded() };
}

function show(damage: Damage, files: Files): string {
  const { length } = files.get(damage.file)!;
  const where = 'at' in damage ? ` at ${damage.at}` : '';
  const mask = 'mask' in damage ? ` (mask ${damage.mask})` : '';
  return `${damage.what} of ${damage.file}${where}${mask}, of ${length} bytes`;
}
