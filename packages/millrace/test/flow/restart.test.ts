/** Threads that die and are replaced: the flow goes on at the exact item, whoever died and whatever it was doing. */
import { type DeadLetter, type Flow, MillraceError, type RestartDetails, toRing } from 'millrace';
import { describe, expect, it } from 'vitest';
import { itemsOf, REFUSING, Trouble, troubled } from '../support/failure.ts';
import { cleanUp, collect, drained, liveThreads, type Num, nums, refusal, start, until } from '../support/lifecycle.ts';

cleanUp();

/** Large enough that a test which kills a lot reaches no limit that it does not ask for. */
const PATIENT = { max: 100, delayMs: 0, perEvent: 100 };

/** Publishes, drains, and expects every item once and in order. */
async function expectWhole(flow: Flow<Num, Num>, items = 1, count = 30, already = 0): Promise<void> {
  const reading = collect(flow.results());
  await flow.publish(nums(count - already, already));
  await flow.drain();
  expect(await reading).toEqual(itemsOf(nums(count), items));
  expect(flow.published).toBe(count);
  expect(flow.state).toBe('ended');
  expect(liveThreads()).toBe(0);
}

const waits = (flow: Flow<Num, Num>, thread: string, cause: string) => (): boolean =>
  flow.stats().threads.some(({ name, waiting }) => name === thread && waiting === cause);

describe('a processor that dies is replaced', () => {
  it.each([
    ['of process.exit', 'default'],
    ['of process.exit in a promise', 'late'],
  ] as const)('%s', async (_, name) => {
    const trouble = new Trouble(2);
    const flow = await start(
      troubled(
        trouble,
        { how: 'exit', export: name, items: 3, after: 2 },
        { process: { threads: 2 }, pipeline: { restarts: PATIENT } },
      ),
    );
    const told: [string, unknown][] = [];
    flow.on('restart', (thread, cause) => told.push([thread, cause]));
    await expectWhole(flow, 3);
    expect(flow.stats().restarts).toBe(2);
    expect(told).toHaveLength(2);
    for (const [thread, cause] of told) {
      expect(thread).toMatch(/^processor [01]$/);
      expect(cause).toBeInstanceOf(MillraceError);
      expect(cause).toMatchObject({ code: 'THREAD_DIED', thread });
      expect((cause as Error).message).toContain('code: 3');
    }
  });

  it('of its memory, when that is limited', async () => {
    const trouble = new Trouble(1);
    const resourceLimits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 };
    const flow = await start(troubled(trouble, { how: 'memory' }, { process: { resourceLimits } }));
    await expectWhole(flow);
    expect(flow.stats().restarts).toBe(1);
  });

  it('while it computes', async () => {
    const trouble = new Trouble(1);
    const flow = await start(troubled(trouble, { how: 'loop', items: 4, after: 2 }));
    await flow.publish(nums(10));
    await trouble.come();
    await flow.kill('processor 0');
    await expectWhole(flow, 4, 30, 10);
    expect(flow.stats().restarts).toBe(1);
  });

  it('while it sleeps, and before its first event', async () => {
    const flow = await start(troubled(new Trouble(0), { how: 'exit' }));
    await until(waits(flow, 'processor 0', 'input'));
    await flow.kill('processor 0');
    await until(() => flow.stats().restarts === 1);
    await flow.publish(nums(10));
    await flow.settled();
    await until(waits(flow, 'processor 0', 'input'));
    await flow.kill('processor 0');
    await expectWhole(flow, 1, 30, 10);
    expect(flow.stats().restarts).toBe(2);
  });

  it('inside emit, while it waits for room', async () => {
    const process = { threads: 2, laneBytes: 256, batchBytes: 64 };
    const flow = await start(
      troubled(
        new Trouble(0),
        { how: 'exit', items: 500 },
        { process, write: toRing({ capacity: 16 }), pipeline: { restarts: PATIENT } },
      ),
    );
    await flow.publish(nums(10));
    for (let deaths = 1; deaths <= 4; deaths++) {
      const name = `processor ${deaths % 2}`;
      await until(waits(flow, name, 'room'));
      await flow.kill(name);
      await until(() => flow.stats().restarts === deaths);
    }
    await expectWhole(flow, 500, 30, 10);
  });

  it('while `deadLetters` has its letter, which comes again', async () => {
    const letters: DeadLetter[] = [];
    const flow: Flow<Num, Num> = await start<Num>(
      troubled(
        new Trouble(1e6),
        { how: 'throw' },
        {
          process: { onError: 'dead-letter' },
          pipeline: {
            async deadLetters(letter) {
              if (letters.push(letter) === 1) await flow.kill('processor 0');
            },
          },
        },
      ),
    );
    const reading = collect(flow.results());
    await flow.publish(nums(10));
    await flow.drain();
    expect(letters).toMatchObject([
      { sequence: 5, event: { n: 5 } },
      { sequence: 5, event: { n: 5 } },
    ]);
    expect(await reading).toEqual(itemsOf(nums(10).filter(({ n }) => n !== 5)));
    expect(flow.stats()).toMatchObject({ deadLetters: 1, restarts: 1, published: 10 });
  });

  it('while the flow drains', async () => {
    const trouble = new Trouble(1);
    const flow = await start(troubled(trouble, { how: 'loop', items: 4, after: 2 }));
    await flow.publish(nums(10));
    const reading = collect(flow.results());
    const draining = flow.drain();
    await trouble.come();
    await flow.kill('processor 0');
    await draining;
    expect(await reading).toEqual(itemsOf(nums(10), 4));
    expect(liveThreads()).toBe(0);
  });
});

