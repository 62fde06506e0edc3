/**
 * An exception at any call inside `emit`, `claim` or `next`, as the engine throws one where the stack is used up: the event fails, and nothing
 * else. Played by hand: the calls that they make throw, at random, before they have done anything.
 */
import { f64, i32, safeInt, struct, u32, value } from '@millrace/codec';
import { expect, test } from 'vitest';
import type { AnyOutput } from '../../../src/processor/output.ts';
import type { DeadLetter } from '../../../src/thread/failure-policy.ts';
import { HandFlow, randomBy } from '../../support/hand-flow.ts';

const SEEDS = 60;
const events = Array.from({ length: 30 }, (_, n) => n);
const countOf = (n: number): number => [0, 1, 3, 60, 2][n % 5]!;
const itemOf = (n: number, i: number): number => n * 1_000 + i;
const itemsOf = (n: number, count: number = countOf(n)): number[] =>
  Array.from({ length: count }, (_, i) => itemOf(n, i));

/** What `emit`, `claim` and `next` call: methods of the output, of its lane, and of the checkpoint. */
const CALLS: readonly (readonly [where: string, names: readonly string[]])[] = [
  ['', ['place', 'grow', 'cut', 'tally', 'show', 'publish', 'abandon', 'tryOpen', 'fill', 'waitForRoom']],
  ['lane', ['commit', 'publish', 'abort', 'tryClaim', 'growClaim', 'peekTail', 'peekUnpublished', 'hasRoom']],
  ['outlet', ['runFilled', 'waitForRoom']],
  ['outlet.checkpoint', ['note']],
];

type Methods = Record<string, (...args: unknown[]) => unknown>;

class Exhaustion {
  /** An `emit`, a `claim` or a `next` is on the stack. */
  isDeep = false;
  thrown = 0;
  private readonly random: () => number;
  private readonly known = new Set<unknown>();

  constructor(random: () => number) {
    this.random = random;
  }

  /** Lets calls of this output fail from now on. */
  learn(output: object): void {
    if (this.known.has(output)) return;
    this.known.add(output);
    for (const [where, names] of CALLS) {
      const target = where
        .split('.')
        .reduce<unknown>((at, key) => (key === '' ? at : (at as Record<string, unknown>)[key]), output) as Methods;
      for (const name of names) this.wrap(target, name);
    }
    const { item } = output as { item?: Methods };
    if (item !== undefined) for (const name of ['moveTo', 'park']) this.wrap(item, name);
  }

  private wrap(target: Methods, name: string): void {
    const call = target[name];
    if (call === undefined) throw new Error(`nothing has a ${name}`);
    target[name] = (...args) => {
      if (this.isDeep && this.random() < 0.005) {
        this.thrown++;
        throw new RangeError('Maximum call stack size exceeded');
      }
      return call.apply(target, args);
    };
  }
}

/** How a processor writes: the codec of its items, and what writes some of an event's from item `i` on, and says how many. */
interface Way {
  codec: unknown;
  put(output: AnyOutput, n: number, i: number, count: number): number;
}

const emit = (output: AnyOutput, n: number, i: number): number => {
  output.emit(itemOf(n, i));
  return 1;
};
const WAYS: Record<'fixed' | 'variable' | 'claim' | 'next', Way> = {
  fixed: { codec: safeInt, put: emit },
  variable: { codec: value(), put: emit },
  claim: {
    codec: f64,
    put(output, n, i, count) {
      const room = output.claim(Math.min(count - i, 1 + (i % 7)));
      const items = output.items as Float64Array;
      for (let k = 0; k < room; k++) items[output.begin + k] = itemOf(n, i + k);
      output.commit(room);
      return room;
    },
  },
  next: {
    codec: struct({ n: u32, more: u32 }),
    put(output, n, i) {
      (output.next() as { n: number }).n = itemOf(n, i);
      return 1;
    },
  },
};
/** The number of an item, whatever its codec. */
const numberOf = (item: unknown): number => (typeof item === 'object' ? (item as { n: number }).n : (item as number));

