import { describe, expect, test } from 'vitest';
import { add, allocate, exchange, load, notify, pause, store, viewI32, type Words, wait } from '../src/atomics.ts';
import { check } from '../src/check.ts';
import type { Model } from '../src/model.ts';
import type { Options } from '../src/options.ts';
import { joinThread, label } from '../src/words.ts';
import { words } from './support/words.ts';

type Threads = Model<Words>['threads'];

async function failureOf(threads: Threads, options: Options = {}, rest: Partial<Model<Words>> = {}) {
  const report = await check<Words>({ name: 'failing', setup: words(4), threads, ...rest }, options);
  expect(report.verdict).toBe(report.failure === null ? 'complete' : 'failed');
  return report.failure === null ? null : `${report.failure.kind}: ${report.failure.message}`;
}

const FLAG = 0;
const BELL = 1;

describe('sleeping', () => {
  /** The waker rings without looking whether the sleeper is between its look and its sleep. */
  const lostWakeUp: Threads = {
    waker(w) {
      store(w, FLAG, 1);
      notify(w, BELL);
    },
    sleeper(w) {
      while (load(w, FLAG) === 0) wait(w, BELL, 0, 1000);
    },
  };

  test('a lost wake-up is a deadlock', async () =>
    expect(await failureOf(lostWakeUp)).toBe('deadlock: sleeper sleeps on @4'));
  test('a time-out hides it', async () => expect(await failureOf(lostWakeUp, { timeouts: true })).toBeNull());
  test('a word that counts the rings prevents it', async () =>
    expect(
      await failureOf({
        waker(w) {
          store(w, FLAG, 1);
          add(w, BELL, 1);
          notify(w, BELL);
        },
        sleeper(w) {
          for (;;) {
            const rings = load(w, BELL);
            if (load(w, FLAG) === 1) return;
            wait(w, BELL, rings);
          }
        },
      }),
    ).toBeNull());
  test('notify(1) with two sleepers', async () => {
    const sleeper = (w: Words) => void wait(w, BELL, 0);
    const waker = (count: number) => (w: Words) => {
      store(w, BELL, 1);
      notify(w, BELL, count);
    };
    expect(await failureOf([sleeper, sleeper, waker(1)])).toMatch(/deadlock: [01] sleeps on @4/);
    expect(await failureOf([sleeper, sleeper, waker(2)])).toBeNull();
  });
  test('a late notify wakes the next wait for nothing: only a loop is right', async () => {
    const threads: Threads = {
      waker(w) {
        store(w, FLAG, 1);
        notify(w, FLAG);
      },
      sleeper(w) {
        wait(w, FLAG, 0);
        store(w, FLAG, 2);
        if (wait(w, FLAG, 2) === 'ok') throw new Error('woken for nothing');
      },
    };
    expect(await failureOf(threads, { allow: ['deadlock'] })).toBe('assertion: thread sleeper: woken for nothing');
  });
  test('a spurious wake, where it is asked for', async () => {
    const threads: Threads = [
      (w) => {
        if (wait(w, BELL, 0) === 'ok' && load(w, BELL) === 0) throw new Error('nobody rang');
      },
      (w) => {
        store(w, BELL, 1);
        notify(w, BELL);
      },
    ];
    expect(await failureOf(threads)).toBeNull();
    expect(await failureOf(threads, { spuriousWakes: 1 })).toBe('assertion: thread 0: nobody rang');
  });
  test('who wakes is the first sleeper, or any where it is asked for', async () => {
    const first = (w: Words) => {
      wait(w, BELL, 0);
      exchange(w, 2, 1);
      notify(w, BELL);
    };
    const threads: Threads = {
      first,
      second(w) {
        while (load(w, FLAG) === 0) pause();
        wait(w, BELL, 0);
        if (load(w, 2) === 0) throw new Error('second came first');
      },
      waker(w) {
        while (notify(w, BELL, 0) + load(w, 3) < 0);
        store(w, FLAG, 1);
        notify(w, BELL, 1);
      },
    };
    const options: Options = { allow: ['deadlock'], search: 'states' };
    expect(await failureOf(threads, options)).toMatch(/second came first/);
  });
  test('nobody can go on', async () =>
    expect(await failureOf({ a: () => joinThread('b'), b: () => joinThread('a') })).toBe(
      'deadlock: a waits for the end of b; b waits for the end of a',
    ));
});

