/** Writers that commit: how often, how much, and that nothing is kept back for ever. */
import { type Flow, toRing, type WriteOptions } from 'millrace';
import { describe, expect, it } from 'vitest';
import { itemsOf } from '../support/failure.ts';
import { cleanUp, fixture, MODES, type Mode, type Num, nums, refusal, start, until } from '../support/lifecycle.ts';

cleanUp();

const MODULES = new URL(fixture('x.mjs').href.replace('lifecycle-x', 'commit-modules'));
const NEVER_MS = 10 ** 9;

interface StoreOptions extends Pick<WriteOptions, 'commitMs' | 'commitItems' | 'commitBytes'> {
  mode?: Mode;
  takesMs?: number;
  how?: 'promise' | 'block';
  knows?: boolean;
  /** Items of each event, and the event at which the processor waits for the gate. */
  items?: number;
  gate?: number;
  capacity?: number;
  threads?: number;
  export?: string;
}

/** A flow into a store, and what the store has. */
async function stored({ mode = 'threads', takesMs = 0, how = 'promise', knows = true, ...rest }: StoreOptions) {
  const { items = 1, gate = -1, capacity = 32_768, threads = 2, export: name = 'store', ...commits } = rest;
  const words = new Int32Array(new SharedArrayBuffer(64));
  const [disk, log] = [0, 0].map(() => new Int32Array(new SharedArrayBuffer(4 * 2 ** 17)));
  const flow = await start<Num>({
    mode,
    module: MODULES,
    pipeline: { capacity, restarts: { delayMs: 0 } },
    process: { threads, data: { words: words.buffer, items, gate } },
    write: MODULES,
    writeOptions: {
      export: name,
      data: { words: words.buffer, disk: disk!.buffer, log: log!.buffer, takesMs, how, knows },
      ...commits,
    },
  });
  const total = (commit: number): number => (commit < 0 ? 0 : log![3 * commit]!);
  const committed = (): number => total(Atomics.load(words, 2) - 1);
  return {
    flow,
    read: (word: 'written' | 'commits' | 'came') => Atomics.load(words, { written: 1, commits: 2, came: 3 }[word]),
    committed,
    openGate() {
      Atomics.store(words, 0, 1);
      Atomics.notify(words, 0);
    },
    kept: () => [...disk!.subarray(0, committed())],
    sizes: () => Array.from({ length: Atomics.load(words, 2) }, (_, i) => total(i) - total(i - 1)),
  };
}

/** All of them have arrived before the first is computed, so that the flow has nothing else to deliver only at their end. */
async function publishAtOnce(flow: Flow<Num, Num>, count: number): Promise<void> {
  flow.pause();
  await flow.publish(nums(count));
  flow.resume();
}

const numbersOf = (count: number, items = 1): number[] => itemsOf(nums(count), items).map(({ n }) => n);

