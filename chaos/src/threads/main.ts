#!/usr/bin/env node
/**
 * `npm run chaos -- --kills N --seed S`: flows whose threads are killed, one after the other, until N were. With `--producers`, those
 * of the user's that publish into them and read from them.
 */
import { chaosOptions } from '../command-line.ts';
import { drawRound } from '../producers/round.ts';
import { runRound } from '../producers/run-round.ts';
import { runFlow } from './run-flow.ts';
import { drawScenario } from './scenario.ts';

const { kills, seed, only, jobs, verbose, producers } = chaosOptions(process.argv.slice(2), 500);
console.log(`seed ${seed}`);

const began = performance.now();
const killed = new Map<string, number>();
let total = 0;
let items = 0;
let wrong: string | undefined;
let begun = 0;
let flows = 0;
let longestPause = 0;

async function runFlows(): Promise<void> {
  while (total < kills && wrong === undefined) {
    const index: number = only ?? begun;
    const scenario = producers ? drawRound(seed, index) : drawScenario(seed, index);
    begun++;
    const outcome = 'shots' in scenario ? await runFlow(scenario) : await runRound(scenario);
    longestPause = Math.max(longestPause, outcome.pauseMs ?? 0);
    flows++;
    total += outcome.deaths.length;
    items += outcome.items;
    for (const name of outcome.deaths) {
      const role = name.replace(/ .*/, '');
      killed.set(role, (killed.get(role) ?? 0) + 1);
    }
    if (outcome.wrong !== undefined) {
      wrong = `flow ${scenario.index}`;
      console.log(`flow ${scenario.index}, after the deaths of ${outcome.deaths.join(', ')}: ${outcome.wrong}`);
      console.log(JSON.stringify(scenario));
      const which = producers ? ' --producers' : '';
      console.log(
        `the same schedule again: npm run chaos --${which} --seed ${seed} --only ${scenario.index} --kills 100`,
      );
    } else if (verbose || flows % 20 === 0) {
      console.log(`${flows} flows, ${total} kills, ${items} items, ${seconds()} s`);
    }
  }
}

await Promise.all(Array.from({ length: jobs }, runFlows));
const byRole = [...killed].map(([role, count]) => `${role} ${count}`).join(', ');
console.log(`${flows} flows in ${seconds()} s; killed: ${byRole}`);
if (producers) console.log(`the main thread’s event loop stood still for ${Math.round(longestPause)} ms at most`);
console.log(
  `${total} kills, ${items} items, ${wrong === undefined ? 'equal to the oracle' : `NOT equal to the oracle: ${wrong}`}`,
);
// A flow that hangs has threads that do not end.
process.exit(wrong === undefined ? 0 : 1);

function seconds(): string {
  return ((performance.now() - began) / 1_000).toFixed(1);
}
