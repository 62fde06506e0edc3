import { MAX_TICKET } from './ticket-log-descriptor.ts';

/** What the coordinator knows when it cuts a ticket. */
export interface Load {
  /** Sequences that have arrived and that no ticket covers. Infinity for a source without end; below 0 where tickets are ahead of it. */
  backlog: number;
  processors: number;
  /** Measured mean cost of a sequence; undefined until the first ticket is done. */
  msPerSequence: number | undefined;
  /** Measured mean output of a sequence in lane bytes. */
  bytesPerSequence: number;
  laneBytes: number;
  /** Work that a ticket should hold under backlog. */
  ticketMs: number;
  /** Measured mean of what the writer takes for a batch, whatever it holds; undefined until it has drained a ticket. */
  msPerBatch: number | undefined;
}

/** Work of a ticket at most, however slow the writer is. */
const MOST_MS = 100;
/** Sequences of a ticket while costs are not known: small enough for events of 100 ms, and soon replaced. */
const FIRST_TICKET = 4;
/** A ticket's output should fit into this part of a lane, so that its processor does not wait for the head to finish it. */
const LANE_PART = 8;
/** Work that another processor could take over in no less time: to wake its thread takes about as long. */
const LEAST_MS = 0.05;
/** Events that have not arrived, of one ticket: so many, and this part of how far ahead they are. Hot path rule 6. */
const MOST_AWAITED = 4;
const AHEAD_PART = 16;

/**
 * How many sequences the next ticket covers (docs/decisions/0004, 0010 and 0018).
 *
 * Under backlog, about `ticketMs` of work. A batch ends where a ticket does, so for a slow writer it is as much as all processors
 * do while it takes one batch (docs/decisions/0013). But no more output than an eighth of a lane, and no more than an even share of
 * what is left (the guided self-scheduling of Polychronopoulos and Kuck, 1987), so that all processors finish together.
 * Without backlog, one event, or a few where they are much quicker than a wake-up; more of those that are far ahead. Each idle
 * processor holds the ticket for the next ones and sleeps until they arrive.
 */
export function ticketLength(load: Load): number {
  const { backlog, processors, msPerSequence, bytesPerSequence, laneBytes, ticketMs, msPerBatch = 0 } = load;
  const msEach = msPerSequence === undefined ? undefined : Math.max(msPerSequence, 1e-6);
  const least = msEach === undefined ? 1 : LEAST_MS / msEach;
  const work = Math.max(ticketMs, Math.min(processors * msPerBatch, MOST_MS));
  const byCost = msEach === undefined ? FIRST_TICKET : work / msEach;
  const byOutput = bytesPerSequence > 0 ? laneBytes / LANE_PART / bytesPerSequence : MAX_TICKET;
  const share = Math.max(backlog / (2 * processors), least);
  const byShare = Math.min(share, Math.max(backlog, MOST_AWAITED, -backlog / AHEAD_PART));
  return Math.max(1, Math.min(Math.floor(Math.min(byCost, byOutput, byShare)), MAX_TICKET));
}

/**
 * How many tickets should be free for the processors to take: enough that the coordinator, which needs a wake-up to cut
 * more, is woken once in `horizonMs` and not for each ticket. Few while costs are not known. A slow writer ends no more tickets
 * than it takes batches: with more of them ahead, whatever arrives while the source is full would find short ones, and the writer
 * would get nothing but these.
 */
export function ticketsAhead(load: Load, length: number, horizonMs: number, most: number): number {
  const least = 2 * load.processors + 2;
  if (load.msPerSequence === undefined || load.msPerBatch === undefined) return Math.min(least, most);
  const computingMs = Math.max(length * load.msPerSequence, 1e-3) / load.processors;
  return Math.min(Math.max(least, Math.ceil(horizonMs / Math.max(computingMs, load.msPerBatch))), most);
}
