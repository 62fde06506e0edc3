/**
 * `flow-child.js '{"rounds":…,"sequences":…,"threads":…}'`: the flows into a journal in turns, each round into a new folder,
 * every item read back.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rotated } from '../harness/rotation.ts';
import { FLOWS, type FlowRound, type FlowSetting } from './flow-setting.ts';
import { flowContent, throughFlow } from './through-flow.ts';

/** A round that counts takes about as long. */
const ROUND_MS = 2_000;

export interface FlowChildArguments {
  readonly rounds: number;
  /** Sequences of each flow's first round, which says how many a round has and does not count; the only one if `rounds` is 0. */
  readonly sequences: number;
  readonly threads: number;
}

async function roundOf(name: string, setting: FlowSetting, sequences: number, threads: number): Promise<FlowRound> {
  const parent = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const dir = join(parent, 'journal');
  try {
    const round = await throughFlow(dir, setting, sequences, threads);
    const { items, sum } = await flowContent(dir);
    const right = (sequences * (sequences - 1)) / 2;
    if (items !== sequences || sum !== right) {
      throw new Error(
        `${name}: the journal has ${items} items with the sum ${sum}; right are ${sequences} with ${right}`,
      );
    }
    if (setting.slowerFlushMs > 0 && round.slowFlushes === 0) {
      throw new Error(
        `${name}: no flush was made slower, so that the journal does not flush by fs.fdatasync or fs.fsync`,
      );
    }
    return { name, ...round };
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
}

const { rounds, sequences, threads } = JSON.parse(process.argv[2]) as FlowChildArguments;
const counted: FlowRound[] = [];
const sizes = new Map(Object.keys(FLOWS).map((name) => [name, sequences]));
for (let round = 0; round <= rounds; round++) {
  for (const [name, setting] of rotated(Object.entries(FLOWS), round)) {
    const size = sizes.get(name)!;
    const done = await roundOf(name, setting, size, threads);
    sizes.set(name, Math.ceil((size * ROUND_MS) / done.ms));
    if (round > 0 || rounds === 0) counted.push(done);
  }
}
console.log(JSON.stringify(counted));
