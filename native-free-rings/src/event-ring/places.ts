import { compareExchange, load, store } from '#atomics';
import { RingError } from '../errors.ts';
import { EventCount } from '../eventcount.ts';
import { expectInteger } from '../layout.ts';
import { SharedCursor } from '../shared-cursor.ts';
import {
  CLOSED_WORD,
  END_WORD,
  type EventRingHandle,
  INTENT_COUNT,
  MAX_OWNER,
  type OpenEventRing,
  ORPHANS_WORD,
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
  READER_SLEEP,
  READER_TASK,
  readerLine,
} from './event-ring-descriptor.ts';
import { SharedEnd } from './shared-claims.ts';

/** A number by which threads are told apart. */
export function expectOwner(owner: number): number {
  expectInteger('owner', owner, 0, MAX_OWNER);
  return owner;
}

/** The line of a producer place that was free; `takeOver`: of the only one, whose thread has ended. */
export function takeProducerLine(
  { words, readers, producers }: OpenEventRing,
  takeOver: boolean,
  { owner = 0, task = 0 }: PlaceOwner,
): number {
  const taken = placeWord(expectOwner(owner), PRODUCER_TAKEN);
  if (takeOver) {
    const line = producerLine(readers, 0);
    store(words, line + PRODUCER_TASK, task);
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

const ROLES: readonly string[] = ['reader', 'producer'];

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
 * Frees the place of a thread that has ended: a reader no longer gates the producers; what a producer of a shared ring had
 * claimed and not settled is void. Who waited for either is woken. Call it again where whoever called it may have died meanwhile.
 */
export function freePlace(handle: EventRingHandle, { role, index, owner, task: ended }: TakenPlace): void {
  const ring = openEventRing(handle);
  if (!ROLES.includes(role)) throw new RingError('BAD_OPTION', `role is ${String(role)}; give 'reader' or 'producer'`);
  expectInteger('index', index, 0, (role === 'reader' ? ring.readers : ring.producers) - 1);
  const { words } = ring;
  const { attached, task } = wordsOf(ring, role, index);
  const seen = load(words, attached);
  const isTaken = placeOwner(seen) === owner;
  // Before the place is free: nobody finds the next owner beside the task of this one. It may be another's by now.
  if (isTaken && ended !== 0) compareExchange(words, task, ended, 0);
  if (role === 'reader') {
    if (isTaken) compareExchange(words, attached, seen, READER_FREE);
    for (let i = 0; i < ring.producers; i++) {
      new EventCount(words, producerLine(ring.readers, i) + PRODUCER_SLEEP).wakeAny();
    }
    return;
  }
  if (isTaken) {
    // First: once the place is free, nobody looks at what stands in it.
    if (load(words, producerLine(ring.readers, index) + INTENT_COUNT) > 0) store(words, ORPHANS_WORD, 1);
    compareExchange(words, attached, seen, PRODUCER_FREE);
  }
  if (ring.shared) showSettled(ring);
}

/** It may have died between settling, moving the end and waking. */
function showSettled(ring: OpenEventRing): void {
  new SharedEnd(ring, new SharedCursor(ring.words, END_WORD)).advance();
  for (let i = 0; i < ring.readers; i++) new EventCount(ring.words, readerLine(i) + READER_SLEEP).wakeAny();
}

/** Readers that are attached. */
export function countReaders(handle: EventRingHandle): number {
  const { words, readers } = openEventRing(handle);
  return Array.from({ length: readers }, (_, i) => load(words, readerLine(i) + READER_ATTACHED)).filter(
    (word) => word !== 0,
  ).length;
}

/**
 * The number of the thread of the producer for whose open claim the records of others wait, or the end of a closed ring; 0: of
 * none, or of one that did not tell its number.
 */
export function loadClaimant(handle: EventRingHandle): number {
  const ring = openEventRing(handle);
  if (!ring.shared) return 0;
  const cursor = new SharedCursor(ring.words, END_WORD);
  const shared = new SharedEnd(ring, cursor);
  const [end, claimed] = [cursor.peek(), shared.claimed.peek()];
  if (claimed <= end) return 0;
  // The end of a ring that is closed waits for the last claim, too.
  return placeOwner(shared.claimant(end, load(ring.words, CLOSED_WORD) === 1 ? undefined : claimed));
}

function wordsOf({ readers }: OpenEventRing, role: TakenPlace['role'], index: number) {
  if (role === 'reader')
    return { attached: readerLine(index) + READER_ATTACHED, task: readerLine(index) + READER_TASK };
  const line = producerLine(readers, index);
  return { attached: line + PRODUCER_ATTACHED, task: line + PRODUCER_TASK };
}
