/** The lane of native-free-rings, with each wait strategy. */
import { createLane, LaneConsumer, type LaneHandle, LaneProducer, type WaitStrategy } from 'native-free-rings';
import { WAITS } from '../wait.ts';
import { type LaneProgram, type LaneSetting, RING_BYTES } from './setting.ts';

function produceTo(lane: LaneProducer, wait: WaitStrategy, { bytes, publishEvery, records }: LaneSetting): undefined {
  const words = lane.memory.i32;
  let unpublished = 0;
  for (let next = 0; next < records; next++) {
    let offset = lane.tryClaim(bytes);
    while (offset < 0) {
      lane.waitForRoom(bytes, wait);
      offset = lane.tryClaim(bytes);
    }
    for (let at = offset >> 2, end = (offset + bytes) >> 2; at < end; at++) words[at] = next;
    lane.commit(bytes, next, 1, 0);
    if (++unpublished < publishEvery) continue;
    lane.publish();
    lane.wakeConsumer();
    unpublished = 0;
  }
  lane.publish();
  lane.wakeConsumer();
  return undefined;
}

/** Entries for records of 16 bytes that fill the ring. Of 8 bytes it holds as many, and is half full then. */
const BYTES_PER_RECORD = 16;

/** Gives memory back when a part of the lane was read, so that a release costs little and room comes early. */
const RELEASE_BYTES = RING_BYTES / 8;

function consumeFrom(lane: LaneConsumer, wait: WaitStrategy, { records }: LaneSetting): number {
  const words = lane.memory.i32;
  let sum = 0;
  let unreleased = 0;
  for (let taken = 0; taken < records; taken += lane.count) {
    while (!lane.next()) lane.waitForRecord(wait);
    for (let at = lane.offset >> 2, end = (lane.offset + lane.length) >> 2; at < end; at++) sum = (sum + words[at]) | 0;
    unreleased += Math.max(lane.length, BYTES_PER_RECORD);
    if (unreleased < RELEASE_BYTES) continue;
    unreleased = 0;
    lane.release();
    lane.wakeProducer();
  }
  lane.release();
  lane.wakeProducer();
  return sum;
}

/** All that one publish shows as the items of one record, as a flow's outputs do it, and the Disruptor's batched test. */
function produceBatches(
  lane: LaneProducer,
  wait: WaitStrategy,
  { bytes, publishEvery, records }: LaneSetting,
): undefined {
  const words = lane.memory.i32;
  const most = Math.min(publishEvery, Math.floor(lane.maxPayloadBytes / bytes));
  for (let next = 0; next < records; ) {
    const count = Math.min(most, records - next);
    let offset = lane.tryClaim(count * bytes);
    while (offset < 0) {
      lane.waitForRoom(count * bytes, wait);
      offset = lane.tryClaim(count * bytes);
    }
    let at = offset >> 2;
    for (const end = next + count; next < end; next++) {
      for (const stop = at + (bytes >> 2); at < stop; at++) words[at] = next;
    }
    lane.commit(count * bytes, next, count, 0);
    lane.publish();
    lane.wakeConsumer();
  }
  return undefined;
}

const waitingBy = (wait: () => WaitStrategy, produce = produceTo): LaneProgram => ({
  allocate() {
    const lane = createLane({ capacityBytes: RING_BYTES, records: RING_BYTES / BYTES_PER_RECORD });
    return { a: lane, b: lane };
  },
  a: (handle: LaneHandle) => {
    const lane = new LaneProducer(handle);
    const strategy = wait();
    return (setting) => produce(lane, strategy, setting);
  },
  b: (handle: LaneHandle) => {
    const lane = new LaneConsumer(handle);
    const strategy = wait();
    return (setting) => consumeFrom(lane, strategy, setting);
  },
});

export const park: LaneProgram = waitingBy(WAITS.park);
export const spin: LaneProgram = waitingBy(WAITS.spin);
export const adaptive: LaneProgram = waitingBy(WAITS.adaptive);
export const batchPark: LaneProgram = waitingBy(WAITS.park, produceBatches);
export const batchSpin: LaneProgram = waitingBy(WAITS.spin, produceBatches);
