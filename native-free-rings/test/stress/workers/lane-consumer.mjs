import { parentPort, workerData } from 'node:worker_threads';
import { LaneConsumer } from 'native-free-rings';
import { check, expectEqual, lengthOf, randomFrom, strategies } from './common.mjs';

// Reads streams, one after the other, until a record says that it is the last one. A stream may break off where its
// thread was terminated; the next one then begins at its record 0. A consumer that takes over from a terminated one goes on in
// the only stream: `released` has the record up to which that one was about to release, and up to which it had.
const { handle, stream: first, strategy, shown, seed, reportEvery = 0, takeOver, released } = workerData;
const lane = new LaneConsumer(handle, { takeOver });
const wait = strategies[strategy]();
const random = randomFrom(seed);
const batch = 1 + random(20);
const most = lane.capacity >> 1;
let stream = first;
let next = 0;
let total = 0;

function release(position, record) {
  if (released) Atomics.store(released, 0, record);
  lane.releaseTo(position);
  if (released) Atomics.store(released, 1, record);
  lane.wakeProducer();
}

for (let last = false; !last; total++) {
  while (!lane.next()) {
    release(lane.peekPosition(), next);
    lane.waitForRecord(wait);
  }
  if (takeOver && total === 0) {
    const [before, after] = [Atomics.load(released, 1), Atomics.load(released, 0)];
    next = lane.sequence;
    if (next < before || next > after) throw new Error(`goes on at record ${next}, not from ${before} to ${after}`);
  }
  if (lane.count !== stream) {
    expectEqual(lane.count, stream + 1, 'stream');
    expectEqual(lane.sequence, 0, 'first record of a stream');
    stream++;
    next = 0;
  }
  expectEqual(lane.sequence, next, 'record');
  const visible = Atomics.load(shown, 0);
  if (next >= visible) throw new Error(`record ${next} was seen, when only ${visible} had been shown`);
  expectEqual(lane.length, lengthOf(stream, next, most), 'length');
  check(lane.memory.u8, lane.offset, lane.length, stream, next);
  last = lane.flags === 1;
  next++;
  if (random(batch) === 0) {
    // Now and then the current record is kept, and read again.
    const isKept = !last && random(4) === 0;
    if (isKept) release((lane.peekPosition() - 1) | 0, next - 1);
    else release(lane.peekPosition(), next);
    if (isKept) check(lane.memory.u8, lane.offset, lane.length, stream, next - 1);
  }
  if (reportEvery > 0 && total % reportEvery === reportEvery - 1) parentPort.postMessage({ seen: total + 1 });
}
release(lane.peekPosition(), next);
parentPort.postMessage({ result: { total, streams: stream - first + 1 } });
