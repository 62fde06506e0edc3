import { compareExchange, load, store } from '#atomics';
import { Cursor } from '../cursor.ts';
import { RingError } from '../errors.ts';
import { EventCount } from '../eventcount.ts';
import { Lock } from '../lock.ts';
import {
  CLAIMED_WORD,
  END_WORD,
  type EventRingHandle,
  LOCK_WORD,
  type OpenEventRing,
  openEventRing,
  type PlaceOwner,
  PRODUCER_ATTACHED,
  PRODUCER_FREE,
  PRODUCER_SLEEP,
  PRODUCER_TAKEN,
  PRODUCER_TASK,
  placeOwner,
  placeWord,
  producerLine,
  READER_ATTACHED,
  READER_FREE,
  READER_TASK,
  readerLine,
} from './event-ring-descriptor.ts';
import { RecordStates } from './record-states.ts';

/** The line of a producer place that was free; `takeOver`: of the only one, whose thread has ended. */
export function takeProducerLine(
  { words, readers, producers }: OpenEventRing,
  takeOver: boolean,
  { owner = 0, task = 0 }: PlaceOwner,
): number {
  const taken = placeWord(owner, PRODUCER_TAKEN);
  if (takeOver) {
    const line = producerLine(readers, 0);
    store(words, line + PRODUCER_ATTACHED, taken);
    return line;
  }
  for (let i = 0; i < producers; i++) {
    const line = producerLine(readers, i);
    if (compareExchange(words, line + PRODUCER_ATTACHED, PRODUCER_FREE, taken) !== PRODUCER_FREE) continue;
    if (task !== 0) store(words, line + PRODUCER_TASK, task);
    return line;
  }
  throw new RingError(
    'NO_SLOT_LEFT',
    `all ${producers} producer places of this ring are taken: create it with more \`producers\`, or detach one`,
  );
}

/** A place of a ring that somebody has taken who told its number. */
export interface TakenPlace {
  readonly role: 'reader' | 'producer';
  readonly index: number;
  readonly owner: number;
  /** 0 where it was not told. */
  readonly task: number;
}

/** The places of a ring that are taken by threads which told their numbers. */
export function takenPlaces(handle: EventRingHandle): TakenPlace[] {
  const ring = openEventRing(handle);
  const look = (role: TakenPlace['role'], index: number): TakenPlace => {
    const { attached, task } = wordsOf(ring, role, index);
    return { role, index, owner: placeOwner(load(ring.words, attached)), task: load(ring.words, task) };
  };
  return [
    ...Array.from({ length: ring.readers }, (_, i) => look('reader', i)),
    ...Array.from({ length: ring.producers }, (_, i) => look('producer', i)),
  ].filter(({ owner }) => owner !== 0);
}

/**
 * Frees the place of a thread that has ended: a reader no longer gates the producers, and who waited for it is woken. False
 * for a producer while a claim is open that may be its own: the ring waits for that record, for good if it is.
 */
export function freePlace(handle: EventRingHandle, { role, index, owner }: TakenPlace): boolean {
  const ring = openEventRing(handle);
  const { words } = ring;
  const { attached } = wordsOf(ring, role, index);
  const seen = load(words, attached);
  if (placeOwner(seen) !== owner) return true;
  if (role === 'producer') {
    if (hasOpenClaims(ring)) return false;
    compareExchange(words, attached, seen, PRODUCER_FREE);
    return true;
  }
  compareExchange(words, attached, seen, READER_FREE);
  for (let i = 0; i < ring.producers; i++) {
    new EventCount(words, producerLine(ring.readers, i) + PRODUCER_SLEEP).wakeAny();
  }
  return true;
}

/** Readers that are attached. */
export function countReaders(handle: EventRingHandle): number {
  const { words, readers } = openEventRing(handle);
  return Array.from({ length: readers }, (_, i) => load(words, readerLine(i) + READER_ATTACHED)).filter(
    (word) => word !== 0,
  ).length;
}

/** The number of the thread that holds the lock of a shared ring; 0: nobody, or one that did not tell its number. */
export function loadLockOwner(handle: EventRingHandle): number {
  const { words, shared } = openEventRing(handle);
  return shared ? new Lock(words, LOCK_WORD).loadOwner() : 0;
}

function wordsOf({ readers }: OpenEventRing, role: TakenPlace['role'], index: number) {
  if (role === 'reader')
    return { attached: readerLine(index) + READER_ATTACHED, task: readerLine(index) + READER_TASK };
  const line = producerLine(readers, index);
  return { attached: line + PRODUCER_ATTACHED, task: line + PRODUCER_TASK };
}

/** Records were claimed, by whichever producer, that are not committed; or may have been: another one holds the lock just now. */
function hasOpenClaims(ring: OpenEventRing): boolean {
  const lock = new Lock(ring.words, LOCK_WORD);
  // Only what was skipped is not to be looked up without it.
  if (ring.skips > 0 && !lock.tryAcquire()) return true;
  const claimed = new Cursor(ring.words, CLAIMED_WORD).loadFar();
  const end = new Cursor(ring.words, END_WORD).loadFar();
  const isOpen = new RecordStates(ring).endFrom(end, claimed) < claimed;
  if (ring.skips > 0) lock.release();
  return isOpen;
}
