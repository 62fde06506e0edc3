/**
 * Whoever fills events in place and forgets to commit, commits twice or too much, asks for nonsense, publishes in between, misspells
 * a field, or goes on writing after the commit is told what to do, or has no effect on what was published.
 *
 * @modes threads inline
 * @stdout ^what was committed, and nothing else\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing, u8 } from 'millrace';
import { collect, mode, rejection } from '../../support/case.mjs';
import { Tick } from './processor.mjs';

const start = (source, name) =>
  pipeline({ source, capacity: 8 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1, export: name })
    .write(toRing({ capacity: 64 }))
    .start({ mode });
const refusedAs = (code, message) => ({ name: 'MillraceError', code, message });

{
  const flow = await start(Tick, 'ticks');
  const reading = collect(flow.results());
  const tick = flow.tryNext();
  tick.size = 1;
  // Forgot to commit.
  assert.throws(
    () => flow.tryNext(),
    refusedAs('EVENT_REFUSED', /^\[EVENT_REFUSED\] next\(\) while .* call commit\(\) first, or abort\(\)/),
  );
  assert.match((await rejection(flow.next())).message, /call commit\(\) first/);
  // Publishes in between, one or many.
  for (const events of [{ price: 1, size: 1 }, [{ price: 1, size: 1 }]])
    assert.match((await rejection(flow.publish(events))).message, /publish while what next\(\) gave is open/);
  assert.throws(() => flow.tryPublish({ price: 1, size: 1 }), { code: 'EVENT_REFUSED' });
  assert.throws(() => flow.trySkip(1), { code: 'EVENT_REFUSED' });
  // A value that the codec refuses, and a field that there is not.
  assert.throws(() => (tick.size = 1.5), { code: 'OUT_OF_RANGE', field: 'size' });
  assert.throws(() => (tick.sise = 2), TypeError);
  assert.throws(() => flow.commit(1), refusedAs('BAD_OPTIONS', /commit\(1\) of an event of next\(\); give no number/));
  assert.deepEqual({ ...JSON.parse(JSON.stringify(tick)) }, { price: 0, size: 1 });
  flow.commit();
  // Commits twice, and goes on writing.
  assert.throws(() => flow.commit(), refusedAs('EVENT_REFUSED', /without an open claim/));
  tick.size = 99;
  // The object of an event is not kept: it is the next one's.
  const again = await flow.next();
  assert.equal(again, tick);
  assert.equal(again.size, 0);
  flow.abort();
  assert.throws(() => flow.abort(), refusedAs('EVENT_REFUSED', /abort without an open claim/));
  // What fails in the middle of an event can be given back.
  try {
    (await flow.next()).size = 50;
    throw new Error('mine');
  } catch {
    flow.abort();
  }
  await flow.publish({ price: 0.5, size: 2 });
  assert.throws(
    () => flow.tryClaim(1),
    refusedAs('BAD_OPTIONS', /claim\(n\) fills events of one number type .* has struct/),
  );
  await flow.drain();
  assert.deepEqual(await reading, [
    { sequence: 0, n: 1 },
    { sequence: 1, n: 2.5 },
  ]);
  assert.throws(() => flow.tryNext(), { code: 'FLOW_ENDED' });
}

{
  const flow = await start(i32, 'numbers');
  const reading = collect(flow.results());
  for (const count of [0, -1, Number.NaN, 0.5, '1', undefined, null, 2 ** 53, Number.POSITIVE_INFINITY]) {
    assert.throws(() => flow.tryClaim(count), refusedAs('BAD_OPTIONS', /an integer from 1 on/));
    assert.equal((await rejection(flow.claim(count))).code, 'BAD_OPTIONS');
  }
  // More than the ring holds.
  const room = flow.tryClaim(1_000_000);
  assert.equal(room, 8);
  for (const count of [9, -1, Number.NaN, 0.5, '1', undefined])
    assert.throws(() => flow.commit(count), refusedAs('BAD_OPTIONS', /of a claim of 8; give how many .* from 0 to 8/));
  assert.throws(() => flow.tryClaim(1), refusedAs('EVENT_REFUSED', /call commit\(k\) first/));
  const { items, begin } = flow;
  for (let i = 0; i < room; i++) items[begin + i] = i;
  flow.commit(3);
  // Writes behind what it has committed: the slots are given out again.
  for (let i = 3; i < room; i++) items[begin + i] = 77;
  // Asks for the place of a claim that is over.
  for (let i = 0; i < 8; i++) flow.items[flow.begin + i] = 88;
  await flow.publish([3, 4]);
  assert.throws(
    () => flow.tryNext(),
    refusedAs('BAD_OPTIONS', /next\(\) fills events of a struct, and the source has i32/),
  );
  await flow.drain();
  assert.deepEqual(
    (await reading).map(({ n }) => n),
    [0, 1, 2, 3, 4],
  );
}

{
  // What a typed array converts is not checked.
  const flow = await start(u8, 'bytes');
  const reading = collect(flow.results());
  const room = await flow.claim(3);
  flow.items.set([300, -1, 1.9], flow.begin);
  flow.commit(room);
  // Left open at the end.
  await flow.claim(2);
  await flow.drain();
  assert.deepEqual(
    (await reading).map(({ n }) => n),
    [44, 255, 1],
  );
}
console.log('what was committed, and nothing else');
