/** Ordered and bounded for free, on one thread: an async generator that yields the items of each event that has any. */
import { type OrderedContender, timed } from '../harness/contender.ts';
import { type Kernel, kernelOf } from '../workloads/kernel.ts';
import { type Answer, fold } from '../workloads/w1.ts';

interface Output {
  readonly seq: number;
  readonly values: Int32Array;
}

/** An event with more items than this is yielded in pieces, so that a huge one is never held whole. */
const PIECE_ITEMS = 16_384;

async function* process(events: Iterable<number>, kernel: Kernel): AsyncGenerator<Output> {
  for (const seq of events) {
    const count = kernel.open(seq);
    for (let from = 0; from < count; from += PIECE_ITEMS) {
      const to = Math.min(count, from + PIECE_ITEMS);
      const values = new Int32Array(to - from);
      kernel.fill(values, 0, from, to);
      yield { seq, values };
    }
  }
}

function* source(events: number): Generator<number> {
  for (let seq = 0; seq < events; seq++) yield seq;
}

async function consume(outputs: AsyncIterable<Output>): Promise<Answer> {
  let checksum = 0;
  let items = 0;
  for await (const { seq, values } of outputs) {
    for (let j = 0; j < values.length; j++) checksum = fold(checksum, seq, values[j]);
    items += values.length;
  }
  return { checksum: checksum >>> 0, items };
}

export const contender: OrderedContender = {
  name: 'async-generator',
  start: async () => ({
    round: ({ work, events }) => timed(() => consume(process(source(events), kernelOf(work)))),
    stop: async () => {},
  }),
};