describe.each(MODES)('a store, in the mode %s', (mode) => {
  it.each(['promise', 'block'] as const)(
    'whose commit takes longer than commitMs makes large commits (by %s)',
    async (how) => {
      const EVENTS = 20_000;
      const { flow, kept, sizes } = await stored({ mode, takesMs: 15, how, commitMs: 1 });
      await flow.publish(nums(EVENTS));
      await flow.drain();
      expect(kept()).toEqual(numbersOf(EVENTS));
      expect(sizes().length * 50).toBeLessThanOrEqual(EVENTS);
    },
  );

  it.each([
    ['one item', 1],
    ['seven items', 7],
  ])('commits with the write that reaches commitItems: of events with %s', async (_, items) => {
    const { flow, kept, sizes } = await stored({ mode, items, commitItems: 100, commitMs: NEVER_MS });
    await flow.publish(nums(5_000));
    await flow.drain();
    expect(kept()).toEqual(numbersOf(5_000, items));
    expect(Math.max(...sizes())).toBeLessThan(100 + items);
    // All that had not reached it came when the flow had nothing else to deliver, at the latest at its end.
    expect(sizes().some((size) => size >= 100)).toBe(true);
  });

  it('commits with the write that reaches commitBytes', async () => {
    const { flow, kept, sizes } = await stored({ mode, items: 3, commitBytes: 1_000, commitMs: NEVER_MS });
    await flow.publish(nums(5_000));
    await flow.drain();
    expect(kept()).toEqual(numbersOf(5_000, 3));
    expect(4 * Math.max(...sizes())).toBeLessThan(1_000 + 4 * 3);
  });

  it('takes what write says of commits before what its module says, and that before the defaults', async () => {
    const own = await stored({ mode, export: 'fewItems' });
    await own.flow.publish(nums(3_000));
    await own.flow.drain();
    expect(Math.max(...own.sizes())).toBe(10);
    const given = await stored({ mode, export: 'fewItems', commitItems: 500 });
    await given.flow.publish(nums(3_000));
    await given.flow.drain();
    expect(given.kept()).toEqual(numbersOf(3_000));
    expect(Math.max(...given.sizes())).toBeGreaterThan(10);
    expect(Math.max(...given.sizes())).toBeLessThanOrEqual(500);
  });

  it('commits at once when everything that has arrived is delivered', async () => {
    const { flow, kept } = await stored({ mode, commitMs: NEVER_MS });
    for (let n = 0; n < 5; n++) {
      await flow.publish({ n });
      await flow.settled();
      expect(kept()).toEqual(numbersOf(n + 1));
    }
    await flow.drain();
    expect(kept()).toEqual(numbersOf(5));
  });

  it('gives room in a full source back, and in a full ticket log', async () => {
    // With one event a ticket, thousands of them pass through a log of 2,048.
    const { flow, kept } = await stored({ mode, commitMs: NEVER_MS, capacity: 8 });
    await flow.publish(nums(3_000));
    await flow.drain();
    expect(kept()).toEqual(numbersOf(3_000));
  });
});

it.each(['spin', 'park'] as const)(
  'a store commits when a processor has no room for its next item, however it waits: %s',
  async (wait) => {
    const flow = await start<Num, Uint8Array>({
      module: MODULES,
      pipeline: { wait },
      process: { export: 'uneven', laneBytes: 1_024 },
      write: MODULES,
      writeOptions: { export: 'unevenStore', commitMs: NEVER_MS },
    });
    await flow.publish({ n: 0 });
    await flow.drain();
    expect(flow.stats()).toMatchObject({ published: 1, items: 40 });
  },
);

it('a store commits in the middle of a record of which each item takes long', async () => {
  const words = new Int32Array(new SharedArrayBuffer(64));
  const data = { words: words.buffer, items: 100, gate: -1 };
  const writeOptions = { export: 'oneByOne', commitMs: 10, data };
  const flow = await start({ module: MODULES, process: { data }, write: MODULES, writeOptions });
  await flow.publish({ n: 0 });
  await flow.drain();
  expect(words[2]).toBeGreaterThan(4);
});

