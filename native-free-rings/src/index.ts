/** SharedArrayBuffer rings for worker threads: no native add-on, no dependency. See README.md for a two-thread example. */
export type { Words } from '#atomics';
export { CURSOR_WORDS, Cursor, distance, extend, small } from './cursor.ts';
export { RingError, type RingErrorCode } from './errors.ts';
export {
  createEventRing,
  type EventRingHandle,
  type EventRingOptions,
  MAX_DATA_BYTES,
  MAX_READERS,
  MAX_RING_RECORDS,
  MAX_SLOT_BYTES,
  mostDataBytes,
  type OpenEventRing,
  openEventRing,
  type PlaceOwner,
  RING_CAUSES,
  ringEnd,
} from './event-ring/event-ring-descriptor.ts';
export { EventRingProducer, type FreeSpace } from './event-ring/event-ring-producer.ts';
export { EventRingReader } from './event-ring/event-ring-reader.ts';
export { countReaders, freePlace, loadClaimant, type TakenPlace, takenPlaces } from './event-ring/places.ts';
export { RecordLookup } from './event-ring/record-lookup.ts';
export { FULL } from './event-ring/ring-claims.ts';
export { wakeRing } from './event-ring/wake-ring.ts';
export { ANY, EVENTCOUNT_WORDS, EventCount, MAX_CAUSE } from './eventcount.ts';
export { defineKind, type Kind } from './kind.ts';
export { LaneConsumer } from './lane/lane-consumer.ts';
export {
  createLane,
  LANE_BYTES_PER_RECORD,
  LANE_CAUSES,
  LANE_ENTRY,
  type LaneHandle,
  type LaneOptions,
  loadLaneRecords,
  MAX_LANE_BYTES,
  MAX_LANE_RECORDS,
  MIN_LANE_BYTES,
  MIN_LANE_RECORDS,
  type OpenLane,
  openLane,
} from './lane/lane-descriptor.ts';
export { LaneProducer } from './lane/lane-producer.ts';
export {
  ceilPowerOfTwo,
  createHandle,
  expectBytes,
  expectInteger,
  type Handle,
  LINE_BYTES,
  LINE_WORDS,
  openHandle,
  parameter,
} from './layout.ts';
export { Memory } from './memory.ts';
export { SharedCursor } from './shared-cursor.ts';
export { adaptive, park, spin, type WaitStrategy, waitUntil, waitUntilAsync } from './wait-strategy.ts';
