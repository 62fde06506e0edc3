#!/usr/bin/env node
/**
 * `npm run chaos:journal -- --races N --full N --flips N --terminations N --cuts N --seed S`: a journal that several processes open at
 * once, on a disk that is full, with bits that are flipped, by workers that are terminated, on a machine whose power is cut.
 */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { drawCut, runCut } from './cuts.ts';
import { Flips } from './flips.ts';
import { drawFull, runFull } from './full.ts';
import { apart, Helpers } from './helper.ts';
import { journalOptions, type Part } from './options.ts';
import { drawRace, runRace } from './races.ts';
import { drawTerminations, runTerminations } from './terminations.ts';

/** A part that fails so often is given up. */
const MOST_FAULTS = 200;
const SHOWN = 20;

const { counts, seed, only, node, verbose } = journalOptions(process.argv.slice(2));
console.log(`seed ${seed}`);
// By their own exit, so that small disks are unmounted and folders removed.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** In memory, where there is such a folder. */
const tmpfs = process.env.MILLRACE_TMPFS ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
const helpers = new Helpers([node]);
const command = apart(node);
const strangers = command && new Helpers(command);
if (counts.races > 0 && command === undefined)
  console.log('no process can be started apart here: all of a race see each other');
const faults: string[] = [];
let items = 0;
let leftOut = '';
const done: Record<Part, number> = { races: 0, full: 0, flips: 0, terminations: 0, cuts: 0 };

await part('races', async (index) => {
  const plan = drawRace(seed, index);
  const { wrong, items: some } = await runRace(plan, helpers, strangers, { tmpfs, disk: tmpdir() });
  items += some;
  return { count: 1, wrong, plan };
});
await part('full', async (index) => {
  const plan = drawFull(seed, index);
  const outcome = await runFull(plan, helpers);
  if (outcome.leftOut !== undefined) {
    if (leftOut === '') console.log(`no disk of a few MiB can be mounted here: ${outcome.leftOut}`);
    leftOut = `, ${counts.full} full disks left out`;
    return { count: 0, isOver: true };
  }
  items += outcome.items ?? 0;
  return { count: 1, wrong: outcome.wrong, plan };
});
const flips = new Flips(seed, helpers, tmpfs);
let refused = 0;
await part('flips', async (index) => {
  const outcome = await flips.run(index);
  if (outcome.isRefused) refused++;
  return { count: 1, wrong: outcome.wrong, plan: outcome.damage };
});
await part('terminations', async (index) => {
  const plan = drawTerminations(seed, index);
  const outcome = await runTerminations(plan, counts.terminations - done.terminations, helpers, tmpdir());
  items += outcome.items;
  return { count: outcome.terminations, wrong: outcome.wrong, plan };
});
const lost = new Map<string, (number | undefined)[]>();
await part('cuts', async (index) => {
  const plan = drawCut(seed, index);
  const outcome = await runCut(plan, node);
  if (outcome.leftOut !== undefined) {
    console.log(`no disk whose power can be cut is to be had here: ${outcome.leftOut}`);
    leftOut += `, ${counts.cuts} power cuts left out`;
    return { count: 0, isOver: true };
  }
  items += outcome.items;
  const { durability } = plan.target;
  lost.set(durability, [...(lost.get(durability) ?? []), ...outcome.lost]);
  return { count: outcome.cuts, wrong: outcome.wrong, plan };
});
for (const [durability, sequences] of lost) {
  const known = sequences.filter((n) => n !== undefined);
  const refused = sequences.length - known.length;
  console.log(
    `power cuts at ${durability}: ${sequences.length}, ${refused} refused as damaged; ` +
      `sequences lost: ${known.filter((n) => n > 0).length} times, ${Math.max(0, ...known)} at most`,
  );
}
for (const ending of [await flips.finish(), await helpers.finish(), await strangers?.finish()]) {
  if (ending !== undefined) faults.push(`a process that had no more to do ${ending}`);
}

const verdict = faults.length === 0 ? 'equal to the oracle' : `NOT equal to the oracle: ${summary()}`;
console.log(
  `${done.races} races, ${done.full} full disks${leftOut}, ${done.flips} flips (${refused} refused), ` +
    `${done.terminations} terminations, ${done.cuts} power cuts, ${items} items, ${verdict}`,
);
process.exit(faults.length === 0 ? 0 : 1);

interface Step {
  readonly count: number;
  readonly isOver?: boolean;
  readonly wrong?: string | undefined;
  readonly plan?: unknown;
}

/** Runs a part until so many were done. A fault is told, with how to see it again, and the others still run. */
async function part(name: Part, step: (index: number) => Promise<Step>): Promise<void> {
  let failed = 0;
  let shown = 0;
  const from = performance.now();
  for (let index = 0; done[name] < counts[name] && failed < MOST_FAULTS; index++) {
    const which = only ?? index;
    const { count, isOver = false, wrong, plan } = await step(which);
    if (isOver) return;
    done[name] += count;
    if (wrong !== undefined) {
      failed++;
      // One that fails before it counts would be tried for ever.
      if (count === 0) done[name]++;
      faults.push(`${name} ${which}`);
      console.log(`${name} ${which}: ${wrong}`);
      if (failed <= SHOWN) {
        console.log(`  ${JSON.stringify(plan)}`);
        console.log(`  once more: npm run chaos:journal -- --${name} 1 --only ${which} --seed ${seed}`);
      }
    } else if (!verbose && done[name] >= shown + counts[name] / 10 && counts[name] >= 100) {
      shown = done[name];
      console.log(`${name}: ${shown} of ${counts[name]}`);
    } else if (verbose) console.log(`${name} ${which}: ${JSON.stringify(plan)}`);
  }
  if (counts[name] > 0) {
    const seconds = ((performance.now() - from) / 1_000).toFixed(1);
    console.log(`${name}: ${done[name]} in ${seconds} s, ${failed} of them wrong`);
  }
}

function summary(): string {
  const shown = faults.slice(0, 3).join(', ');
  return faults.length > 3 ? `${shown}, and ${faults.length - 3} more` : shown;
}
