/** What the operations are made of: the floor under their times. */
import { type Operation, sumBelow } from './operation.ts';

const newWords = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

function plainStore(): Operation {
  const words = newWords();
  return {
    name: 'plain-store-and-load',
    run(count) {
      let sum = 0;
      for (let i = 0; i < count; i++) {
        words[0] = i;
        sum = (sum + words[0]) | 0;
      }
      return sum;
    },
    expected: sumBelow,
  };
}

function atomicStore(): Operation {
  const words = newWords();
  return {
    name: 'atomics-store',
    run(count) {
      for (let i = 0; i < count; i++) Atomics.store(words, 0, i);
      return words[0];
    },
    expected: (count) => count - 1,
  };
}

function atomicLoad(): Operation {
  const words = newWords().fill(1);
  return {
    name: 'atomics-load',
    run(count) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += Atomics.load(words, 0);
      return sum;
    },
    expected: (count) => count,
  };
}

export const atomicOperations: readonly (() => Operation)[] = [plainStore, atomicStore, atomicLoad];