describe('a writer that dies is replaced', () => {
  it('and a destination ring has every item once', async () => {
    const flow = await start(
      troubled(
        new Trouble(0),
        { how: 'exit', items: 50 },
        { process: { threads: 2 }, write: toRing({ capacity: 16 }), pipeline: { restarts: PATIENT } },
      ),
    );
    await until(waits(flow, 'writer', 'items'));
    await flow.kill('writer');
    await until(() => flow.stats().restarts === 1);
    await flow.publish(nums(10));
    await until(waits(flow, 'writer', 'demand'));
    await flow.kill('writer');
    await until(() => flow.stats().restarts === 2);
    await expectWhole(flow, 50, 30, 10);
  });

  it('and a writer module is given again what it had not acknowledged', async () => {
    const trouble = new Trouble(3);
    const log = new Int32Array(new SharedArrayBuffer(4 * 4096));
    const flow = await start(
      troubled(
        new Trouble(0),
        { how: 'exit', items: 20 },
        {
          process: { threads: 2, batchBytes: 16 },
          pipeline: { restarts: PATIENT },
          write: new URL(REFUSING),
          writeOptions: { data: { how: 'exit', at: 5, first: 8, log: log.buffer, ...trouble.data } },
        },
      ),
    );
    await flow.publish(nums(30));
    await flow.drain();
    expect(flow.stats().restarts).toBe(3);
    const logged = [...log.subarray(1, 1 + log[0]!)];
    const expected = itemsOf(nums(30), 20).map(({ n }) => n);
    // At least once, and each time in order: a successor begins at or before the first that was not acknowledged. Of quick
    // batches up to 64 are acknowledged together, here of 4 items each.
    expect([...new Set(logged)]).toEqual(expected);
    expect(logged.length).toBeLessThanOrEqual(expected.length + 3 * 64 * 4);
    for (let i = 1; i < logged.length; i++)
      expect(expected.indexOf(logged[i]!)).toBeLessThanOrEqual(expected.indexOf(logged[i - 1]!) + 1);
    expect(liveThreads()).toBe(0);
  });
});

describe('the coordinator that dies is replaced', () => {
  it('while nothing is to be done', async () => {
    const flow = await start(troubled(new Trouble(0), { how: 'exit' }, { process: { threads: 2 } }));
    for (let deaths = 1; deaths <= 3; deaths++) {
      await until(waits(flow, 'coordinator', 'claims'));
      await flow.kill('coordinator');
      await until(() => flow.stats().restarts === deaths);
      await flow.publish(nums(10, (deaths - 1) * 10));
      await flow.settled();
    }
    await expectWhole(flow, 1, 40, 30);
  });

  it('under backlog', async () => {
    const flow = await start(
      troubled(
        new Trouble(0),
        { how: 'exit', items: 100 },
        {
          process: { threads: 2, laneBytes: 256 },
          pipeline: { ticketMs: 0.001, capacity: 4096, restarts: PATIENT },
          write: toRing({ capacity: 8 }),
        },
      ),
    );
    const restarts: string[] = [];
    flow.on('restart', (thread) => restarts.push(thread));
    await flow.publish(nums(1000));
    let taken = 0;
    const all: Num[] = [];
    const draining = flow.drain();
    for await (const item of flow.results()) {
      all.push(item);
      if (++taken % 20_000 === 0) await flow.kill('coordinator');
    }
    await draining;
    expect(all).toEqual(itemsOf(nums(1000), 100));
    expect(restarts.length).toBeGreaterThan(0);
    expect(new Set(restarts)).toEqual(new Set(['coordinator']));
  });
});

