import { pipeline, sequences, toRing } from 'millrace';
import { describe, expect, it } from 'vitest';
import {
  cleanUp,
  collect,
  drained,
  MODES,
  nums,
  PROCESSORS,
  refusal,
  Shared,
  start,
  until,
  WRITERS,
} from '../support/lifecycle.ts';

cleanUp();

/** What one thread of a flow waits for. */
const waits = (
  flow: { stats(): { threads: readonly { name: string; waiting: string }[] } },
  name: string,
): string | undefined => flow.stats().threads.find((thread) => thread.name === name)?.waiting;

describe.each(MODES)('stats in the mode %s', (mode) => {
  it('count events, items, bytes, batches, tickets and sequences', async () => {
    const flow = await start({ mode, process: { export: 'repeat', threads: 2 }, write: toRing({ capacity: 512 }) });
    expect(flow.stats()).toMatchObject({ events: 0, published: 0, items: 0, bytes: 0, batches: 0 });
    await flow.publish([{ n: 0 }, { n: 1 }, { n: 5 }, { n: 100 }]);
    await flow.settled();
    const stats = flow.stats();
    expect(stats).toMatchObject({ events: 4, published: 4, items: 106, bytes: 4 * 106 });
    expect(stats.batches).toBeGreaterThanOrEqual(3);
    expect(stats.tickets).toBeGreaterThanOrEqual(1);
    expect(stats.tickets).toBeLessThanOrEqual(4);
    expect(stats.threads.map(({ name }) => name)).toEqual(['coordinator', 'writer', 'processor 0', 'processor 1']);
    const writer = stats.threads[1]!;
    expect([writer.sequences, writer.items, writer.bytes]).toEqual([4, 106, 424]);
    await flow.drain();
    // A processor counts when it is done with its ticket, which may be after the writer is.
    const processors = flow.stats().threads.slice(2);
    const sum = (counter: 'sequences' | 'items' | 'bytes'): number =>
      processors.reduce((all, thread) => all + thread[counter], 0);
    expect([sum('sequences'), sum('items'), sum('bytes')]).toEqual([4, 106, 424]);
    // What has ended can still be asked.
    expect(flow.stats()).toMatchObject({ events: 4, published: 4, items: 106 });
    expect(flow.headOfLine()).toBeUndefined();
  });

  it('count from the first sequence of the flow on', async () => {
    const startAt = 2 ** 32 - 3;
    const flow = await start({ mode, pipeline: { startAt } });
    await flow.publish(nums(10));
    await flow.settled();
    expect(flow.published).toBe(startAt + 10);
    expect(flow.stats()).toMatchObject({ events: 10, published: 10, items: 10 });
  });

  it('count the time by what it was spent on', async () => {
    const flow = await start({
      mode,
      process: { export: 'slow' },
      write: () => new Promise((resolve) => setTimeout(resolve, 5)),
    });
    await flow.publish(Array.from({ length: 5 }, () => ({ n: 5 })));
    await flow.drain();
    const { time } = flow.stats();
    // Each event computes 5 ms by the same clock, and each batch is acknowledged after a timer of 5 ms.
    expect(time.computing).toBeGreaterThanOrEqual(25);
    expect(time.ack).toBeGreaterThan(15);
    expect(time.room).toBe(0);
    expect(time.demand).toBe(0);
  });

  it('and the head of line show a writer that waits for an acknowledgement', async () => {
    let acknowledge = (): void => {};
    let writes = 0;
    const flow = await start({
      mode,
      process: { blockBytes: 1 },
      write: () =>
        new Promise<void>((resolve) => {
          writes++;
          acknowledge = resolve;
        }),
    });
    expect(flow.headOfLine()).toBeUndefined();
    await flow.publish(nums(2));
    // The processor says that it is past the event a little after the writer has its item.
    await until(() => flow.headOfLine()?.thread === 'writer' && waits(flow, 'writer') === 'ack');
    expect(flow.headOfLine()).toMatchObject({ sequence: 0, thread: 'writer', cause: 'ack' });
    await until(() => flow.headOfLine()!.ageMs >= 2);
    expect(flow.headOfLine()!.eventMs).toBeUndefined();
    acknowledge();
    await until(() => flow.headOfLine()?.sequence === 1 && writes === 2);
    acknowledge();
    await until(() => flow.headOfLine() === undefined);
  });

  it('and the head of line show a writer for which nobody reads', async () => {
    const flow = await start({ mode, write: toRing({ capacity: 4 }) });
    await flow.publish(nums(10));
    await until(() => waits(flow, 'writer') === 'demand');
    expect(flow.headOfLine()).toMatchObject({ thread: 'writer', cause: 'demand' });
    expect(flow.headOfLine()!.sequence).toBeLessThanOrEqual(4);
    expect(await drained(flow)).toEqual(nums(10));
    expect(flow.stats().time.demand).toBeGreaterThan(0);
    expect(flow.stats().time.ack).toBe(0);
  });

  it('and the head of line show a processor that waits for its own promise', async () => {
    const shared = new Shared();
    const flow = await start({ mode, process: { export: 'asyncGated', data: { at: 1, ...shared.data } } });
    await flow.publish(nums(3));
    await shared.come();
    await until(() => flow.headOfLine()?.cause === 'promise');
    expect(flow.headOfLine()).toMatchObject({ sequence: 1, thread: 'processor 0', cause: 'promise' });
    shared.open();
    expect(await drained(flow)).toEqual(nums(3));
  });

  it('leave the warm-up out: its output is discarded, on each thread, before the flow goes live', async () => {
    const flow = await start({ mode, process: { export: 'warm' } });
    expect(flow.stats()).toMatchObject({ items: 0, batches: 0, tickets: 0 });
    expect(flow.stats().threads[2]).toMatchObject({ sequences: 0, items: 0, bytes: 0 });
    await flow.publish({ n: 1 });
    const [item] = await drained(flow);
    // The fixture counts what this thread has computed. (Inline, its module lives on with this process.)
    expect(item!.n % 51).toBe(0);
    expect(flow.stats()).toMatchObject({ events: 1, items: 1, published: 1 });
  });

  it('a warm-up that throws fails the start', async () => {
    const error = await refusal(start({ mode, process: { export: 'warmThrows' } }), 'MODULE_FAILED');
    expect(error.message).toContain('warm-up of processor 0 failed: mine');
    expect(error.cause).toMatchObject({ code: 'E_MINE' });
  });
});