describe('spinning', () => {
  test.each([true, false])('for ever is a livelock (pause: %s)', async (pauses) =>
    expect(
      await failureOf({
        spinner(w) {
          while (load(w, FLAG) !== 2) if (pauses) pause();
        },
        other: (w) => store(w, FLAG, 1),
      }),
    ).toBe('livelock: spinner spins on @0'),
  );
  test('until the other one has stored is fine, and a spin lock too', async () => {
    const locked = (w: Words) => {
      while (exchange(w, FLAG, 1) === 1) pause();
      const before = w[2];
      w[2] = before + 1;
      store(w, FLAG, 0);
    };
    const after = (w: Words) => w[2];
    const report = await check<Words>({ name: 'lock', setup: words(4), threads: [locked, locked, locked], after });
    expect(report.failure).toBeNull();
    expect([...report.outcomes.keys()]).toEqual(['3']);
  });
  test('a few thousand times and then parking is explored both ways', async () => {
    const report = await check<Words>({
      name: 'adaptive',
      setup: words(4),
      threads: [
        (w) => {
          for (let round = 0; round < 2000; round++) {
            if (load(w, FLAG) === 1) return 'spun';
            pause();
          }
          return wait(w, FLAG, 0) === 'ok' ? 'parked' : 'came late';
        },
        (w) => {
          store(w, FLAG, 1);
          notify(w, FLAG);
        },
      ],
      after: (_, { results }) => results[0],
    });
    expect([...report.outcomes.keys()].sort()).toEqual(['came late', 'parked', 'spun']);
    expect(report.executions).toBeLessThan(6);
  });
});

describe('death', () => {
  test('of a lock holder leaves the others waiting', async () => {
    const locked = (w: Words) => {
      while (exchange(w, FLAG, 1) === 1) pause();
      store(w, FLAG, 0);
    };
    expect(await failureOf([locked, locked])).toBeNull();
    expect(await failureOf([locked, locked], { deaths: { threads: ['0'] } })).toBe('livelock: 1 spins on @0');
  });
  test('takes a sleeper off the list, so that a notify reaches the next one', async () => {
    const report = await check<Words>({
      name: 'notify past a dead thread',
      setup: words(2),
      options: { deaths: { threads: ['mortal'] }, allow: ['deadlock'] },
      threads: {
        mortal: (w) => wait(w, BELL, 0),
        waker: (w) => notify(w, BELL, 1),
      },
      after: (_, { results, dead }) => `${results.waker} ${dead}`,
    });
    expect([...report.outcomes.keys()].sort()).toEqual(['0 mortal', '1 ', '1 mortal', 'deadlock: mortal sleeps on @4']);
  });
  test('is seen by who joins, with all that the dead thread wrote', async () => {
    const report = await check<Words>({
      name: 'join',
      setup: words(2),
      options: { deaths: { threads: ['mortal'] } },
      threads: {
        mortal(w) {
          w[FLAG] = 1;
          store(w, BELL, 1);
          w[FLAG] = 2;
          store(w, BELL, 2);
        },
        heir: (w) => `${joinThread('mortal')} ${w[FLAG]}`,
      },
      after: (_, { results }) => results.heir,
    });
    expect([...report.outcomes.keys()].sort()).toEqual(['died 1', 'died 2', 'finished 2']);
  });
});