describe('several threads', () => {
  it('may die at once, again and again', async () => {
    const flow = await start(
      troubled(
        new Trouble(0),
        { how: 'exit', items: 20 },
        {
          process: { threads: 2, laneBytes: 512, batchBytes: 64 },
          pipeline: { restarts: PATIENT, capacity: 256 },
          write: toRing({ capacity: 32 }),
        },
      ),
    );
    const threads = ['coordinator', 'writer', 'processor 0', 'processor 1'];
    await flow.publish(nums(200));
    const all: Num[] = [];
    const draining = flow.drain();
    let deaths = 0;
    for await (const item of flow.results()) {
      all.push(item);
      if (all.length % 800 !== 400) continue;
      await Promise.all(threads.map((thread) => flow.kill(thread)));
      deaths += threads.length;
      await until(() => flow.stats().restarts === deaths);
    }
    await draining;
    expect(all).toEqual(itemsOf(nums(200), 20));
    expect(flow.stats().restarts).toBe(deaths);
    expect(deaths).toBe(20);
    expect(liveThreads()).toBe(0);
  });
});

describe('deaths that are not borne', () => {
  it('more within the time than `restarts` says fail the flow, with how many there were', async () => {
    const flow = await start(
      troubled(new Trouble(1000), { how: 'exit' }, { pipeline: { restarts: { max: 3, delayMs: 1, perEvent: 100 } } }),
    );
    await flow.publish(nums(10));
    const error = await refusal(flow.ended, 'THREAD_DIED');
    expect(error.message).toContain('processor 0 died');
    expect(error.message).toContain('(threads died 4 times within 60000 ms, 3 are borne: see `restarts`)');
    expect(error.thread).toBe('processor 0');
    expect(flow.stats().restarts).toBe(3);
    expect(flow.published).toBeLessThanOrEqual(5);
    expect(liveThreads()).toBe(0);
  });

  it('a successor whose init fails is tried again, and not for ever', async () => {
    const once = new Trouble(1);
    const flow = await start(troubled(once, { how: 'exit', goodInits: 1, badInits: 2 }));
    await expectWhole(flow);
    expect(flow.stats().restarts).toBe(2);
    expect(once.read(3)).toBe(3);

    const broken = await start(
      troubled(new Trouble(1), { how: 'exit', goodInits: 1 }, { pipeline: { restarts: { max: 4, delayMs: 0 } } }),
    );
    await broken.publish(nums(10));
    const error = await refusal(broken.ended, 'MODULE_FAILED');
    expect(error.message).toContain('init of processor 0 failed: mine');
    expect(error.message).toContain('threads died 5 times within 60000 ms, 4 are borne');
    expect(error.cause).toMatchObject({ message: 'mine', code: 'E_MINE' });
    expect(liveThreads()).toBe(0);
  });
});

