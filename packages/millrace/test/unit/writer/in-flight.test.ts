import { safeInt, value } from '@millrace/codec';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sequences } from '../../../src/flow/sequences.ts';
import type { NackOptions } from '../../../src/writer/nack.ts';
import type { ItemPlace } from '../../support/batch-check.ts';
import { HandFlow, type HandStore, randomBy } from '../../support/hand-flow.ts';
import { type LateOptions, LateWriter } from '../../support/late-writer.ts';

/**
 * Flows played by hand into a destination whose promises settle late and in any order, which refuses, grants and commits as
 * chance has it; and any thread may die. What it checks is in late-writer.ts.
 */
const SEEDS = Number(process.env.SEEDS ?? 60);
const FIRST = Number(process.env.FIRST ?? 1);
const EVENTS = 40;
const MOST_STEPS = 200_000;
/** Items are numbers, or texts of several lengths. */
type Kind = 'number' | 'text';
const itemOf =
  (kind: Kind) =>
  ([sequence, index]: ItemPlace): unknown =>
    kind === 'number' ? sequence * 1_000 + index : `${sequence}/${index}:${'x'.repeat(index % 7)}`;
const countOf = (sequence: number): number => [0, 1, 3, 0, 14, 2, 0, 1, 1][(sequence * 7) % 9]!;

interface Played {
  readonly flow: HandFlow;
  readonly writer: LateWriter;
}

function play(seed: number, how: (random: () => number) => LateOptions): Played {
  const random = randomBy(seed);
  const kind = random() < 0.5 ? 'number' : 'text';
  const startAt = random() < 0.5 ? 0 : 2 ** 32 - EVENTS / 2;
  const all = Array.from({ length: EVENTS }, (_, i) => startAt + i).flatMap((sequence) =>
    Array.from({ length: countOf(sequence - startAt) }, (__, index): ItemPlace => [sequence, index]),
  );
  const isGone = ([sequence, index]: ItemPlace): boolean =>
    flow.letters.some((letter) => {
      const first = letter.item ?? 0;
      return letter.sequence === sequence && index >= first && index < first + (letter.items ?? []).length;
    });
  const writer = new LateWriter(all, itemOf(kind), startAt, how(random), isGone, random);
  const isRing = random() < 0.5;
  const flow: HandFlow = new HandFlow(
    {
      ...(isRing ? { input: safeInt as never } : {}),
      output: (kind === 'number' ? safeInt : value()) as never,
      process(_event, out) {
        const { sequence } = out;
        for (let i = 0; i < countOf(sequence - startAt); i++) out.emit(itemOf(kind)([sequence, i]) as never);
      },
    },
    {
      pipeline: {
        ...(isRing ? { source: safeInt as never, capacity: 8 } : { source: sequences(EVENTS) }),
        startAt,
        ticketMs: 0.01,
        deadLetters: () => {},
      } as never,
      process: { threads: 2, laneBytes: 4_096, batchBytes: 32, blockBytes: 256 },
      write: { open: writer.open },
      onNack: { attempts: 1_000, delayMs: 0 },
    },
    random,
  );
  flow.mostRecords = 24;
  let idle = 0;
  flow.onTurn = () => {
    const isTurn = writer.turn();
    idle = isTurn ? 0 : idle + 1;
    if (idle > 20_000) throw new Error(`nothing is left to settle: ${flow.describe()}`);
    return isTurn;
  };
  let steps = 0;
  flow.onStep = () => {
    if (++steps > MOST_STEPS) throw new Error(`somebody turns in circles: ${flow.describe()}`);
    writer.check(flow.published);
  };
  return { flow, writer };
}

async function finish({ flow, writer }: Played): Promise<void> {
  await flow.finish(flow.publisher === undefined ? [] : Array.from({ length: EVENTS }, (_, i) => i));
  writer.check(flow.published);
  writer.checkEnd();
}

