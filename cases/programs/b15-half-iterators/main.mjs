/**
 * Results that are left in every way that an async iterator may be left: the flow stops, its reader's place is free, and the
 * process ends.
 *
 * @modes threads inline
 * @limit 90
 */
import assert from 'node:assert/strict';
import { Readable, Writable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import { i32, pipeline, toRing } from 'millrace';
import { mode, rejection } from '../../support/case.mjs';

const mine = new Error('mine');
const begun = async (results) => {
  const iterator = results[Symbol.asyncIterator]();
  await iterator.next();
  return iterator;
};
const waits = (results) => {
  const iterator = results[Symbol.asyncIterator]();
  const first = iterator.next();
  const second = iterator.next();
  return { iterator, done: Promise.allSettled([first, second]) };
};
const fails = async (iterator) => assert.equal(await rejection(iterator.throw(mine)), mine);

const ways = {
  'throw, never begun': (flow) => fails(flow.results()[Symbol.asyncIterator]()),
  'throw, begun': async (flow) => fails(await begun(flow.results())),
  'throw, twice': async (flow) => {
    const iterator = await begun(flow.results());
    await Promise.all([fails(iterator), fails(iterator)]);
  },
  'throw while next waits': async (flow) => {
    const { iterator, done } = waits(flow.results());
    await fails(iterator);
    await done;
  },
  'return while next of batches waits, twice': async (flow) => {
    const { iterator, done } = waits(flow.results().batches());
    await Promise.all([iterator.return(), iterator.return()]);
    await done;
  },
  'throw of batches, never begun': (flow) => fails(flow.results().batches()),
  'a stream that is destroyed with an error': async (flow) => {
    const stream = Readable.from(flow.results());
    stream.on('error', () => {});
    stream.read();
    stream.destroy(mine);
  },
  'a stream that is destroyed before it is read': async (flow) => {
    Readable.from(flow.results())
      .on('error', () => {})
      .destroy(mine);
  },
  'a pipeline whose destination fails': async (flow) => {
    const write = (_chunk, _encoding, done) => done(mine);
    assert.equal(await rejection(pipe(flow.results(), new Writable({ objectMode: true, write }))), mine);
  },
  'a pipeline whose source is destroyed': async (flow) => {
    const source = Readable.from(flow.results());
    const destination = new Writable({ objectMode: true, write: () => source.destroy(mine) });
    assert.equal(await rejection(pipe(source, destination)), mine);
  },
  'a pipeline whose destination is destroyed while nothing comes': async (flow) => {
    await flow.settled();
    let came = 0;
    const destination = new Writable({
      objectMode: true,
      write(_chunk, _encoding, done) {
        done();
        if (++came === 3) setImmediate(() => destination.destroy(mine));
      },
    });
    assert.equal(await rejection(pipe(Readable.from(flow.results()), destination)), mine);
  },
};
for (const [way, leave] of Object.entries(ways)) {
  const flow = await pipeline({ source: i32 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(toRing({ readers: 1 }))
    .start({ mode });
  // The ways that read need something to read, the others have to find nothing.
  if (!way.includes('waits')) await flow.publish([1, 2, 3]);
  await leave(flow);
  await flow.ended;
  assert.equal(flow.state, 'stopped', way);
  // There is a place again.
  flow.results();
}