describe('an event that kills its thread again and again', () => {
  const restarts = { max: 100, delayMs: 0, perEvent: 3 };

  it.each([
    ['at once', 'default', 1, 0],
    ['after some items of a batch', 'default', 10, 7],
    ['after several batches', 'default', 200, 150],
    ['in a promise', 'late', 40, 30],
  ] as const)('becomes a dead letter, and the flow goes on after it: %s', async (_, name, items, after) => {
    const letters: DeadLetter[] = [];
    const flow = await start(
      troubled(
        new Trouble(1e6),
        { how: 'exit', export: name, items, after },
        {
          process: { threads: 2, batchBytes: 64 },
          pipeline: { restarts, deadLetters: (letter) => void letters.push(letter) },
        },
      ),
    );
    const reading = collect(flow.results());
    await flow.publish(nums(30));
    await flow.drain();
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ from: 'processor', sequence: 5, item: undefined, event: { n: 5 }, attempts: 3 });
    expect(letters[0]!.cause).toMatchObject({ code: 'THREAD_DIED' });
    expect(flow.stats()).toMatchObject({ deadLetters: 1, restarts: 3 });
    const read = await reading;
    const of = (event: number): Num[] => read.filter(({ n }) => Math.floor(n / 1000) === event);
    const poisoned = of(5);
    expect(read.filter(({ n }) => Math.floor(n / 1000) !== 5)).toEqual(
      itemsOf(
        nums(30).filter(({ n }) => n !== 5),
        items,
      ),
    );
    expect(poisoned).toEqual(itemsOf([{ n: 5 }], items).slice(0, poisoned.length));
    expect(poisoned.length).toBeLessThanOrEqual(after);
    expect(liveThreads()).toBe(0);
  });

  // Cheap events pass many at a time between two looks of a thread at the shared world.
  it.each([1, 2, 3])('is the only one that is given up, after as many restarts: perEvent %d', async (perEvent) => {
    const poison = [800, 1_500, 1_501];
    const letters: DeadLetter[] = [];
    const told: (RestartDetails & { thread: string })[] = [];
    const flow = await start(
      troubled(
        new Trouble(1e6),
        { how: 'exit', export: 'poisoned', poison },
        {
          process: { threads: 2 },
          pipeline: {
            capacity: 4_096,
            restarts: { max: 100, delayMs: 1, perEvent },
            deadLetters: (letter) => void letters.push(letter),
          },
          write: toRing({ capacity: 4_096 }),
        },
      ),
    );
    flow.on('restart', (thread, _, details) => told.push({ thread, ...details }));
    await flow.publish(nums(2_000));
    const read = await drained(flow);
    expect(letters.map(({ sequence, attempts }) => [sequence, attempts] as const).sort(([a], [b]) => a - b)).toEqual(
      poison.map((at) => [at, perEvent]),
    );
    expect(read).toEqual(itemsOf(nums(2_000).filter(({ n }) => !poison.includes(n))));
    expect(told.map(({ deaths }) => deaths)).toEqual(Array.from({ length: 3 * perEvent }, (_, i) => i + 1));
    expect(told.slice(0, 3).map(({ delayMs }) => delayMs)).toEqual([0, 1, 2]);
    expect(flow.stats().restarts).toBe(3 * perEvent);
  });

  it('is told of before the pause, with how long that is', async () => {
    const flow = await start(
      troubled(
        new Trouble(1e6),
        { how: 'exit' },
        { pipeline: { restarts: { max: 3, delayMs: 1e6, perEvent: 100 }, graceMs: 1e5 } },
      ),
    );
    const told: RestartDetails[] = [];
    flow.on('restart', (_thread, _cause, details) => told.push(details));
    await flow.publish(nums(10));
    await until(() => told.length === 2);
    expect(told).toEqual([
      { delayMs: 0, deaths: 1 },
      { delayMs: 1_000, deaths: 2 },
    ]);
    expect(flow.stats().restarts).toBe(1);
  });

  it('fails the flow with its sequence where nobody takes dead letters', async () => {
    const flow = await start(troubled(new Trouble(1e6), { how: 'exit' }, { pipeline: { restarts } }));
    let told = 0;
    flow.on('restart', () => told++);
    await flow.publish(nums(30));
    const error = await refusal(flow.ended, 'THREAD_DIED');
    // Nobody took the place of the third.
    expect(told).toBe(2);
    expect(error.message).toContain('sequence 5 killed processor 0 3 times');
    expect(error.message).toContain('give `deadLetters` to go on without it');
    expect(error).toMatchObject({ sequence: 5, thread: 'processor 0' });
    expect(liveThreads()).toBe(0);
  });
});

describe('a restart that races', () => {
  it.each([0, 1, 3])('with stop (%d)', async (turns) => {
    const trouble = new Trouble(1000);
    const flow = await start(
      troubled(trouble, { how: 'exit' }, { process: { threads: 2 }, pipeline: { restarts: PATIENT } }),
    );
    await flow.publish(nums(10));
    // Somewhere between a death and its successor's first event, elsewhere in each run.
    await until(() => flow.stats().restarts >= turns);
    for (const thread of ['processor 0', 'writer', 'coordinator']) if (turns % 2 === 0) void flow.kill(thread);
    await flow.stop();
    expect(flow.state).toBe('stopped');
    expect(liveThreads()).toBe(0);
  });

  it('with stop, while it pauses before the next restart', async () => {
    const flow = await start(
      troubled(
        new Trouble(1000),
        { how: 'exit' },
        { pipeline: { restarts: { max: 100, delayMs: 1e6 }, graceMs: 1e5 } },
      ),
    );
    await flow.publish(nums(10));
    await until(() => flow.stats().restarts === 1 && liveThreads() === 2);
    await flow.stop();
    expect(flow.state).toBe('stopped');
    expect(liveThreads()).toBe(0);
  });

  it.each(['processor 0', 'processor 1', 'writer', 'coordinator'])('with drain: %s', async (thread) => {
    for (let i = 0; i < 2; i++) {
      const flow = await start(troubled(new Trouble(0), { how: 'exit', items: 3 }, { process: { threads: 2 } }));
      await flow.publish(nums(20));
      const killing = flow.kill(thread);
      const [items] = await Promise.all([drained(flow), killing]);
      expect(items).toEqual(itemsOf(nums(20), 3));
      expect(liveThreads()).toBe(0);
    }
  });
});
