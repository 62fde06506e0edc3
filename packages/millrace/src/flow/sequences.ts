import { MillraceError } from '../thread/errors.ts';

/** A source of bare sequences. */
export interface SequencesSpec {
  readonly kind: 'sequences';
  /** How many there are; undefined: `flow.advance(n)` hands them out. */
  readonly count: number | undefined;
}

/**
 * A source of bare sequences, from the flow's `startAt` on: nothing is copied. A processor looks its event up in shared
 * memory which it got as `data`, or derives it from the number.
 *
 * With `count`, they are all there from the start and the flow ends by itself after the last one. Without, they arrive as
 * `flow.advance(n)` hands them out, typically after their entries in the shared memory were filled.
 */
export function sequences(count?: number): SequencesSpec {
  if (count !== undefined && (!Number.isSafeInteger(count) || count < 0)) {
    throw new MillraceError(
      'BAD_OPTIONS',
      `sequences(${String(count)}); give how many there are, an integer from 0 to 2^53 - 1`,
    );
  }
  return { kind: 'sequences', count };
}

/** Where a source that goes on may begin at the latest. */
const MOST_START = 2 ** 52;

/** What is wrong with a flow that begins at `startAt`; `count` undefined: nobody knows how many sequences there will be. */
export function startFault(startAt: number, count: number | undefined): string | undefined {
  const left = Number.MAX_SAFE_INTEGER - startAt;
  if (count !== undefined) {
    const end = startAt + count;
    return count > left ? `pipeline.startAt + sequences(n) is ${end}; at most 2^53 - 1: give fewer` : undefined;
  }
  if (startAt <= MOST_START) return undefined;
  return `pipeline.startAt is ${startAt}, which leaves ${left} sequences up to 2^53 - 1 for all events to come; at most 2^52`;
}