type OnError = 'dead-letter' | { attempts: number; delayMs: number; otherwise?: 'dead-letter' };

async function play(seed: number, onError: OnError, { codec, put }: Way, swallows = false) {
  const random = randomBy(seed);
  const exhaustion = new Exhaustion(random);
  const flow = new HandFlow(
    {
      input: i32 as never,
      output: codec as never,
      process(event, output) {
        const n = event as number;
        exhaustion.learn(output);
        for (let i = 0; i < countOf(n); ) {
          exhaustion.isDeep = true;
          try {
            i += put(output as unknown as AnyOutput, n, i, countOf(n));
          } catch (error) {
            if (!swallows) throw error;
            i++;
          } finally {
            exhaustion.isDeep = false;
          }
        }
      },
    },
    {
      pipeline: { source: i32 as never, capacity: 8, ticketMs: 0.01, deadLetters: () => {} },
      // What waits for a promise cannot go on below an emit that waits for room: of two, each has room for everything.
      process: {
        ...(seed % 3 === 0 ? { threads: 2, laneBytes: 16_384 } : { threads: 1, laneBytes: 256 }),
        batchBytes: 32,
        onError,
      },
      write: { capacity: 16 },
    },
    random,
  );
  await flow.finish(events);
  return { read: flow.read.map(numberOf), letters: flow.letters, thrown: exhaustion.thrown };
}

const expected = (letters: readonly DeadLetter[]): number[] =>
  events.flatMap((n) => {
    const letter = letters.find(({ sequence }) => sequence === n);
    return itemsOf(n, letter === undefined ? countOf(n) : letter.item);
  });

test.each([
  ['of one size', WAYS.fixed],
  ['of varying length', WAYS.variable],
  ['through claims', WAYS.claim],
  ['by next', WAYS.next],
])('items %s: the event is computed again, and every item is there once', async (_, way) => {
  let thrown = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { read, ...rest } = await play(seed, { attempts: 1_000, delayMs: 0 }, way);
    expect(read, `seed ${seed}`).toEqual(expected([]));
    thrown += rest.thrown;
  }
  expect(thrown).toBeGreaterThan(SEEDS);
});

const EACH = Object.entries(WAYS);

test.each(EACH)(
  'the event is given up, what was delivered of it is told exactly, and all others are whole: %s',
  async (_, way) => {
    let given = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const onError = seed % 2 === 0 ? 'dead-letter' : ({ attempts: 1, delayMs: 0, otherwise: 'dead-letter' } as const);
      const { read, letters } = await play(seed, onError, way);
      expect(read, `seed ${seed}`).toEqual(expected(letters));
      expect(new Set(letters.map(({ sequence }) => sequence)).size, `seed ${seed}`).toBe(letters.length);
      given += letters.length;
    }
    expect(given).toBeGreaterThan(SEEDS / 2);
  },
);

test.each(EACH)(
  'an exception that `process` catches is refused as one, where items are lost with it: %s',
  async (_, way) => {
    let refused = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { read, letters } = await play(seed, 'dead-letter', way, true);
      // Where nothing was lost but the item whose emit threw, the event ends as its code wants it.
      const torn = new Set(letters.map(({ sequence }) => sequence));
      const whole = read.filter((item) => !torn.has(Math.floor(item / 1_000)));
      const all = expected([]).filter((item) => !torn.has(Math.floor(item / 1_000)));
      expect(whole.every((item) => all.includes(item))).toBe(true);
      expect([...whole].sort((a, b) => a - b)).toEqual(whole);
      for (const { cause, sequence, item } of letters) {
        expect(cause).toMatchObject({ code: 'EMIT_REFUSED', sequence });
        const found = read.filter((one) => Math.floor(one / 1_000) === sequence);
        expect(found.length, `seed ${seed}`).toBe(item);
      }
      refused += letters.length;
    }
    expect(refused).toBeGreaterThan(SEEDS / 4);
  },
);
