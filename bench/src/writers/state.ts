/**
 * What a writer module tells its main thread.
 *
 *   ITEMS    items that came; each has to be its own number: one item an event, in order
 *   WRONG    items that were something else
 *   CALLS    calls of `write` that were counted
 *   ENOUGH   1 when the writer has seen what it was to see
 *
 * Owner of all: the writer. `ENOUGH` is stored last, and by `Atomics`.
 */
export const ITEMS = 0;
const WRONG = 1;
export const CALLS = 2;
export const ENOUGH = 3;
const WORDS = 4;

type Words = Int32Array<SharedArrayBuffer>;

export const sharedWords = (count: number): Words =>
  new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));

export const writerState = (): Words => sharedWords(WORDS);

/** Counts a batch, and its items that are not the next ones. */
export function take(state: Int32Array, batch: { readonly length: number; at(index: number): number }): void {
  const first = state[ITEMS];
  for (let i = 0; i < batch.length; i++) if (batch.at(i) !== first + i) state[WRONG]++;
  state[ITEMS] = first + batch.length;
}

export function expectRight(state: Int32Array): void {
  if (state[WRONG] > 0)
    throw new Error(`${state[WRONG]} of ${state[ITEMS]} items came out of order, twice or not at all`);
}