describe('stats of threads', () => {
  it('count parks and wakes, and the time that processors wait for events', async () => {
    const flow = await start();
    const before = flow.stats();
    for (const event of nums(5)) {
      await until(() => waits(flow, 'processor 0') === 'input');
      await flow.publish(event);
      await flow.settled();
    }
    expect(await drained(flow)).toEqual(nums(5));
    const stats = flow.stats();
    expect(stats.parks).toBeGreaterThan(before.parks);
    expect(stats.wakes).toBeGreaterThan(0);
    expect(stats.time.input).toBeGreaterThan(0);
  });

  it('show who waits for lane room behind a writer that stands, and for how long', async () => {
    const shared = new Shared();
    const flow = await start({
      process: { export: 'repeat', laneBytes: 1024 },
      write: WRITERS,
      writeOptions: { export: 'gated', data: { at: 0, ...shared.data } },
    });
    await flow.publish([{ n: 10_000 }, { n: 1 }]);
    await shared.come();
    await until(() => waits(flow, 'processor 0') === 'room');
    // The processor is in the middle of the head, and what it waits for is the writer: the lane says so.
    expect(flow.headOfLine()).toMatchObject({ sequence: 0 });
    expect(flow.stats().threads[2]!.forMs).toBeGreaterThanOrEqual(0);
    shared.open();
    await flow.drain();
    expect(flow.stats().time.room).toBeGreaterThan(0);
    expect(shared.read(2)).toBe(10_001);
  });

  it('the head of line names a slow processor, and a slow writer', async () => {
    const shared = new Shared();
    const slow = await start({ process: { export: 'gated', threads: 2, data: { at: 2, ...shared.data } } });
    await slow.publish(nums(8));
    await shared.come();
    await until(() => slow.headOfLine()?.sequence === 2);
    expect(slow.headOfLine()).toMatchObject({
      sequence: 2,
      thread: expect.stringMatching(/^processor [01]$/),
      cause: 'none',
    });
    shared.open();
    expect(await drained(slow)).toEqual(nums(8));

    const written = new Shared();
    const writer = await start({
      process: { blockBytes: 1 },
      write: WRITERS,
      writeOptions: { export: 'gated', data: { at: 2, ...written.data } },
    });
    await writer.publish(nums(8));
    await written.come();
    await until(() => waits(writer, 'processor 0') !== 'none' && writer.headOfLine()?.thread === 'writer');
    // What a writer has taken without a pause it acknowledges together: the head is the batch at hand all the same.
    expect(writer.headOfLine()).toMatchObject({ sequence: 2, thread: 'writer', cause: 'none', eventMs: undefined });
    written.open();
    await writer.drain();
    expect(writer.headOfLine()).toBeUndefined();
  });

  it.each([
    ['with items', 'gated', nums(60)],
    ['without items', 'gatedPositive', [...nums(40, -40), { n: 40 }]],
  ])('the head of line is the slow event behind quick ones %s that nobody was told of', async (_what, name, events) => {
    const shared = new Shared();
    const flow = await start({ process: { export: name, data: { at: 40, ...shared.data } } });
    for (const { forMs } of flow.stats().threads) expect(forMs).toBeLessThan(60_000);
    const before = performance.now();
    await flow.publish(events);
    await shared.come();
    // Until the writer, which looks once more by itself, has told what there was, and sleeps for good.
    let parks = -1;
    while (flow.headOfLine()?.sequence !== 40 || flow.stats().threads[1]!.parks !== parks) {
      ({ parks } = flow.stats().threads[1]!);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    for (let look = 0; look < 5; look++) {
      const head = flow.headOfLine()!;
      expect(head).toMatchObject({ sequence: 40, thread: 'processor 0', cause: 'none' });
      const most = performance.now() - before + 2;
      for (const ms of [head.ageMs, head.eventMs!]) expect(ms).toBeGreaterThanOrEqual(0);
      for (const ms of [head.ageMs, head.eventMs!]) expect(ms).toBeLessThanOrEqual(most);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(() => flow.headOfLine()!.eventMs! >= 20 && flow.headOfLine()!.ageMs >= 20);
    shared.open();
    await drained(flow);
  });

  it('a head of line that comes after a rest is as old as its event, and not as the rest', async () => {
    const shared = new Shared();
    const flow = await start({ process: { export: 'gated', data: { at: 1, ...shared.data } } });
    await flow.publish(nums(1));
    await flow.settled();
    await until(() => waits(flow, 'processor 0') === 'input');
    await new Promise((resolve) => setTimeout(resolve, 50));
    const before = performance.now();
    await flow.publish({ n: 1 });
    await shared.come();
    const { ageMs, eventMs } = flow.headOfLine()!;
    const most = performance.now() - before + 2;
    expect(ageMs).toBeLessThanOrEqual(most);
    expect(eventMs!).toBeLessThanOrEqual(most);
    shared.open();
    await flow.stop();
  });

  it('the option warmUp runs the first sequences of the flow, and no others', async () => {
    const flow = await pipeline({ source: sequences(3), startAt: 10 })
      .process(PROCESSORS, { export: 'warmBare', threads: 1, warmUp: 1_000 })
      .write(toRing({ capacity: 16 }))
      .start();
    const items = await collect(flow.results() as AsyncIterable<number[]>);
    await flow.ended;
    expect(items.at(-1)).toEqual([10, 11, 12, 10, 11, 12]);
    expect(flow.stats()).toMatchObject({ events: 3, items: 3 });
  });
});
