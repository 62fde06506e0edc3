import { describe, expect, test } from 'vitest';
import { add, compareExchange, exchange, load, store, type Words, wait } from '../src/atomics.ts';
import { check } from '../src/check.ts';
import type { Owner } from '../src/machine/owners.ts';
import type { Model } from '../src/model.ts';
import type { Options } from '../src/options.ts';
import { replay } from '../src/replay.ts';
import { claim, label, own } from '../src/words.ts';
import { outcomesOf } from './support/outcomes.ts';
import { programModel, randomProgram, type Taste } from './support/programs.ts';
import { words } from './support/words.ts';

type Threads = Model<Words>['threads'];
const WORD = 1;
const LOCK = 2;

const owned = (declare: (w: Words) => void, threads: Threads): Model<Words> => ({
  name: 'owned',
  setup() {
    const w = words(4)();
    for (const [index, name] of ['zero', 'word', 'lock', 'three'].entries()) label(w, index, name);
    declare(w);
    return w;
  },
  threads,
});
async function failureOf(declare: (w: Words) => void, threads: Threads, options: Options = {}) {
  const { failure } = await check(owned(declare, threads), options);
  return failure === null ? null : `${failure.kind}: ${failure.message}`;
}
const ownedBy = (owner: Owner) => (w: Words) => own(w, WORD, owner);

describe('one thread owns a word', () => {
  const writes: Threads = { owner: (w) => store(w, WORD, 1), reader: (w) => [load(w, WORD), wait(w, WORD, 7)] };

  test('its own writes and the reads of others are right', async () =>
    expect(await failureOf(ownedBy('owner'), writes)).toBeNull());
  test.each<[string, (w: Words) => unknown, string]>([
    ['store', (w) => store(w, WORD, 5), 'store of 5 over 0'],
    ['add', (w) => void add(w, WORD, 5), 'add of 5 over 0'],
    ['exchange', (w) => void exchange(w, WORD, 0), 'exchange of 0 over 0'],
    ['compareExchange', (w) => void compareExchange(w, WORD, 0, 5), 'compareExchange of 5 over 0'],
    ['a plain write', (w) => Reflect.set(w, WORD, 5), 'plain write of 5 over 0'],
  ])('%s by another one is a failure that names both', async (_, write, what) =>
    expect(await failureOf(ownedBy('owner'), { owner: () => 0, stranger: write })).toBe(
      `owner: thread stranger: ${what} to word, which belongs to owner`,
    ),
  );
  test('a compareExchange that does not take place writes nothing', async () =>
    expect(
      await failureOf(ownedBy('owner'), { owner: () => 0, other: (w) => compareExchange(w, WORD, 1, 2) }),
    ).toBeNull());
  test('the schedule replays, to the source line', async () => {
    const model = owned(ownedBy('owner'), {
      owner: (w) => store(w, WORD, 1),
      stranger: (w) => load(w, WORD) === 1 && store(w, WORD, 2),
    });
    const { failure } = await check(model);
    const again = await replay(model, failure!.schedule);
    expect(again.failure?.message).toBe('thread stranger: store of 2 over 1 to word, which belongs to owner');
    expect(again.trace.split('\n').at(-1)).toMatch(/store word ← 2 +.*owners\.test\.ts/);
  });
  test('several may be named, or none', async () => {
    expect(
      await failureOf(ownedBy(['a', 'b']), { a: (w) => store(w, WORD, 1), b: (w) => store(w, WORD, 2) }),
    ).toBeNull();
    expect(await failureOf(ownedBy([]), { a: (w) => store(w, WORD, 1) })).toMatch(/word, which no thread may write$/);
  });
  test('in its buffer no word is without an owner; in other buffers any word may be', async () => {
    expect(await failureOf(ownedBy('a'), { a: (w) => store(w, 0, 1) })).toMatch(/to zero, which has no owner$/);
    const second: Model<Words> = owned(() => own(words(1)(), 0, 'a'), { a: (w) => store(w, 0, 1) });
    expect((await check(second)).failure).toBeNull();
  });
  test('a table that names no thread, or a word twice, is refused', async () => {
    const threads: Threads = { a: () => 0 };
    await expect(failureOf(ownedBy('b'), threads)).rejects.toThrow(
      'word belongs to b, which is no thread of the model',
    );
    await expect(failureOf((w) => claim(w, LOCK, { by: ['c'] }), threads)).rejects.toThrow('lock belongs to c');
    const twice = (w: Words) => {
      own(w, WORD, 'a');
      own(w, WORD, 'a');
    };
    await expect(failureOf(twice, threads)).rejects.toThrow('word has two owners');
    await expect(failureOf((w) => own(w, 4, 'a'), threads)).rejects.toThrow('element 4 of a view of 4');
  });
  test('a body cannot declare', async () =>
    expect(await failureOf(() => {}, { a: (w) => own(w, WORD, 'a') })).toMatch(/own is for setup\(\)/));
});

