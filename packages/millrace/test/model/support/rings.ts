import {
  createEventRing,
  type EventRingOptions,
  EventRingProducer,
  EventRingReader,
  type FreeSpace,
  FULL,
  park,
} from 'native-free-rings';
import { allocate, viewI32 } from '#atomics';
import { attached, expect } from './attached.ts';
import { ownEventRing } from './owners.ts';

/** What the models of event rings have in common: a ring with its threads, and how those write and read. */

export interface Shape extends Partial<EventRingOptions> {
  /** Names of the threads which read, attached before they start. Default `reader`. */
  readonly attachedReaders?: readonly string[];
  /** By place, where a part passes on. */
  readonly readerParts?: readonly (string | readonly string[])[];
}

export const START = 2 ** 31 - 2;

/** The producers, by place: a ring with one of them is not shared. */
const PRODUCERS = [[], ['producer'], ['first', 'second'], ['first', 'second', 'third']];
/** By which their threads are told apart: this, and the place. */
export const PRODUCER_OWNER = 10;

export function setup(
  { attachedReaders = ['reader'], readerParts, ...options }: Shape,
  parts?: readonly (readonly string[])[],
  host?: readonly string[],
) {
  const handle = createEventRing({
    capacity: 2,
    slotBytes: options.dataBytes === undefined ? 4 : 0,
    readers: attachedReaders.length,
    start: START,
    ...options,
  });
  const flag = viewI32(allocate(8));
  const readers = attachedReaders.map((_, i) => attached(new EventRingReader(handle, { owner: i + 1 })));
  const names = PRODUCERS[options.producers ?? 1]!;
  const producers = names.map((_, i) => attached(new EventRingProducer(handle, { owner: PRODUCER_OWNER + i })));
  ownEventRing(handle, parts ?? names, readerParts ?? attachedReaders, host);
  return { handle, flag, producers, readers };
}
export type Shared = ReturnType<typeof setup>;

/** A value of a script that means: skip so many sequences. */
export const skip = (count: number): number => -count;

export const VOID = -7;

/** What readers see of a script. */
export const seenOf = (values: readonly number[]): number[] =>
  values.flatMap((value) => (value < 0 ? Array.from({ length: -value }, () => VOID) : [value]));

/** Skips, waiting for room. */
export function pass(ring: EventRingProducer, count: number, stopped?: () => boolean): void {
  while (ring.trySkip(count) === FULL) {
    if (stopped?.() === true) return;
    ring.waitToSkip(park(), count, stopped);
  }
}

/** Claims one record, waiting for room, and until `least` is free. */
export function claim(ring: EventRingProducer, bytes: number, least?: FreeSpace): number {
  for (;;) {
    const sequence = bytes === 0 ? ring.tryClaim() : ring.tryClaimBytes(bytes);
    if (sequence !== FULL) return sequence;
    ring.waitForRoom(park(), 1, bytes, undefined, least);
  }
}

/** Where a record of `bytes` (0: of a slot) was claimed: index into `memory.i32`. */
const claimedAt = (ring: EventRingProducer, sequence: number, bytes: number): number =>
  (bytes === 0 ? ring.offsetOf(sequence) : ring.claimOffset) >> 2;

export function fill(ring: EventRingProducer, sequence: number, value: number, bytes: number): void {
  const at = claimedAt(ring, sequence, bytes);
  for (let word = 0; word < Math.max(bytes >> 2, 1); word++) ring.memory.i32[at + word] = value + word;
}

export function produce(
  ring: EventRingProducer,
  values: readonly number[],
  sizes: readonly number[] = [],
  least?: FreeSpace,
): void {
  for (const [i, value] of values.entries()) {
    if (value < 0) {
      pass(ring, -value);
      ring.publish();
      continue;
    }
    const bytes = sizes[i] ?? 0;
    const sequence = claim(ring, bytes, least);
    fill(ring, sequence, value, bytes);
    ring.commit(bytes);
    ring.publish();
  }
}

function readOne(ring: EventRingReader, sequence: number): number {
  const { records } = ring;
  if (records.isVoid(sequence)) return VOID;
  const at = records.offsetOf(sequence) >> 2;
  const value = ring.memory.i32[at]!;
  for (let word = 1; word < records.lengthOf(sequence) >> 2; word++) {
    expect(ring.memory.i32[at + word] === value + word, `record ${sequence} of ${value} is torn at ${word}`);
  }
  return value;
}

/** Reads `count` records (default: until the ring is closed); releases after each, or all that there are at once. */
export function consume(ring: EventRingReader, count = Number.POSITIVE_INFINITY, each = true): number[] {
  const seen: number[] = [];
  let next = ring.peekNext();
  while (seen.length < count && !ring.isClosedAt(next)) {
    ring.waitFor(next, park());
    const end = ring.loadEnd();
    for (; next < end && seen.length < count; next++) {
      seen.push(readOne(ring, next));
      if (each) ring.release(next + 1);
    }
    ring.release(next);
  }
  return seen;
}
