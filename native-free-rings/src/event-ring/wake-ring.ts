import { EventCount } from '../eventcount.ts';
import {
  type EventRingHandle,
  openEventRing,
  PRODUCER_SLEEP,
  producerLine,
  READER_SLEEP,
  readerLine,
} from './event-ring-descriptor.ts';

/** Wakes every thread that sleeps on a ring, so that it looks at its `stopped`. */
export function wakeRing(handle: EventRingHandle): void {
  const { words, readers, producers } = openEventRing(handle);
  for (let i = 0; i < readers; i++) new EventCount(words, readerLine(i) + READER_SLEEP).wakeAny();
  for (let i = 0; i < producers; i++) new EventCount(words, producerLine(readers, i) + PRODUCER_SLEEP).wakeAny();
}
