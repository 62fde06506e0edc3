/**
 * Three words that the threads of a flow share, so that one flow, whose sequences only grow, serves round after round: a round's
 * events are its sequences less the base.
 *
 *      0  base      owner: main, between rounds; readers: processors, writer
 *     32  checksum  owner: writer; main reads and clears it between rounds
 *     33  items     likewise
 *
 * What the writer changes for each batch lies two cache lines from what the processors read for each event.
 *
 * Plain reads and writes: between rounds the flow is settled, and its own cursors order the accesses.
 */
export const BASE = 0;
export const CHECKSUM = 32;
export const ITEMS = 33;

const WORDS = 34;

export const roundMemory = (): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(WORDS * Int32Array.BYTES_PER_ELEMENT));

/** A round begins whose first event is sequence `base` of the flow. */
export function beginRound(round: Int32Array, base: number): void {
  round[BASE] = base;
  round[CHECKSUM] = 0;
  round[ITEMS] = 0;
}

/** What `init` of processor and writer gets as `data`. */
export interface FlowData {
  readonly round: Int32Array<SharedArrayBuffer>;
  readonly K: number;
  readonly hugeItems: number;
}
