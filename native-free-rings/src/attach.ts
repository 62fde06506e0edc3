import { compareExchange, type Words } from '#atomics';
import { RingError } from './errors.ts';

/**
 * Takes a role that exactly one thread may have (I7: one writer per word), for good. A thread which replaces a dead one
 * says `takeOver`.
 */
export function attachOnce(words: Words, index: number, role: string, takeOver = false): void {
  if (compareExchange(words, index, 0, 1) !== 0 && !takeOver) {
    throw new RingError('ALREADY_ATTACHED', `there is a ${role} already; pass takeOver only when its thread has ended`);
  }
}
