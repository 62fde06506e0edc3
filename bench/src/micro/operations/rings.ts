/** Cursors, the lane and the event ring with both ends on one thread: what their code costs when no cache line moves. */
import {
  CURSOR_WORDS,
  Cursor,
  createEventRing,
  createLane,
  EventRingProducer,
  EventRingReader,
  LaneConsumer,
  LaneProducer,
} from 'native-free-rings';
import { type Operation, sumBelow } from './operation.ts';

const RECORD_BYTES = 16;
const BATCH = 64;

function cursorPublish(): Operation {
  const cursor = new Cursor(words(), 0);
  return {
    name: 'cursor-publish',
    run(count) {
      for (let i = 0; i < count; i++) cursor.publish(i);
      return cursor.peek();
    },
    expected: (count) => count - 1,
  };
}

function cursorLoad(): Operation {
  const shared = words();
  new Cursor(shared, 0).publish(1);
  const cursor = new Cursor(shared, 0);
  return {
    name: 'cursor-load',
    run(count) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += cursor.load();
      return sum;
    },
    expected: (count) => count,
  };
}

function laneRecords(): Operation {
  const lane = createLane({ capacityBytes: 64 * 1024 });
  const producer = new LaneProducer(lane);
  const consumer = new LaneConsumer(lane);
  return {
    name: 'lane-claim-commit-read-16B',
    run(count) {
      let sum = 0;
      for (let next = 0; next < count; ) {
        for (const end = Math.min(count, next + BATCH); next < end; next++) {
          producer.memory.i32[producer.tryClaim(RECORD_BYTES) >> 2] = next;
          producer.commit(RECORD_BYTES, next, 1, 0);
        }
        producer.publish();
        while (consumer.next()) sum = (sum + consumer.memory.i32[consumer.offset >> 2]) | 0;
        consumer.release();
      }
      return sum;
    },
    expected: sumBelow,
  };
}

function eventRingRecords(): Operation {
  const ring = createEventRing({ capacity: 4096, slotBytes: RECORD_BYTES, readers: 1 });
  const producer = new EventRingProducer(ring);
  const reader = new EventRingReader(ring);
  return {
    name: 'event-ring-claim-commit-read-16B',
    run(count) {
      let sum = 0;
      for (let next = 0; next < count; ) {
        for (const end = Math.min(count, next + BATCH); next < end; next++) {
          producer.memory.i32[producer.offsetOf(producer.tryClaim()) >> 2] = next;
          producer.commit();
        }
        producer.publish();
        let sequence = reader.peekNext();
        for (const end = reader.loadEnd(); sequence < end; sequence++) {
          sum = (sum + reader.memory.i32[reader.records.offsetOf(sequence) >> 2]) | 0;
        }
        reader.release(sequence);
      }
      return sum;
    },
    expected: sumBelow,
  };
}

const words = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(CURSOR_WORDS * Int32Array.BYTES_PER_ELEMENT));

export const ringOperations: readonly (() => Operation)[] = [cursorPublish, cursorLoad, laneRecords, eventRingRecords];
