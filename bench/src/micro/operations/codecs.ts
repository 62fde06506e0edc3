/** A struct of a trading application, written and read through its codec. */
import { f64, struct, u32 } from '@millrace/codec';
import { Memory } from 'native-free-rings';
import { type Operation, sumBelow } from './operation.ts';

const Tick = struct({ symbol: u32, price: f64, size: u32, at: f64 });

const RECORDS = 256;

const newMemory = (): Memory => new Memory(new SharedArrayBuffer(RECORDS * Tick.size));
const offsetOf = (i: number): number => (i & (RECORDS - 1)) * Tick.size;

function structWrite(): Operation {
  const memory = newMemory();
  const tick = { symbol: 0, price: 101.25, size: 100, at: 0.5 };
  return {
    name: 'struct-write',
    run(count) {
      for (let i = 0; i < count; i++) {
        tick.symbol = i;
        Tick.write(memory, offsetOf(i), tick);
      }
      return Tick.read(memory, offsetOf(count - 1)).symbol;
    },
    expected: (count) => count - 1,
  };
}

/** Every record holds its index, so the sums repeat with the records. */
function filledMemory(): Memory {
  const memory = newMemory();
  for (let i = 0; i < RECORDS; i++) Tick.write(memory, offsetOf(i), { symbol: i, price: 1, size: 1, at: 1 });
  return memory;
}

const sumOfIndexes = (count: number): number =>
  Math.floor(count / RECORDS) * sumBelow(RECORDS) + sumBelow(count % RECORDS);

function structRead(): Operation {
  const memory = filledMemory();
  return {
    name: 'struct-read',
    run(count) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += Tick.read(memory, offsetOf(i)).symbol;
      return sum;
    },
    expected: sumOfIndexes,
  };
}

function structView(): Operation {
  const view = Tick.view(filledMemory());
  return {
    name: 'struct-view',
    run(count) {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += view.moveTo(offsetOf(i)).symbol;
      return sum;
    },
    expected: sumOfIndexes,
  };
}

export const codecOperations: readonly (() => Operation)[] = [structWrite, structRead, structView];
