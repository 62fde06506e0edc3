/** Stores of the user's, in a model: what they have committed outlives their writer. */
import { load, store as put, type Words } from '#atomics';
import { expect } from './attached.ts';
import { type DestinationParts, START } from './flow.ts';
import { append, COUNT, ITEMS, itemsOf } from './succession.ts';

/** A store that says nothing of where it stands: what was written is there when it was committed. */
export const inCommits =
  (options: Partial<DestinationParts> = {}) =>
  (store: Words): DestinationParts & { written: number[] } => ({
    written: [],
    ...options,
    write(batch) {
      this.written.push(...itemsOf(batch));
    },
    commit() {
      append(store, this.written.splice(0));
    },
  });

/** A user's function without a memory: a batch is there when it returns. */
export const atOnce = (store: Words): DestinationParts => ({ write: (batch) => append(store, itemsOf(batch)) });

/** The same; output up to `batchBytes` has to come to it in one piece. */
export const uncut =
  (items: (sequence: number) => number, batchBytes = 16) =>
  (store: Words): DestinationParts => ({
    write(batch) {
      for (let run = 0; run < batch.runs; run++) {
        const sequence = batch.runSequence(run);
        const count = batch.runEnd(run) - batch.runBegin(run);
        const isWhole = batch.runFirst(run) === 0 && batch.runEnds(run) && count === items(sequence);
        expect(isWhole || 4 * items(sequence) > batchBytes, `${count} of ${items(sequence)} items of ${sequence}`);
      }
      append(store, itemsOf(batch));
    },
  });

/** A function that takes two items at a time, and so a part of a run. Its first two are granted by the flow's `credit`. */
export const onCredit = (
  parts: Partial<DestinationParts> & Pick<DestinationParts, 'write'>,
  ready: (n: number) => void,
): DestinationParts => ({
  ...parts,
  demand: 'credit',
  write(batch) {
    parts.write.call(this, batch);
    ready(2);
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
        this.written.push(...itemsOf(batch));
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
