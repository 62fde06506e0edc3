import { MillraceError } from '../thread/errors.ts';

/** A source of bare sequences. */
export interface SequencesSpec {
  readonly kind: 'sequences';
  readonly count: number;
}

/**
 * A source of bare sequences, from the flow's `startAt` on, `count` of them: nothing is copied and nothing has to arrive. A
 * processor looks its event up in shared memory which it got as `data`, or derives it from the number. The flow ends by
 * itself after the last one.
 */
export function sequences(count: number): SequencesSpec {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new MillraceError('BAD_OPTIONS', `sequences(${String(count)}); give how many there are, an integer from 0 to 2^53 - 1`);
  }
  return { kind: 'sequences', count };
}
