import { i32, safeInt, value } from '@millrace/codec';
import { describe, expect, test } from 'vitest';
import { sequences } from '../../src/flow/sequences.ts';
import type { Batch } from '../../src/writer/batch.ts';
import type { Progress } from '../../src/writer/definition.ts';
import { Nack } from '../../src/writer/nack.ts';
import { type ItemPlace, placesOf } from '../support/batch-check.ts';
import { HandFlow, type HandOptions, type HandStore, randomBy } from '../support/hand-flow.ts';

/**
 * Flows played by hand in which any thread may die between two steps, again and again: the destination gets every item once
 * and in order (I1, I9). Deaths inside a step are the model checker's (test/model/flow) and chaos's (bench of real threads).
 */
const SEEDS = 150;
const EVENTS = 40;

type Kind = 'number' | 'text';
const itemOf = (kind: Kind, sequence: number, index: number): unknown =>
  kind === 'number' ? sequence * 1_000 + index : `${sequence}/${index}:${'x'.repeat(index % 7)}`;

/** Few, none, or more items than a lane holds. */
const countOf = (sequence: number): number => [0, 1, 3, 0, 40, 2, 0, 1][(sequence * 7) % 8]!;

function expected(kind: Kind, from: number, to: number): unknown[] {
  const items: unknown[] = [];
  for (let s = from; s < to; s++) for (let i = 0; i < countOf(s - from); i++) items.push(itemOf(kind, s, i));
  return items;
}

/** The sequences from `from` to `to` that have items, and the place of each item. */
function expectedPlaces(from: number, to: number): { ends: number[]; places: ItemPlace[] } {
  const places: ItemPlace[] = [];
  for (let s = from; s < to; s++) for (let i = 0; i < countOf(s - from); i++) places.push([s, i]);
  return { ends: [...new Set(places.map(([s]) => s))], places };
}

function flowOf(
  kind: Kind,
  random: () => number,
  startAt: number,
  write: HandOptions['write'],
  ring: boolean,
  laneBytes = 256,
) {
  return new HandFlow(
    {
      ...(ring ? { input: i32 as never } : {}),
      output: (kind === 'number' ? safeInt : value()) as never,
      process(event, out) {
        const sequence = out.sequence;
        if (ring) expect(event).toBe(sequence - startAt);
        for (let i = 0; i < countOf(sequence - startAt); i++) out.emit(itemOf(kind, sequence, i) as never);
      },
    },
    {
      pipeline: ring
        ? { source: i32 as never, capacity: 8, startAt, ticketMs: 0.01 }
        : { source: sequences(EVENTS), startAt, ticketMs: 0.01 },
      process: { threads: 2, laneBytes, batchBytes: 32 },
      write,
    },
    random,
  );
}

/** Kills whoever chance picks, now and then. Returns how many died, and how many of them in the middle of a block. */
function deadly(flow: HandFlow, random: () => number, rate: number): { deaths: number; inWaits: number } {
  const count = { deaths: 0, inWaits: 0 };
  flow.onStep = () => {
    if (random() >= rate) return;
    const { players } = flow;
    const player = players[Math.floor(random() * players.length)]!;
    if (player.onStack || player.state === 'done') return;
    if (player.state === 'pending') {
      if (player !== flow.writer || !flow.isWaitingForReaders) return;
      flow.isWaitingForReaders = false;
      count.inWaits++;
    }
    count.deaths++;
    flow.succeed(player);
  };
  return count;
}

/** What a ring keeps of its items, whoever died: of each its sequence and its index in it, and where each sequence ends. */
function expectKept(flow: HandFlow, isKept: boolean, startAt: number, seed: number): void {
  const { ends, places } = isKept ? expectedPlaces(startAt, startAt + EVENTS) : { ends: [], places: [] };
  expect(flow.readPlaces, `seed ${seed}`).toEqual(places);
  expect(flow.readEnds, `seed ${seed}`).toEqual(ends);
}

/** A store of items and progress, which remembers what was committed; with limits and refusals that chance picks. */
function storeOf(random: () => number) {
  const items: unknown[] = [];
  let stands: Progress | undefined;
  const limits = {
    commitMs: random() < 0.5 ? 0 : 0.5,
    ...(random() < 0.5 ? { commitItems: 1 + Math.floor(random() * 20) } : {}),
    ...(random() < 0.3 ? { commitBytes: 1 + Math.floor(random() * 200) } : {}),
    ...(random() < 0.3 ? { maxItems: 1 + Math.floor(random() * 5) } : {}),
  };
  const refuses = random() < 0.5;
  const isAsync = random() < 0.2;
  const open = (): HandStore => {
    const pending: unknown[] = [];
    const save = (progress: Progress): void => {
      items.push(...pending.splice(0));
      stands = progress;
    };
    return {
      ...limits,
      ...(stands === undefined ? {} : { stands }),
      write(batch) {
        if (refuses && random() < 0.02) throw new Nack('not now', { action: 'recompute' });
        if (refuses && batch.length > 1 && random() < 0.05) {
          pending.push(...batch.toArray().slice(0, 1));
          throw new Nack('not all', { item: 1 });
        }
        pending.push(...batch.toArray());
      },
      commit: (progress) => (isAsync ? Promise.resolve(progress).then(save) : save(progress)),
    };
  };
  return { items, open, isAsync: isAsync || refuses };
}

