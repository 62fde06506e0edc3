import { describe, expect, test } from 'vitest';
import { add, load, notify, store, type Words, waitAsync } from '../src/atomics.ts';
import { check } from '../src/check.ts';
import type { Model } from '../src/model.ts';
import type { Options } from '../src/options.ts';
import { words } from './support/words.ts';

const FLAG = 0;
const BELL = 1;

async function sleep(w: Words, rings: number, timeoutMs?: number): Promise<string> {
  const waiting = waitAsync(w, BELL, rings, timeoutMs);
  return waiting.async ? await waiting.value : waiting.value;
}

const run = (threads: Model<Words>['threads'], options: Options = {}) =>
  check<Words>({ name: 'async', setup: words(2), threads, after: (_, { results }) => results }, options);

const waker = (w: Words) => {
  store(w, FLAG, 1);
  add(w, BELL, 1);
  return notify(w, BELL);
};

describe('async bodies', () => {
  test('park with waitAsync and go on when they are notified', async () => {
    const report = await run({
      waker,
      async main(w) {
        for (let sleeps = 0; ; sleeps++) {
          const rings = load(w, BELL);
          if (load(w, FLAG) === 1) return sleeps;
          await sleep(w, rings);
        }
      },
    });
    expect(report.failure).toBeNull();
    expect([...report.outcomes.keys()].sort()).toEqual([
      '{"waker":0,"main":0}',
      '{"waker":0,"main":1}',
      '{"waker":1,"main":1}',
    ]);
  });

  test('lose a wake-up when they do not look again', async () => {
    const report = await run({
      waker,
      async main(w) {
        if (load(w, FLAG) === 0) await sleep(w, load(w, BELL));
      },
    });
    expect(report.failure?.message).toBe('main sleeps on @4');
  });

  test('time out, where that is asked for', async () => {
    const report = await run({ main: (w) => sleep(w, 0, 100), waker }, { timeouts: true });
    expect([...report.outcomes.keys()].sort()).toEqual([
      '{"main":"not-equal","waker":0}',
      '{"main":"ok","waker":1}',
      '{"main":"timed-out","waker":0}',
    ]);
  });

  test('may do other things between waitAsync and await', async () => {
    const report = await run(
      {
        async main(w) {
          const waiting = waitAsync(w, BELL, 0);
          store(w, FLAG, 1);
          return waiting.async ? await waiting.value : waiting.value;
        },
        waker: (w) => (load(w, FLAG) === 1 ? notify(w, BELL) : -1),
      },
      { allow: ['deadlock'] },
    );
    expect([...report.outcomes.keys()].sort()).toEqual(['deadlock: main sleeps on @4', '{"main":"ok","waker":1}']);
  });

  test('die asleep', async () => {
    const report = await run({ main: (w) => sleep(w, 0), waker }, { deaths: { threads: ['main'] } });
    expect(report.failure).toBeNull();
    expect([...report.outcomes.keys()].sort()).toEqual([
      '{"main":"not-equal","waker":0}',
      '{"main":"ok","waker":1}',
      '{"waker":0}',
      '{"waker":1}',
    ]);
  });

  test('report what they throw', async () => {
    const report = await run({
      async main(w) {
        await sleep(w, 0);
        throw new Error('after the wake-up');
      },
      waker,
    });
    expect(report.failure?.message).toBe('thread main: after the wake-up');
  });
});
