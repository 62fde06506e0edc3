import { load, type Words } from '#atomics';
import { distance } from '../cursor.ts';
import { GATE, placeState, READER_ATTACHED, READER_GATING, readerLine } from './event-ring-descriptor.ts';

/**
 * How many records the slowest attached reader is behind `sequence`; 0 when all have passed it, -1 when no reader is
 * attached. One atomic load for each reader line, one more for each attached reader.
 */
export function slowestBehind(words: Words, readers: number, sequence: number): number {
  let most = -1;
  for (let i = 0; i < readers; i++) {
    const line = readerLine(i);
    if (placeState(load(words, line + READER_ATTACHED)) !== READER_GATING) continue;
    most = Math.max(most, 0, distance(sequence | 0, load(words, line + GATE)));
  }
  return most;
}