const events = Array.from({ length: EVENTS }, (_, i) => i);

describe.each(['number', 'text'] as const)('with items of %s', (kind) => {
  describe.each([0, 2 ** 31 - 20, 2 ** 32 - 20])('from sequence %d on', (startAt) => {
    test.each([true, false])('a destination ring has every item once (events in a ring: %s)', async (ring) => {
      let deaths = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const random = randomBy(seed);
        const isKept = seed % 2 === 0;
        const flow = flowOf(kind, random, startAt, { capacity: 16, sequences: isKept }, ring);
        const count = deadly(flow, random, 0.05);
        await flow.finish(ring ? events : []);
        expect(flow.read, `seed ${seed}`).toEqual(expected(kind, startAt, startAt + EVENTS));
        expectKept(flow, isKept, startAt, seed);
        expect(flow.published).toBe(startAt + EVENTS);
        deaths += count.deaths;
      }
      expect(deaths).toBeGreaterThan(SEEDS);
    });

    test('a ring that is full in the middle of a block has every item once', async () => {
      let inWaits = 0;
      for (let seed = 1; seed <= SEEDS / 3; seed++) {
        const random = randomBy(seed);
        const isKept = seed % 2 === 0;
        const write = { capacity: 1 + (seed % 7), sequences: isKept };
        const flow = flowOf(kind, random, startAt, write, false, 65_536);
        flow.hasLateReaders = true;
        const count = deadly(flow, random, 0.1);
        await flow.finish();
        expect(flow.read, `seed ${seed}`).toEqual(expected(kind, startAt, startAt + EVENTS));
        expectKept(flow, isKept, startAt, seed);
        expect(flow.published).toBe(startAt + EVENTS);
        inWaits += count.inWaits;
      }
      expect(inWaits).toBeGreaterThan(10);
    });

    test('a function gets every item at least once, and knows which it had', async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const random = randomBy(seed);
        const got: unknown[] = [];
        const next = { sequence: startAt, first: 0 };
        const write = (batch: Batch<unknown>): void => {
          for (const [i, [s, index]] of placesOf(batch).entries()) {
            if (s < next.sequence || (s === next.sequence && index < next.first)) continue;
            expect(index, `seed ${seed}`).toBe(s === next.sequence ? next.first : 0);
            got.push(batch.at(i));
            next.sequence = s;
            next.first = index + 1;
          }
        };
        const flow = flowOf(kind, random, startAt, write, true);
        deadly(flow, random, 0.05);
        await flow.finish(events);
        expect(got, `seed ${seed}`).toEqual(expected(kind, startAt, startAt + EVENTS));
      }
    });

    test.each([true, false])('a store has every item once (events in a ring: %s)', async (ring) => {
      for (let seed = 1; seed <= SEEDS / 3; seed++) {
        const random = randomBy(seed);
        const store = storeOf(random);
        // While an `emit` waits for room, no promise of the writer's can settle: this is all one stack.
        const flow = flowOf(kind, random, startAt, store, ring, store.isAsync ? 65_536 : 256);
        deadly(flow, random, 0.05);
        await flow.finish(ring ? events : []);
        expect(store.items, `seed ${seed}`).toEqual(expected(kind, startAt, startAt + EVENTS));
        expect(flow.published).toBe(startAt + EVENTS);
      }
    });

    test('what a nack has computed again is all there, whoever dies meanwhile', async () => {
      for (let seed = 1; seed <= SEEDS; seed++) {
        const random = randomBy(seed);
        const got: unknown[] = [];
        const next = { sequence: startAt, first: 0 };
        const write = (batch: Batch<unknown>): void => {
          if (random() < 0.1) throw new Nack('not now', { action: 'recompute' });
          for (const [i, [s, index]] of placesOf(batch).entries()) {
            if (s < next.sequence || (s === next.sequence && index < next.first)) continue;
            got.push(batch.at(i));
            next.sequence = s;
            next.first = index + 1;
          }
        };
        // A lane that holds what several threads have left, one after the other.
        const flow = flowOf(kind, random, startAt, write, true, 65_536);
        deadly(flow, random, 0.1);
        await flow.finish(events);
        expect(got, `seed ${seed}`).toEqual(expected(kind, startAt, startAt + EVENTS));
      }
    });
  });
});
