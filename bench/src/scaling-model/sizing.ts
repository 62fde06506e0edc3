/**
 * The rules by which the coordinator cuts tickets, restated: `order/ticket-sizing.ts` of millrace is not public.
 * `test/scaling-model.test.ts` holds the two together.
 */

/** What the coordinator knows when it cuts a ticket. */
export interface Load {
  readonly backlog: number;
  readonly processors: number;
  readonly msPerSequence: number | undefined;
  readonly bytesPerSequence: number;
  readonly laneBytes: number;
  readonly ticketMs: number;
  readonly msPerBatch: number;
}

const MOST_MS = 100;
const MAX_TICKET = 2 ** 18;
const FIRST_TICKET = 4;
const LANE_PART = 8;
const LEAST_MS = 0.05;
const MOST_AWAITED = 4;

export function ticketLength({
  backlog,
  processors,
  msPerSequence,
  bytesPerSequence,
  laneBytes,
  ticketMs,
  msPerBatch,
}: Load): number {
  const msEach = msPerSequence === undefined ? undefined : Math.max(msPerSequence, 1e-6);
  const least = msEach === undefined ? 1 : LEAST_MS / msEach;
  const work = Math.max(ticketMs, Math.min(processors * msPerBatch, MOST_MS));
  const byCost = msEach === undefined ? FIRST_TICKET : work / msEach;
  const byOutput = bytesPerSequence > 0 ? laneBytes / LANE_PART / bytesPerSequence : MAX_TICKET;
  const byShare = Math.min(Math.max(backlog / (2 * processors), least), Math.max(backlog, MOST_AWAITED));
  return Math.max(1, Math.min(Math.floor(Math.min(byCost, byOutput, byShare)), MAX_TICKET));
}

export function ticketsAhead(load: Load, length: number, horizonMs: number, most: number): number {
  const least = 2 * load.processors + 2;
  if (load.msPerSequence === undefined) return Math.min(least, most);
  const computingMs = Math.max(length * load.msPerSequence, 1e-3) / load.processors;
  return Math.min(Math.max(least, Math.ceil(horizonMs / Math.max(computingMs, load.msPerBatch))), most);
}
