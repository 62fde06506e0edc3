/** Stores of the user's, in a model: what they have committed outlives their writer. */
import { load, store as put, type Words } from '#atomics';
import { type DestinationParts, START } from './flow.ts';
import { append, COUNT, ITEMS } from './succession.ts';

export interface Written {
  readonly sequence: number;
  readonly first: number;
  readonly length: number;
  readonly items: readonly unknown[];
}

/** A store that says nothing of where it stands: what was written is there when it was committed. */
export const inCommits =
  (options: Partial<DestinationParts> = {}) =>
  (store: Words): DestinationParts & { written: Written[] } => ({
    written: [],
    ...options,
    write(batch) {
      const { sequence, first, length } = batch;
      this.written.push({ sequence, first, length, items: batch.toArray() });
    },
    commit() {
      for (const { items, ...batch } of this.written.splice(0)) append(store, { ...batch, at: (i) => items[i] });
    },
  });

/** A store that knows where it stands: by one step it has what was written, and says of how many sequences that is all. */
const DONE = 32;
export const knowing =
  (options: Partial<DestinationParts> = {}) =>
  (store: Words): DestinationParts & { written: number[] } => {
    const commits = load(store, DONE);
    const at = DONE + 3 * commits;
    return {
      stands: { sequence: START + (commits === 0 ? 0 : store[at - 2]!), items: commits === 0 ? 0 : store[at - 1]! },
      written: [],
      ...options,
      write(batch) {
        for (let i = 0; i < batch.length; i++) this.written.push(batch.at(i) as number);
      },
      commit({ sequence, items }) {
        const done = load(store, DONE);
        let count = done === 0 ? 0 : store[DONE + 3 * done]!;
        for (const item of this.written.splice(0)) store[ITEMS + count++] = item;
        store[DONE + 3 * done + 1] = sequence - START;
        store[DONE + 3 * done + 2] = items;
        store[DONE + 3 * done + 3] = count;
        store[COUNT] = count;
        put(store, DONE, done + 1);
      },
    };
  };