describe('assertions', () => {
  const stores: Threads = [(w) => store(w, 0, 1), (w) => store(w, 0, 2)];

  test('after() that throws', async () => {
    const after = (w: Words) => {
      if (load(w, 0) === 1) throw new Error('the first store was last');
    };
    expect(await failureOf(stores, {}, { after })).toBe('assertion: the first store was last');
  });
  test('after() may write: memory is put back', async () => {
    const after = (w: Words) => {
      add(w, 3, 1);
      return load(w, 3);
    };
    const report = await check<Words>({ name: 'writing after', setup: words(4), threads: stores, after });
    expect([...report.outcomes.entries()]).toEqual([['1', 2]]);
  });
  test('an invariant, between any two steps', async () => {
    const threads: Threads = [
      (w) => {
        store(w, 0, 1);
        store(w, 1, 1);
      },
      (w) => store(w, 2, 1),
    ];
    const invariant = (w: Words) => {
      if (load(w, 0) === 1 && load(w, 1) === 0 && load(w, 2) === 1) throw new Error('seen in between');
    };
    expect(await failureOf(threads, {}, { invariant })).toBe('invariant: seen in between');
  });
  test('a body that catches everything is stopped all the same', async () => {
    const report = await check<Words>({
      name: 'catching',
      setup: words(1),
      threads: [
        (w) => {
          try {
            store(w, 0, 1);
            return load(w, 0);
          } catch {
            return 'swallowed';
          } finally {
            store(w, 0, 3);
          }
        },
        (w) => store(w, 0, 2),
      ],
      after: (w, { results }) => `${results[0]} ${load(w, 0)}`,
    });
    expect([...report.outcomes.keys()].sort()).toEqual(['1 2', '1 3', '2 3']);
  });
});

describe('what would make the result worthless is an error', () => {
  const endless = (w: Words) => {
    for (;;) add(w, 0, 1);
  };

  test('more steps than the cap', async () =>
    expect(await failureOf([endless], { maxSteps: 100 })).toBe(
      'step-cap: thread 0: an execution takes more than 100 steps (option maxSteps)',
    ));
  test('more executions than the cap', async () => {
    const adds = (w: Words) => void [add(w, 0, 1), add(w, 0, 1), add(w, 0, 1)];
    expect(await failureOf([adds, adds, adds], { maxExecutions: 100 })).toMatch(/^execution-cap: more than 100/);
  });
  test('a plain read that spins', async () =>
    expect(
      await failureOf([
        (w) => {
          while (w[0] === 0);
        },
      ]),
    ).toMatch(/^step-cap: thread 0: 20000 plain accesses without an atomic one/));
  test('a body that is not deterministic', async () => {
    let runs = 0;
    expect(
      await failureOf([
        (w) => {
          store(w, 0, 1);
          store(w, 0, runs++);
          store(w, 0, 0);
        },
      ]),
    ).toMatch(/^nondeterminism: /);
  });
  test('a buffer that a body makes', async () =>
    expect(await failureOf([() => store(viewI32(allocate(4)), 0, 1)])).toMatch(/setup\(\) did not make/));
  test('an access outside of the view', async () =>
    expect(await failureOf([(w) => w[4]])).toBe('assertion: thread 0: element 4 of a view of 4'));
  test('a typed array method that would not be seen', async () =>
    expect(await failureOf([(w) => w.fill(0)])).toMatch(/does not see what fill\(\)/));
  test('a setup without shared memory, an unknown option, an unknown thread', async () => {
    const empty = { name: 'empty', setup: () => 0, threads: [() => 0] };
    await expect(check(empty)).rejects.toThrow('--conditions=interleave');
    await expect(check(empty, { bound: 2 } as Options)).rejects.toThrow('unknown option bound');
    await expect(check(empty, { deaths: { threads: ['x'] } })).rejects.toThrow('names x, which is no thread');
    await expect(check(empty, { preemptions: 2, search: 'dpor' })).rejects.toThrow('preemption bound');
  });
});

test('labels name words', async () => {
  const setup = () => {
    const w = words(2)();
    label(w, 1, 'bell');
    return w;
  };
  const report = await check<Words>({ name: 'labelled', setup, threads: [(w) => wait(w, 1, 0)] });
  expect(report.failure?.message).toBe('0 sleeps on bell');
});
