#!/usr/bin/env node
/** `npm run chaos:process -- --kills N --seed S`: journaled flows whose process is killed and started again, until N were. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chaosOptions } from '../command-line.ts';
import { Oracle } from '../transcript.ts';
import { checkJournal } from './journal-content.ts';
import { runProcess } from './killed-process.ts';
import { drawPlan } from './plan.ts';

const { kills, seed, only, verbose } = chaosOptions(process.argv.slice(2), 50);
console.log(`seed ${seed}`);

const began = performance.now();
const killed = new Map<string, number>();
let total = 0;
let items = 0;
let journals = 0;
let wrong: string | undefined;
for (; total < kills && wrong === undefined; journals++) wrong = await runJournal(only ?? journals);
const seconds = ((performance.now() - began) / 1_000).toFixed(1);
const byMoment = [...killed].map(([moment, count]) => `${moment} ${count}`).join(', ');
console.log(`${journals} journals in ${seconds} s; killed while: ${byMoment}`);
console.log(
  `${total} kills, ${items} items, ${wrong === undefined ? 'equal to the oracle' : `NOT equal to the oracle: ${wrong}`}`,
);
process.exitCode = wrong === undefined ? 0 : 1;

/** One journal, from the first process to the one that finishes it. Returns what is wrong. */
async function runJournal(index: number): Promise<string | undefined> {
  const parent = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
  const { job, moments } = drawPlan(seed, index, join(parent, 'journal'));
  const oracle = new Oracle(job.work, job.items, job.startAt, job.events);
  for (let process = 0; ; process++) {
    const moment = moments[process];
    const ending = await runProcess(job, moment);
    const isKilled = ending.how === 'killed';
    if (isKilled) {
      total++;
      killed.set(moment!.when, (killed.get(moment!.when) ?? 0) + 1);
    }
    const { wrong, isWhole } =
      isKilled || ending.how === 'finished' ? await checkJournal(job, oracle) : { wrong: ending.how, isWhole: false };
    const isDone = ending.how === 'finished';
    const fault = wrong ?? (isDone && !isWhole ? 'the process finished and the journal is not complete' : undefined);
    if (fault !== undefined) {
      console.log(`journal ${index}, process ${process} (${ending.how}, ${JSON.stringify(moment)}): ${fault}`);
      console.log(`${JSON.stringify(job)}\nwhat it said last:\n${ending.output}`);
      console.log(
        `the journal is left in ${job.dir}; once more: npm run chaos:process -- --seed ${seed} --only ${index} --kills 1`,
      );
      return `journal ${index}`;
    }
    if (isDone) break;
  }
  items += oracle.transcript.items;
  if (verbose || journals % 10 === 9)
    console.log(`${journals + 1} journals (${job.durability}), ${total} kills, ${items} items`);
  rmSync(parent, { recursive: true, force: true });
  return undefined;
}