/** Any thread dies now and then. */
function deadly({ flow, writer }: Played, random: () => number): void {
  flow.onQuiet = () => {
    if (random() >= 0.1) return;
    const { players } = flow;
    const player = players[Math.floor(random() * players.length)]!;
    if (player.onStack || player.state === 'done' || (player.state === 'pending' && player !== flow.writer)) return;
    if (player === flow.writer) writer.die();
    flow.succeed(player);
  };
}

/** Each look at the clock takes a microsecond, so that a seed is always the same play. */
beforeEach(() => {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 0.001));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const upTo = (n: number, random: () => number): number => Math.floor(random() * n);
const REFUSALS: readonly NonNullable<NackOptions['action']>[] = ['retry', 'recompute', 'dead-letter'];

function chosen(random: () => number): Partial<HandStore> {
  return {
    maxInFlight: 1 + upTo(5, random),
    ...(random() < 0.4 ? { maxItems: 1 + upTo(12, random) } : {}),
    ...(random() < 0.5 ? { lingerMs: [0, 0.02, 0.2][upTo(3, random)]! } : {}),
  };
}

async function playAll(
  isDeadly: boolean,
  how: (random: () => number) => LateOptions,
): Promise<Record<'deaths' | 'refusals' | 'most' | 'overtakings' | 'commits', number>> {
  const sum = { deaths: 0, refusals: 0, most: 0, overtakings: 0, commits: 0 };
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const played = play(seed, how);
    if (isDeadly) deadly(played, randomBy(-seed));
    try {
      await finish(played);
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
    const { writer } = played;
    for (const name of Object.keys(sum) as (keyof typeof sum)[])
      sum[name] = name === 'most' ? Math.max(sum[name], writer[name]) : sum[name] + writer[name];
  }
  return sum;
}

test.each([false, true])('promises settle in any order (threads die: %s)', async (isDeadly) => {
  const sum = await playAll(isDeadly, (random) => ({
    options: chosen(random),
    atOnce: [0, 0.3][upTo(2, random)]!,
    refuses: 0,
    atItem: 0,
    actions: ['retry'],
  }));
  expect(sum.most).toBe(5);
  expect(sum.overtakings).toBeGreaterThan(SEEDS);
  expect(sum.deaths > 0).toBe(isDeadly);
});

test.each([false, true])('batches are refused while others are in flight (threads die: %s)', async (isDeadly) => {
  const sum = await playAll(isDeadly, (random) => ({
    options: chosen(random),
    atOnce: [0, 0.3][upTo(2, random)]!,
    refuses: [0.1, 0.3][upTo(2, random)]!,
    atItem: 0.5,
    actions: random() < 0.5 ? REFUSALS : [REFUSALS[upTo(3, random)]!],
  }));
  expect(sum.refusals).toBeGreaterThan(SEEDS);
});

test.each([false, true])('items are granted, some more at a time (threads die: %s)', async (isDeadly) => {
  await playAll(isDeadly, (random) => ({
    options: { ...chosen(random), readyAt: 1 + upTo(4, random) },
    atOnce: [0, 0.3][upTo(2, random)]!,
    refuses: [0, 0.2][upTo(2, random)]!,
    atItem: 0.5,
    actions: REFUSALS,
    grants: 1 + upTo(9, random),
  }));
});

test.each([false, true])('a store commits (threads die: %s)', async (isDeadly) => {
  const sum = await playAll(isDeadly, (random) => ({
    options: {
      ...chosen(random),
      commitMs: random() < 0.5 ? 0 : 0.5,
      ...(random() < 0.5 ? { commitItems: 1 + upTo(20, random) } : {}),
      ...(random() < 0.3 ? { commitBytes: 1 + upTo(200, random) } : {}),
    },
    atOnce: [0, 0.3][upTo(2, random)]!,
    refuses: [0, 0.2][upTo(2, random)]!,
    atItem: 0.5,
    actions: ['retry', 'dead-letter'],
    commits: random() < 0.5 ? 'known' : 'unknown',
  }));
  expect(sum.commits).toBeGreaterThan(SEEDS);
});
