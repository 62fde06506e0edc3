import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { type Batch, type ItemBatch, toRing } from 'millrace';
import { describe, expect, it } from 'vitest';
import {
  cleanUp,
  collect,
  drained,
  MODES,
  type Num,
  nums,
  refusal,
  rejection,
  start,
  until,
} from '../support/lifecycle.ts';

cleanUp();

const mine = new Error('the reader broke');

/** Iterating gives values that stand alone; `at` and `views` one view, which nobody can change. */
function expectItems(batch: Batch<Num> | ItemBatch<Num>, expected: readonly Num[]): void {
  expect([...batch]).toEqual(expected);
  expect(new Set(batch).size).toBe(batch.length);
  const views = [...batch.views()];
  expect(views.length).toBe(batch.length);
  for (const view of views) expect(view).toBe(batch.at(0));
  let i = 0;
  for (const view of batch.views()) expect(view.n).toBe(expected[i++]!.n);
  expect(() => {
    batch.at(0).n = -1;
  }).toThrow('[READ_ONLY] field n');
}

describe.each(MODES)('reading results in the mode %s', (mode) => {
  it('break stops the flow, and gives the reader’s place back', async () => {
    const flow = await start({ mode, write: toRing({ capacity: 8, readers: 1 }) });
    const publishing = refusal(flow.publish(nums(10_000)), 'FLOW_STOPPED');
    const got: Num[] = [];
    for await (const item of flow.results()) {
      got.push(item);
      if (got.length === 20) break;
    }
    expect(got).toEqual(nums(20));
    await publishing;
    await flow.ended;
    expect(flow.state).toBe('stopped');
    flow.results();
  });

  it('an error in the body of the loop stops the flow and is what is thrown', async () => {
    const flow = await start({ mode });
    await flow.publish(nums(3));
    const loop = async (): Promise<void> => {
      for await (const _ of flow.results()) throw mine;
    };
    expect(await rejection(loop())).toBe(mine);
    await flow.ended;
    expect(flow.state).toBe('stopped');
  });

  it('two readers get everything each, and one that leaves does not stop the other', async () => {
    const flow = await start({ mode, write: toRing({ capacity: 8, readers: 2 }) });
    const [one, two] = [flow.results(), flow.results()];
    expect(() => flow.results()).toThrow('NO_PLACE_LEFT');
    const publishing = flow.publish(nums(500)).then(() => flow.drain());
    const first = collect(one);
    let seen = 0;
    for await (const _ of two) if (++seen === 10) break;
    expect(await first).toEqual(nums(500));
    await publishing;
    expect(flow.state).toBe('ended');
  });

  it('batches are in order, no larger than asked for, and can be read in place or copied', async () => {
    const flow = await start({ mode, write: toRing({ capacity: 16 }) });
    const publishing = flow.publish(nums(100)).then(() => flow.drain());
    const copies: Num[] = [];
    const iterated: Num[] = [];
    let next = 0;
    for await (const batch of flow.results().batches()) {
      expect(batch.first).toBe(next);
      expect(batch.length).toBeGreaterThan(0);
      expect(batch.length).toBeLessThanOrEqual(4);
      for (let i = 0; i < batch.length; i++) expect(batch.at(i).n).toBe(next + i);
      expectItems(batch, nums(batch.length, next));
      expect(() => batch.at(batch.length)).toThrow(RangeError);
      expect(() => batch.at(-1)).toThrow(RangeError);
      iterated.push(...batch);
      copies.push(...batch.toArray());
      next += batch.length;
    }
    await publishing;
    expect(copies).toEqual(nums(100));
    expect(iterated).toEqual(nums(100));
  });

  it('a writer’s batch gives items that stay, and views that move', async () => {
    const got: Num[] = [];
    const flow = await start({
      mode,
      process: { export: 'thrice' },
      write(batch: Batch<Num>) {
        expectItems(batch, batch.toArray());
        got.push(...batch);
      },
    });
    await flow.publish(nums(30));
    await flow.drain();
    expect(got).toEqual(nums(30).flatMap((num) => [num, num, num]));
  });

  it('can be drained first and read afterwards', async () => {
    const flow = await start({ mode, write: toRing({ capacity: 4 }) });
    await flow.publish(nums(30));
    const results = flow.results();
    const draining = flow.drain();
    await until(() => flow.stats().threads[1]!.waiting === 'demand');
    expect(flow.state).toBe('draining');
    expect(await collect(results)).toEqual(nums(30));
    await draining;
  });

  it('what is in the ring of a flow that has ended can still be read', async () => {
    const flow = await start({ mode });
    await flow.publish(nums(10));
    await flow.drain();
    expect(await collect(flow.results())).toEqual(nums(10));
    // Nothing has taken its place, so it is there for the next reader as well.
    expect(await collect(flow.results())).toEqual(nums(10));
  });

  it('can be read once', async () => {
    const flow = await start({ mode });
    const results = flow.results();
    await flow.publish(nums(3));
    const [items] = await Promise.all([collect(results), flow.drain()]);
    expect(items).toEqual(nums(3));
    await refusal(collect(results), 'NO_RESULTS');
    await refusal(collect(results.batches()), 'NO_RESULTS');
  });

  it('are refused by a flow that writes elsewhere', async () => {
    const flow = await start({ mode, write: () => {} });
    expect(() => flow.results()).toThrow('[NO_RESULTS]');
    expect(() => flow.reader()).toThrow('[NO_RESULTS]');
  });

  it('return ends a next that waits, and stops the flow', async () => {
    const flow = await start({ mode });
    const iterator = flow.results()[Symbol.asyncIterator]();
    const waiting = iterator.next();
    await iterator.return(undefined);
    expect(await waiting).toEqual({ done: true, value: undefined });
    await flow.ended;
    expect(flow.state).toBe('stopped');

    const unread = await start({ mode });
    await unread.results()[Symbol.asyncIterator]().return(undefined);
    await unread.ended;
    expect(unread.state).toBe('stopped');
  });

  it('throw leaves the loop as return does: never begun, begun, while a next waits, twice', async () => {
    const ways: ((results: AsyncGenerator<Num>) => Promise<unknown>)[] = [
      async (results) => await rejection(results.throw(mine)),
      async (results) => {
        await results.next();
        return await rejection(results.throw(mine));
      },
      async (results) => {
        const waiting = [results.next(), results.next()];
        const both = Promise.all([rejection(results.throw(mine)), rejection(results.throw(mine))]);
        await Promise.all(waiting);
        return (await both)[0];
      },
    ];
    for (const [i, way] of ways.entries()) {
      const flow = await start({ mode, write: toRing({ readers: 1 }) });
      if (i === 1) await flow.publish(nums(3));
      expect(await way(flow.results()[Symbol.asyncIterator]() as AsyncGenerator<Num>)).toBe(mine);
      await flow.ended;
      expect(flow.state).toBe('stopped');
      flow.results();
    }
  });

  it('a refused reader is no reader: leaving the loop of the other one stops the flow', async () => {
    const flow = await start({ mode, write: toRing({ readers: 1 }) });
    const results = flow.results();
    expect(() => flow.results()).toThrow('NO_PLACE_LEFT');
    await flow.publish(nums(3));
    for await (const _ of results) break;
    await flow.ended;
    expect(flow.state).toBe('stopped');
  });

  it('feed a Node stream and a Web stream, which cancel the flow when they are destroyed', async () => {
    const node = await start({ mode });
    await node.publish(nums(20));
    const [items] = await Promise.all([Readable.from(node.results()).toArray(), node.drain()]);
    expect(items).toEqual(nums(20));

    const web = await start({ mode });
    await web.publish(nums(20));
    const stream = ReadableStream.from(web.results()) as ReadableStream<Num>;
    const [chunks] = await Promise.all([collect(stream), web.drain()]);
    expect(chunks).toEqual(nums(20));

    const destroyed = await start({ mode });
    const readable = Readable.from(destroyed.results());
    readable.read();
    readable.destroy();
    await destroyed.ended;
    expect(destroyed.state).toBe('stopped');

    const broken = await start({ mode });
    const unread = Readable.from(broken.results()).on('error', () => {});
    unread.destroy(mine);
    await broken.ended;
    expect(broken.state).toBe('stopped');

    const cancelled = await start({ mode });
    const reader = ReadableStream.from(cancelled.results()).getReader();
    const waiting = reader.read();
    await reader.cancel();
    expect((await waiting).done).toBe(true);
    await cancelled.ended;
    expect(cancelled.state).toBe('stopped');
  });

  it('of async processors come in order as well, and of several threads', async () => {
    const flow = await start({ mode, process: { export: 'late', threads: 2 }, write: toRing({ capacity: 8 }) });
    const publishing = flow.publish(nums(200)).then(() => flow.drain());
    expect(await collect(flow.results())).toEqual(nums(200));
    await publishing;
  });

  it('settled resolves when all that has arrived is delivered, and the flow goes on', async () => {
    const flow = await start({ mode });
    await flow.settled();
    await flow.publish(nums(5));
    await flow.settled();
    expect(flow.published).toBe(5);
    await flow.publish(nums(5, 5));
    expect(await drained(flow)).toEqual(nums(10));
    await flow.settled();
  });
});
