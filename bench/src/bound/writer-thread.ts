/** Writing thread of a bound: follows the tickets and reads their blocks. Counterpart: `index.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  BLOCK_HEADER_WORDS,
  BLOCK_WORDS,
  BLOCKS,
  type BoundLane,
  type BoundRound,
  type BoundShared,
  END_OF_TICKET,
  FIRST_OWNER,
  HEAD,
  SLEEP,
  TAIL,
  ticketCount,
} from './memory.ts';
import { answer, reset, write } from './user-writer.ts';

export interface BoundWriterData {
  readonly lanes: readonly BoundLane[];
  readonly shared: BoundShared;
}

/** The writer looks again after so long, since whoever takes a ticket wakes nobody. */
const LOOK_MS = 5;
/** A release costs a store that the other core waits for. */
const RELEASE_MASK = 3;

export class BoundBatch {
  readonly items: Int32Array;
  begin: number;
  length: number;
  runs: number;
  index: number;

  constructor(items: Int32Array) {
    this.items = items;
    this.begin = 0;
    this.length = 0;
    this.runs = 0;
    this.index = 0;
  }

  sequenceAt(run: number): number {
    return this.items[this.index + 2 * run];
  }

  lengthAt(run: number): number {
    return this.items[this.index + 2 * run + 1];
  }
}

const data = workerData as BoundWriterData;
const { log, wake } = data.shared;
const lanes = data.lanes.map(({ ctl, items }) => ({ ctl, items, batch: new BoundBatch(items), head: 0, tail: 0 }));

function waitFor(ready: () => boolean): void {
  for (;;) {
    if (ready()) return;
    Atomics.store(wake, 0, 1);
    if (ready()) {
      Atomics.store(wake, 0, 0);
      return;
    }
    Atomics.wait(wake, 0, 1, LOOK_MS);
  }
}

parentPort!.on('message', (round: BoundRound) => {
  reset();
  const tickets = ticketCount(round);
  for (let ticket = 0; ticket < tickets; ticket++) {
    waitFor(() => Atomics.load(log, FIRST_OWNER + ticket) !== 0);
    const lane = lanes[log[FIRST_OWNER + ticket] - 1];
    log[FIRST_OWNER + ticket] = 0;
    for (let done = false; !done; ) {
      if (lane.head === lane.tail) {
        waitFor(() => {
          lane.tail = Atomics.load(lane.ctl, TAIL);
          return lane.tail !== lane.head;
        });
      }
      const base = (lane.head % BLOCKS) * BLOCK_WORDS;
      const { batch, items } = lane;
      const length = items[base];
      let runs = items[base + 1];
      batch.begin = base + BLOCK_HEADER_WORDS;
      batch.length = length;
      batch.index = base + BLOCK_HEADER_WORDS + length;
      if (items[batch.index + 2 * (runs - 1)] === END_OF_TICKET) {
        runs--;
        done = true;
      }
      batch.runs = runs;
      if (runs > 0) write(batch);
      lane.head++;
      if ((lane.head & RELEASE_MASK) === 0 || lane.head === lane.tail) release(lane);
    }
  }
  parentPort!.postMessage(answer());
});

function release({ ctl, head }: (typeof lanes)[number]): void {
  Atomics.store(ctl, HEAD, head);
  if (Atomics.load(ctl, SLEEP) === 1 && ((head - Atomics.load(ctl, SLEEP + 1)) | 0) >= 0) {
    Atomics.store(ctl, SLEEP, 0);
    Atomics.notify(ctl, SLEEP, 1);
  }
}

parentPort!.postMessage('ready');
