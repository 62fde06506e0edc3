/**
 * The memory of the bound (`index.ts`). A lane is `BLOCKS` blocks of `BLOCK_WORDS` words, written and read one after the other.
 *
 *   block   0 items | 1 runs | 2, 3 unused | items … | runs: sequence, number of items …
 *           the last run of a ticket has the sequence `END_OF_TICKET` and no item
 *   ctl     TAIL   blocks written since the lane was made; owner: the processor, reader: the writer
 *           HEAD   blocks read since then; owner: the writer, reader: the processor
 *           SLEEP  1 while the processor sleeps for room; the next word says for which HEAD
 *   log     NEXT_TICKET, which processors count up; from FIRST_OWNER on, for each ticket: its processor's number and 1, until the writer read it
 *   wake    1 while the writer sleeps
 */
export const BLOCK_WORDS = 16_384;
export const BLOCKS = 16;
export const BLOCK_HEADER_WORDS = 4;
export const END_OF_TICKET = -1;

export const TAIL = 0;
export const HEAD = 32;
export const SLEEP = 64;
const CTL_WORDS = 256;

export const NEXT_TICKET = 0;
export const FIRST_OWNER = 64;
const MOST_TICKETS = 1_000_000;

const WAKE_WORDS = 16;

type Words = Int32Array<SharedArrayBuffer>;

export interface BoundLane {
  readonly ctl: Words;
  readonly items: Words;
}

/** What the threads of a bound share besides lanes. */
export interface BoundShared {
  readonly log: Words;
  readonly wake: Words;
}

/** What each thread is told when a round begins. */
export interface BoundRound {
  readonly events: number;
  readonly K: number;
  readonly ticketEvents: number;
}

const words = (count: number): Words => new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));

export const boundLane = (): BoundLane => ({ ctl: words(CTL_WORDS), items: words(BLOCKS * BLOCK_WORDS) });

export const boundShared = (): BoundShared => ({ log: words(FIRST_OWNER + MOST_TICKETS), wake: words(WAKE_WORDS) });

export function ticketCount({ events, ticketEvents }: BoundRound): number {
  const tickets = Math.ceil(events / ticketEvents);
  if (tickets > MOST_TICKETS) throw new RangeError(`${tickets} tickets; the log of a bound holds ${MOST_TICKETS}`);
  return tickets;
}