describe('a store with something that is written and not committed', () => {
  /** Items are written, and an event waits at the gate. */
  async function waiting(options: StoreOptions = {}) {
    const made = await stored({ commitMs: NEVER_MS, gate: 30, threads: 1, ...options });
    await publishAtOnce(made.flow, 31);
    await until(() => made.read('written') > 0 && made.read('came') > 0);
    return made;
  }

  it('commits when the flow is paused', async () => {
    const { flow, read, committed, openGate, kept } = await waiting();
    expect(read('commits')).toBe(0);
    flow.pause();
    await until(() => read('commits') === 1);
    expect(committed()).toBe(read('written'));
    openGate();
    flow.resume();
    await flow.drain();
    expect(kept()).toEqual(numbersOf(31));
  });

  it('commits when the flow is stopped', async () => {
    const { flow, read, kept } = await waiting();
    await flow.stop();
    expect(read('commits')).toBe(1);
    expect(kept()).toEqual(numbersOf(read('written')));
  });

  it('commits when its time has come, whatever a slow event does', async () => {
    const { flow, read, committed, openGate } = await waiting({ commitMs: 30 });
    await until(() => committed() === read('written') && committed() > 0);
    openGate();
    await flow.drain();
    expect(committed()).toBe(31);
  });

  it.each([true, false])(
    'is given it again by a successor, of all lanes and tickets (the store knows where it stands: %s)',
    async (knows) => {
      const EVENTS = 6_000;
      const { flow, read, committed, openGate, kept } = await stored({
        commitMs: NEVER_MS,
        knows,
        gate: EVENTS - 1,
        items: 3,
      });
      await publishAtOnce(flow, EVENTS);
      await until(() => read('came') > 0);
      for (let death = 0; death < 3; death++) {
        const before = read('written');
        await until(() => read('written') > before || (death === 0 && before > committed()));
        const restarted = new Promise((resolve) => void flow.once('restart', resolve));
        await flow.kill('writer');
        await restarted;
      }
      openGate();
      await flow.drain();
      expect(kept()).toEqual(numbersOf(EVENTS, 3));
      expect(flow.stats()).toMatchObject({ restarts: 3, published: EVENTS });
    },
  );

  it.each([true, false])('has every item once, whenever it dies between commits (a promise: %s)', async (isPromise) => {
    const EVENTS = 20_000;
    const { flow, read, kept } = await stored({ commitItems: 700, takesMs: isPromise ? 2 : 0, capacity: 1_024 });
    const publishing = flow.publish(nums(EVENTS));
    for (let death = 0; death < 5; death++) {
      const before = read('commits');
      await until(() => read('commits') > before);
      const restarted = new Promise((resolve) => void flow.once('restart', resolve));
      await flow.kill('writer');
      await restarted;
    }
    await publishing;
    await flow.drain();
    expect(kept()).toEqual(numbersOf(EVENTS));
  });
});

describe('options of commits are refused', () => {
  const refused = (name: string, options: WriteOptions) =>
    start({ module: MODULES, process: { data: {} }, write: MODULES, writeOptions: { export: name, ...options } });

  it.each([
    [{ commitMs: -1 }, 'write.commitMs is -1; give milliseconds, 0 or more'],
    [{ commitItems: 0 }, 'write.commitItems is 0; give an integer from 1 to'],
    [{ commitBytes: 2.5 }, 'write.commitBytes is 2.5; give an integer from 1 to'],
  ])('where they are none: %o', async (options, message) => {
    expect((await refusal(refused('store', options), 'BAD_OPTIONS')).message).toContain(message);
  });

  it('where the module does not commit, a function or a ring takes the items', async () => {
    const without = await refusal(refused('commitless', { commitItems: 5 }), 'BAD_OPTIONS');
    expect(without.message).toContain(
      'write.commitItems is for a writer with a `commit`, which this module does not have',
    );
    const writeOptions = { commitMs: 5, commitBytes: 5 };
    for (const write of [() => {}, toRing()]) {
      const { message } = await refusal(start({ write, writeOptions }), 'BAD_OPTIONS');
      expect(message).toContain('write.commitMs is for a writer');
      expect(message).toContain('write.commitBytes is for');
    }
  });

  it('in a module that declares them', async () => {
    const { message } = await refusal(refused('wrongLimits', {}), 'BAD_MODULE');
    expect(message).toContain('commitMs is "5"; give milliseconds, 0 or more');
    expect(message).toContain('its commitItems is 0; give an integer, 1 or more; its commitBytes is 1.5; give');
    const without = await refusal(refused('commitlessLimits', {}), 'BAD_MODULE');
    expect(without.message).toContain('commitItems is 5, but it has no `commit`');
  });

  it('in the writer that a package brings', async () => {
    const spec = { kind: 'writer', module: MODULES.href, export: 'store', data: {}, commitItems: -3 };
    const { message } = await refusal(start({ module: MODULES, write: spec as never }), 'BAD_OPTIONS');
    expect(message).toContain('destination.commitItems is -3; give an integer from 1 to');
  });
});
