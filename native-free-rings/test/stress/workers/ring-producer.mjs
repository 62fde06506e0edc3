import { parentPort, workerData } from 'node:worker_threads';
import { EventRingProducer, FULL } from 'native-free-rings';
import { fill, lengthOf, randomFrom, strategies } from './common.mjs';

// A record: producer, number, then content. The last of the producers closes the ring.
const { handle, stream, records, strategy, left, aborts } = workerData;
const HEAD = 8;
const ring = new EventRingProducer(handle);
const wait = strategies[strategy]();
const random = randomFrom(stream + 1);
const batch = 1 + random(20);
const variable = ring.slotBytes === 0;
const mostClaimed = variable ? 1 : Math.min(3, ring.capacity);

function write(at, length, number) {
  ring.memory.i32[at >> 2] = stream;
  ring.memory.i32[(at >> 2) + 1] = number;
  fill(ring.memory.u8, at + HEAD, length - HEAD, stream, number);
}

for (let n = 0; n < records; ) {
  const count = Math.min(1 + random(mostClaimed), records - n);
  const length = variable ? HEAD + lengthOf(stream, n, ring.maxRecordBytes - HEAD) : ring.slotBytes;
  const begin = variable ? ring.tryClaimBytes(length) : ring.tryClaim(count);
  if (begin === FULL) {
    ring.waitForRoom(wait, count, length);
    continue;
  }
  const abort = aborts && random(6) === 0;
  for (let i = 0; i < count; i++) {
    write(variable ? ring.claimOffset : ring.offsetOf(begin + i), length, abort ? -1 : n + i);
  }
  if (abort) ring.abort();
  else {
    ring.commit(length);
    n += count;
  }
  if (random(batch) === 0) ring.publish();
}
ring.publish();
if (Atomics.sub(left, 0, 1) === 1) ring.close();
ring.detach();
parentPort.postMessage({ result: records });