describe('a rule', () => {
  /** Who finds 0 puts 1; anybody takes that back, and only by compareExchange. */
  const rule: Owner = ({ thread, operation, before, after }) =>
    before === 0 ? thread === 'sleeper' : operation === 'compareExchange' && after === 0;
  const sleeper = (w: Words) => {
    store(w, WORD, 1);
    compareExchange(w, WORD, 1, 0);
  };
  test('may pass a word on by its value', async () =>
    expect(
      await failureOf(ownedBy(rule), { sleeper, waker: (w) => load(w, WORD) === 1 && compareExchange(w, WORD, 1, 0) }),
    ).toBeNull());
  test('is broken in the one interleaving in which the value is another one', async () =>
    expect(await failureOf(ownedBy(rule), { sleeper, waker: (w) => load(w, WORD) === 1 && exchange(w, WORD, 0) })).toBe(
      'owner: thread waker: exchange of 0 over 1 to word, against its rule',
    ));
});

describe('a claim', () => {
  const locked = (w: Words) => own(w, WORD, claim(w, LOCK, { contended: [2] }));
  const inside = (w: Words) => {
    if (compareExchange(w, LOCK, 0, 1) !== 0) return;
    store(w, WORD, load(w, WORD) + 1);
    store(w, LOCK, 0);
  };

  test('gives words to who holds it', async () => expect(await failureOf(locked, { a: inside, b: inside })).toBeNull());
  test('and to nobody else, also after he gave it back', async () => {
    const late = (w: Words) => {
      inside(w);
      store(w, WORD, 9);
    };
    expect(await failureOf(locked, { a: (w) => store(w, WORD, 1) })).toBe(
      'owner: thread a: store of 1 over 0 to word, which belongs to who holds lock: nobody',
    );
    expect(await failureOf(locked, { a: inside, late })).toMatch(/thread late: store of 9 .* holds lock: (nobody|a)$/);
  });
  test('is not taken by a store, nor freed by another thread', async () => {
    expect(await failureOf(locked, { a: (w) => store(w, LOCK, 1) })).toBe(
      'owner: thread a: store of 1 over 0 to lock, a claim that nobody holds',
    );
    expect(await failureOf(locked, { a: inside, thief: (w) => store(w, LOCK, 0) })).toMatch(
      /^owner: thread thief: .* lock/,
    );
  });
  test('may be marked as contended, and held from the start', async () => {
    expect(
      await failureOf(locked, { a: inside, b: (w) => load(w, LOCK) === 1 && compareExchange(w, LOCK, 1, 2) }),
    ).toBeNull();
    const held = (w: Words) => {
      store(w, LOCK, 1);
      own(w, WORD, claim(w, LOCK, { by: ['b'], holder: 'a' }));
    };
    const a = (w: Words) => [store(w, WORD, 1), store(w, LOCK, 0)];
    expect(await failureOf(held, { a, b: inside })).toBeNull();
    expect(await failureOf(held, { a, b: (w) => inside(w), c: inside })).toMatch(
      /thread c: compareExchange of 1 over 0 to lock/,
    );
  });
});

/** Tables for the random programs, which write words 0 to 2 atomically and word 3 plainly. */
const tables: ((w: Words) => void)[] = [
  (w) => {
    for (const [index, owner] of ['0', '1', ['0', '1', '2'], '0'].entries()) own(w, index, owner);
  },
  (w) => {
    const held = claim(w, 0, { contended: [2] });
    for (const index of [1, 2, 3]) own(w, index, held);
  },
  (w) => own(w, 0, ({ before, thread }) => before === 0 || thread !== '1', 4),
];

describe('the reduced search finds a foreign write where the naive one does, and nowhere else', () => {
  test.each<[string, Taste, Options]>([
    ['dpor', {}, {}],
    ['dpor with waits and deaths', { waits: true, maxSteps: 8 }, { deaths: {} }],
    ['dpor with plain writes', { plain: true }, {}],
    ['states', { plain: true }, { search: 'states' }],
    ['within 1 preemption', {}, { preemptions: 1 }],
  ])('%s', async (_, taste, options) => {
    const different: string[] = [];
    const found = [0, 0];
    for (let seed = 300_000; seed < 300_300; seed++) {
      const program = randomProgram(seed, taste);
      const plain = programModel(`program ${seed}`, program);
      const model = {
        ...plain,
        setup() {
          const w = plain.setup();
          // The first table names three threads.
          tables[program.length < 3 ? 1 + (seed % 2) : seed % 3]!(w);
          return w;
        },
      };
      const naive = await outcomesOf(model, { ...options, search: 'naive' });
      const reduced = await outcomesOf(model, options);
      found[naive.failure === null ? 0 : 1]++;
      if ((naive.failure === null) !== (reduced.failure === null))
        different.push(`${seed}: ${naive.failure} ${reduced.failure}`);
    }
    expect(different).toEqual([]);
    expect(Math.min(...found)).toBeGreaterThan(20);
  });
});
