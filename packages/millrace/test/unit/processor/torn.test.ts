/**
 * An exception at any call inside `emit`, as the engine throws one where the stack is used up: the event fails, and nothing
 * else. Played by hand: the calls that `emit` makes throw, at random, before they have done anything.
 */
import { i32, safeInt, value } from '@millrace/codec';
import { expect, test } from 'vitest';
import type { DeadLetter } from '../../../src/thread/failure-policy.ts';
import { HandFlow, randomBy } from '../../support/hand-flow.ts';

const SEEDS = 60;
const events = Array.from({ length: 30 }, (_, n) => n);
const countOf = (n: number): number => [0, 1, 3, 60, 2][n % 5]!;
const itemOf = (n: number, i: number): number => n * 1_000 + i;
const itemsOf = (n: number, count: number = countOf(n)): number[] =>
  Array.from({ length: count }, (_, i) => itemOf(n, i));

/** What `emit` calls: methods of the output, of its lane, and of the checkpoint. */
const CALLS: readonly (readonly [where: string, names: readonly string[]])[] = [
  ['', ['place', 'grow', 'cut', 'tally', 'show', 'publish', 'abandon', 'tryOpen', 'fill', 'waitForRoom']],
  ['lane', ['commit', 'publish', 'abort', 'tryClaim', 'growClaim', 'peekTail', 'peekUnpublished', 'hasRoom']],
  ['outlet', ['runFilled', 'waitForRoom']],
  ['outlet.checkpoint', ['note']],
];

type Methods = Record<string, (...args: unknown[]) => unknown>;

class Exhaustion {
  /** An `emit` is on the stack. */
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

type OnError = 'dead-letter' | { attempts: number; delayMs: number; otherwise?: 'dead-letter' };

async function play(seed: number, onError: OnError, codec: unknown, swallows = false) {
  const random = randomBy(seed);
  const exhaustion = new Exhaustion(random);
  const flow = new HandFlow(
    {
      input: i32 as never,
      output: codec as never,
      process(event, output) {
        const n = event as number;
        exhaustion.learn(output);
        for (let i = 0; i < countOf(n); i++) {
          exhaustion.isDeep = true;
          try {
            output.emit(itemOf(n, i));
          } catch (error) {
            if (!swallows) throw error;
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
  return { read: flow.read, letters: flow.letters, thrown: exhaustion.thrown };
}

const expected = (letters: readonly DeadLetter[]): number[] =>
  events.flatMap((n) => {
    const letter = letters.find(({ sequence }) => sequence === n);
    return itemsOf(n, letter === undefined ? countOf(n) : letter.item);
  });

test.each([
  ['of one size', safeInt],
  ['of varying length', value()],
])('items %s: the event is computed again, and every item is there once', async (_, codec) => {
  let thrown = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { read, ...rest } = await play(seed, { attempts: 1_000, delayMs: 0 }, codec);
    expect(read, `seed ${seed}`).toEqual(expected([]));
    thrown += rest.thrown;
  }
  expect(thrown).toBeGreaterThan(SEEDS);
});

test('the event is given up, what was delivered of it is told exactly, and all others are whole', async () => {
  let given = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const onError = seed % 2 === 0 ? 'dead-letter' : ({ attempts: 1, delayMs: 0, otherwise: 'dead-letter' } as const);
    const { read, letters } = await play(seed, onError, safeInt);
    expect(read, `seed ${seed}`).toEqual(expected(letters));
    expect(new Set(letters.map(({ sequence }) => sequence)).size, `seed ${seed}`).toBe(letters.length);
    given += letters.length;
  }
  expect(given).toBeGreaterThan(SEEDS / 2);
});

test('an exception that `process` catches is refused as one, where items are lost with it', async () => {
  let refused = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { read, letters } = await play(seed, 'dead-letter', safeInt, true);
    // Where nothing was lost but the item whose emit threw, the event ends as its code wants it.
    const torn = new Set(letters.map(({ sequence }) => sequence));
    const whole = read.filter((item) => !torn.has(Math.floor((item as number) / 1_000)));
    const all = expected([]).filter((item) => !torn.has(Math.floor(item / 1_000)));
    expect(whole.every((item) => all.includes(item as number))).toBe(true);
    expect([...whole].sort((a, b) => (a as number) - (b as number))).toEqual(whole);
    for (const { cause, sequence, item } of letters) {
      expect(cause).toMatchObject({ code: 'EMIT_REFUSED', sequence });
      const found = read.filter((one) => Math.floor((one as number) / 1_000) === sequence);
      expect(found.length, `seed ${seed}`).toBe(item);
    }
    refused += letters.length;
  }
  expect(refused).toBeGreaterThan(SEEDS / 4);
});
