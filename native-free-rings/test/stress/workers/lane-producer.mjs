import { workerData } from 'node:worker_threads';
import { LaneProducer } from 'native-free-rings';
import { check, fill, lengthOf, randomFrom, strategies } from './common.mjs';

// `shown[0]` tells how many records the consumer may see: it is stored before they are published. Without an end it runs
// until it is terminated.
const { handle, stream, records = Number.POSITIVE_INFINITY, strategy, takeOver, shown } = workerData;
const lane = new LaneProducer(handle, { takeOver });
const wait = strategies[strategy]();
const random = randomFrom(stream + 1);
const batch = 1 + random(20);

function publish(count) {
  Atomics.store(shown, 0, count);
  lane.publish();
  lane.wakeConsumer();
}

/** Claims room for record n at once, or for its first part, which is filled before the claim grows. */
function claim(length, n) {
  const first = random(2) === 0 ? length : random(length + 1);
  for (;;) {
    let at = lane.tryClaim(first);
    if (at >= 0 && first < length) {
      fill(lane.memory.u8, at, first, stream, n);
      at = lane.growClaim(first, length - first);
      if (at >= 0) check(lane.memory.u8, at, first, stream, n);
      else lane.abort();
    }
    if (at >= 0) return at;
    publish(n);
    lane.waitForRoom(length, wait);
  }
}

for (let n = 0; n < records; n++) {
  const length = lengthOf(stream, n, lane.maxPayloadBytes);
  for (let round = random(16) === 0 ? 1 : 0; ; round--) {
    const at = claim(length, n);
    if (round === 0) {
      fill(lane.memory.u8, at, length, stream, n);
      break;
    }
    fill(lane.memory.u8, at, length, stream, n + 1000);
    lane.abort();
  }
  lane.commit(length, n, stream, n === records - 1 ? 1 : 0);
  if (random(batch) === 0) publish(n + 1);
}
publish(records);
