/**
 * The head of line is the event at which a processor stands, also behind events that make no items and behind quick ones
 * whose items nobody was told of; and its times are those of this event.
 *
 * @stdout ^the head of line was right in every look\n$
 */
import assert from 'node:assert/strict';
import { i32, pipeline, toRing } from 'millrace';
import { until } from '../../support/case.mjs';

const words = new BigInt64Array(new SharedArrayBuffer(32));
const now = () => performance.timeOrigin + performance.now();
const [AT, BEGAN, OPEN, BEFORE] = [0, 1, 2, 3];
/** Of times that were rounded to milliseconds. */
const ROUNDING_MS = 3;

async function start() {
  words.fill(-1n);
  return await pipeline({ source: i32, capacity: 1_024 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1, data: words.buffer })
    .write(toRing({ capacity: 4_096 }))
    .start();
}

// Quick events, with items or without, stand before one that holds the line.
for (const isQuiet of [true, false]) {
  const flow = await start();
  for (const { waiting, forMs } of flow.stats().threads)
    assert.ok(forMs >= 0 && forMs < 60_000, `${waiting} for ${forMs} ms`);
  const before = performance.now();
  await flow.publish(Array.from({ length: 500 }, (_, i) => (i === 363 ? -1 : isQuiet ? 0 : 1)));
  await until(() => Atomics.load(words, AT) === 363n && flow.headOfLine()?.sequence === 363);
  // Until the writer, which looks once more by itself, has told what there was, and sleeps for good.
  let parks = -1;
  await until(async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = parks;
    ({ parks } = flow.stats().threads[1]);
    return parks === before && flow.headOfLine().sequence === 363;
  });
  for (let look = 0; look < 20; look++) {
    const { sequence, thread, cause, ageMs, eventMs } = flow.headOfLine();
    assert.deepEqual([sequence, thread, cause], [363, 'processor 0', 'none']);
    const most = performance.now() - before + 2;
    assert.ok(ageMs >= 0 && ageMs <= most && eventMs >= 0 && eventMs <= most, `${ageMs} and ${eventMs} of ${most}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { eventMs } = flow.headOfLine();
  assert.ok(eventMs >= 80, `it has been in this event for 100 ms, and eventMs is ${eventMs}`);
  Atomics.store(words, OPEN, 1n);
  await flow.stop();
}

// Events of 20 ms: each look says for how long this one has been computed.
const flow = await start();
const publishing = flow.publish(Array.from({ length: 60 }, () => 20));
let looks = 0;
while (flow.published < 55) {
  const [at, began, before] = [AT, BEGAN, BEFORE].map((word) => Atomics.load(words, word));
  const least = now() - Number(began) - ROUNDING_MS;
  const head = flow.headOfLine();
  // The thread may have been held up between two events, and not in the one before.
  const most = now() - Number(before) + ROUNDING_MS;
  const isSame = at >= 2n && Atomics.load(words, AT) === at && head?.eventMs !== undefined;
  if (isSame && BigInt(head.sequence) === at) {
    looks++;
    const { eventMs, ageMs } = head;
    assert.ok(eventMs > least && eventMs < most, `event ${at}: eventMs is ${eventMs}, of ${least} to ${most}`);
    // It is the head since the writer has acknowledged the one before, which may come late.
    assert.ok(ageMs >= 0 && ageMs < most, `event ${at}: ageMs is ${ageMs}, at most ${most}`);
  }
  await new Promise((resolve) => setTimeout(resolve, 7));
}
assert.ok(looks >= 3, `${looks} looks found it in an event`);
await publishing;
await flow.stop();
console.log('the head of line was right in every look');
