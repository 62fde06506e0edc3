import { parentPort, workerData } from 'node:worker_threads';
import { EventRingReader } from 'native-free-rings';
import { check, expectEqual, lengthOf, randomFrom, strategies } from './common.mjs';

// Reads until the ring is closed. With `sessionRecords` it leaves after about so many records and joins again: then a
// stream may begin anywhere, and has no gap from there on.
const { handle, streams, strategy, seed, slowness = 0, sessionRecords = 0, variableBytes = 0 } = workerData;
const HEAD = 8;
const wait = strategies[strategy]();
const random = randomFrom(seed);
let total = 0;
let sessions = 0;

/** True once the ring is closed and read. */
function session(whole) {
  const reader = new EventRingReader(handle);
  if (sessions++ === 0) parentPort.postMessage({ ready: true });
  const { records, memory } = reader;
  const expected = Array.from({ length: streams }, () => (whole ? 0 : -1));
  const budget = whole ? Number.POSITIVE_INFINITY : 1 + random(sessionRecords);
  let next = reader.peekNext();
  for (let seen = 0; seen < budget; ) {
    reader.waitFor(next, wait);
    const end = reader.loadEnd();
    if (end === next && reader.isClosedAt(next)) {
      reader.detach();
      return true;
    }
    const until = Math.min(end, next + 1 + random(64));
    for (; next < until; next++) {
      if (records.isVoid(next)) continue;
      const at = records.offsetOf(next);
      const stream = memory.i32[at >> 2];
      const number = memory.i32[(at >> 2) + 1];
      if (!(stream >= 0 && stream < streams)) throw new Error(`sequence ${next} is of stream ${stream}`);
      if (expected[stream] < 0) expected[stream] = number;
      expectEqual(number, expected[stream], `at sequence ${next}, number of stream ${stream}`);
      const length = records.lengthOf(next);
      if (variableBytes > 0) expectEqual(length, HEAD + lengthOf(stream, number, variableBytes - HEAD), 'length');
      check(memory.u8, at + HEAD, length - HEAD, stream, number);
      expected[stream]++;
      seen++;
      total++;
      for (let i = 0; i < slowness; i++) random(2);
    }
    reader.release(next);
  }
  reader.detach();
  return false;
}

while (!session(sessionRecords === 0));
parentPort.postMessage({ result: { total, sessions } });
