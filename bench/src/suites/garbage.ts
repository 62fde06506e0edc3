import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type HeapUse, ROLES } from '../garbage/heap-watch.ts';
import { collectionsOf, mayBeBetween } from '../garbage/trace.ts';
import type { Case } from '../harness/cases.ts';
import { spread } from '../harness/statistics.ts';
import type { Suite, SuiteOptions, SuiteResult } from './suite.ts';

const CHILD = fileURLToPath(new URL('../garbage/garbage-child.js', import.meta.url));

const ROUNDS = 3;
const EVENTS = 10_000_000;
const WARM_UP = 2_000_000;
const AFTER = 500_000;
const QUICK = { warmUp: 300_000, events: 1_000_000, after: 50_000 };
/**
 * A count, which does not depend on the load: an object for each event, anywhere, is 8 collections or more here, and there
 * are 0 to 3. One run in ten has up to 8, where the engine drops compiled code at a bad moment: so the best of a few counts.
 */
const MOST_QUICK_COLLECTIONS = 5;
const QUICK_TRIES = 4;
const KINDS = ['ring', 'module', 'flyweight-module'] as const;
const MOST_OUTPUT_BYTES = 64 * 2 ** 20;

interface Round {
  readonly kind: (typeof KINDS)[number];
  readonly threads: readonly HeapUse[];
  /** Of all threads, those that cannot be watched from inside among them (a ring's writer, coordinator, main). */
  readonly collections: number;
}

async function round(kind: Round['kind'], sizes: typeof QUICK): Promise<Round> {
  const args = [kind, sizes.warmUp, sizes.events, sizes.after].map(String);
  const { stdout } = await promisify(execFile)(process.execPath, ['--trace-gc', CHILD, ...args], {
    maxBuffer: MOST_OUTPUT_BYTES,
  });
  const told = stdout.split('\n').find((line) => line.startsWith('{'));
  const { startedMs, threads } = JSON.parse(told ?? '') as { startedMs: number; threads: HeapUse[] };
  if (threads.length === 0) throw new Error('no thread saw the watched events begin and end');
  const beganMs = Math.min(...threads.map((one) => one.beganMs));
  const endedMs = Math.max(...threads.map((one) => one.endedMs));
  return {
    kind,
    threads,
    collections: mayBeBetween(collectionsOf(stdout), beganMs, endedMs, startedMs).length,
  };
}

/** Throws where garbage has come back. */
async function cleanRound(kind: Round['kind']): Promise<Round> {
  const seen: number[] = [];
  while (seen.length < QUICK_TRIES) {
    const one = await round(kind, QUICK);
    if (one.collections <= MOST_QUICK_COLLECTIONS) return one;
    seen.push(one.collections);
  }
  throw new Error(
    `garbage/${kind}: ${seen.join(', ')} collections in ${QUICK.events} struct events, run by run; ` +
      `${MOST_QUICK_COLLECTIONS} at most are right. The full suite says which thread makes them`,
  );
}

function casesOf(kind: string, events: number, rounds: readonly Round[]): Case[] {
  const cases: Case[] = [];
  for (const role of ROLES) {
    const own = rounds.map(({ threads }) => threads.filter((one) => one.role === role));
    if (own.some((threads) => threads.length === 0)) continue;
    const sums = (figure: 'collections' | 'bytes'): number[] =>
      own.map((threads) => threads.reduce((sum, one) => sum + one[figure], 0));
    const label = `garbage/${kind}/${role}`;
    cases.push({ name: `${label}/collections`, ...spread(sums('collections')), unit: 'collections' });
    const bytes = spread(sums('bytes').map((sum) => sum / events));
    cases.push({ name: `${label}/bytes`, ...bytes, unit: 'bytes/event' });
  }
  const all = spread(rounds.map((one) => one.collections));
  cases.push({ name: `garbage/${kind}/process/collections`, ...all, unit: 'collections' });
  return cases;
}

async function run(options: SuiteOptions): Promise<SuiteResult> {
  const sizes = options.quick ? QUICK : { warmUp: WARM_UP, events: EVENTS, after: AFTER };
  const rounds: Round[] = [];
  for (let i = 0; i < (options.quick ? 1 : (options.rounds ?? ROUNDS)); i++) {
    for (const kind of KINDS) {
      options.log(`garbage/${kind}: ${sizes.events} events`);
      rounds.push(await (options.quick ? cleanRound(kind) : round(kind, sizes)));
    }
  }
  const cases = KINDS.flatMap((kind) =>
    casesOf(
      kind,
      sizes.events,
      rounds.filter((one) => one.kind === kind),
    ),
  );
  return { cases, runs: rounds, charts: [] };
}

export const garbage: Suite = {
  name: 'garbage',
  title: 'collections, and bytes allocated per event, in the steady state of a flow of structs',
  contenders: () => [],
  run,
};
