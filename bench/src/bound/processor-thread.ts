/** Computing thread of a bound. Counterpart: `index.ts`. */
import { parentPort, workerData } from 'node:worker_threads';
import { type BoundLane, type BoundRound, type BoundShared, FIRST_OWNER, NEXT_TICKET, ticketCount } from './memory.ts';
import { BoundOutput } from './output.ts';
import { type BoundMode, MODES } from './user-processor.ts';

export interface BoundProcessorData {
  readonly lane: BoundLane;
  readonly shared: BoundShared;
  readonly thread: number;
  readonly mode: BoundMode;
}

const { lane, shared, thread, mode } = workerData as BoundProcessorData;
const { log } = shared;
const process = MODES[mode];
const out = new BoundOutput(lane, shared.wake);
out.open();

function run(begin: number, end: number, K: number): void {
  for (let seq = begin; seq < end; seq++) {
    out.sequence = seq;
    process(seq, out, K);
    if (out.at !== out.begin) out.endRun();
  }
}

parentPort!.on('message', (round: BoundRound) => {
  const { events, K, ticketEvents } = round;
  const tickets = ticketCount(round);
  for (;;) {
    const ticket = Atomics.add(log, NEXT_TICKET, 1);
    if (ticket >= tickets) break;
    const begin = ticket * ticketEvents;
    Atomics.store(log, FIRST_OWNER + ticket, thread + 1);
    run(begin, Math.min(events, begin + ticketEvents), K);
    out.endTicket();
  }
  parentPort!.postMessage('done');
});
parentPort!.postMessage('ready');
