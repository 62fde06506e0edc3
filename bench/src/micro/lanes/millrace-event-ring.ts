/** The event ring of native-free-rings with slots of a fixed size, one producer and one reader, with each wait strategy. */
import {
  createEventRing,
  type EventRingHandle,
  EventRingProducer,
  EventRingReader,
  type WaitStrategy,
} from 'native-free-rings';
import { WAITS } from '../wait.ts';
import { type LaneProgram, type LaneSetting, RECORD_BYTES, RING_BYTES } from './setting.ts';

/** A slot has one size for ever, so there is a ring for each. */
type Rings<T> = ReadonlyMap<number, T>;

const ringsOf = <From, To>(rings: Rings<From>, open: (ring: From) => To): Rings<To> =>
  new Map([...rings].map(([bytes, ring]) => [bytes, open(ring)]));

function produceTo(
  ring: EventRingProducer,
  wait: WaitStrategy,
  { bytes, publishEvery, records }: LaneSetting,
): undefined {
  const words = ring.memory.i32;
  for (let next = 0; next < records; ) {
    const count = Math.min(publishEvery, records - next);
    let sequence = ring.tryClaim(count);
    while (sequence < 0) {
      ring.waitForRoom(wait, count);
      sequence = ring.tryClaim(count);
    }
    for (const end = sequence + count; sequence < end; sequence++, next++) {
      const offset = ring.offsetOf(sequence);
      for (let at = offset >> 2, end = (offset + bytes) >> 2; at < end; at++) words[at] = next;
    }
    ring.commit();
    ring.publish();
  }
  return undefined;
}

function consumeFrom(ring: EventRingReader, wait: WaitStrategy, { bytes, records }: LaneSetting): number {
  const words = ring.memory.i32;
  let sequence = ring.peekNext();
  const last = sequence + records;
  let sum = 0;
  while (sequence < last) {
    ring.waitFor(sequence, wait);
    for (const end = ring.peekEnd(); sequence < end; sequence++) {
      const offset = ring.records.offsetOf(sequence);
      for (let at = offset >> 2, endWord = (offset + bytes) >> 2; at < endWord; at++) sum = (sum + words[at]) | 0;
    }
    ring.release(sequence);
  }
  return sum;
}

const waitingBy = (wait: () => WaitStrategy): LaneProgram => ({
  allocate() {
    const rings = new Map(
      RECORD_BYTES.map((bytes) => [
        bytes,
        createEventRing({ capacity: RING_BYTES / bytes, slotBytes: bytes, readers: 1 }),
      ]),
    );
    return { a: rings, b: rings };
  },
  a: (handles: Rings<EventRingHandle>) => {
    const rings = ringsOf(handles, (handle) => new EventRingProducer(handle));
    const strategy = wait();
    return (setting) => produceTo(rings.get(setting.bytes)!, strategy, setting);
  },
  b: (handles: Rings<EventRingHandle>) => {
    const rings = ringsOf(handles, (handle) => new EventRingReader(handle));
    const strategy = wait();
    return (setting) => consumeFrom(rings.get(setting.bytes)!, strategy, setting);
  },
});

export const park: LaneProgram = waitingBy(WAITS.park);
export const spin: LaneProgram = waitingBy(WAITS.spin);
export const adaptive: LaneProgram = waitingBy(WAITS.adaptive);
