/**
 * The ticket log: which processor computes which sequences, in order. Everybody who needs the order follows it.
 *
 *   line 0  header; parameters: capacity in tickets (a power of two), processors, start of the sequences (two words)
 *   line 1  issued    owner: coordinator; readers: all. Ticket index below which the entries are filled. Its store
 *                     publishes them. Starts at 0.
 *   line 2  drained   owner: writer; readers: coordinator, producers. Ticket index below which everything is in the
 *                     destination; the coordinator may fill those entries again. Starts at 0.
 *   line 3  acked     owner: writer; readers: main, processors, producers. Sequence below which the destination
 *                     has acknowledged everything. This is the publish cursor (docs/decisions/0001).
 *   entries of four words:
 *           claim     lap << 8 | claimant; claimant 0: free, p + 1: processor p, 255: being filled. The coordinator stores "free", which
 *                     publishes the other three words; one processor makes it its own by compareExchange
 *                     (docs/decisions/0002: the ownership of this word passes on, it never has two owners)
 *           begin     first sequence, low 32 bits       owner: coordinator
 *           length    sequences, 1 to MAX_TICKET        owner: coordinator
 *           flags     ARRIVED: every event of the ticket was there when it was issued    owner: coordinator
 */

import {
  Cursor,
  createHandle,
  defineKind,
  expectBytes,
  type Handle,
  LINE_WORDS,
  openHandle,
  parameter,
  small,
  type Words,
} from 'native-free-rings';
import { viewI32 } from '#atomics';

export const ISSUED_WORD: number = LINE_WORDS;
export const DRAINED_WORD: number = 2 * LINE_WORDS;
export const ACKED_WORD: number = 3 * LINE_WORDS;
const ENTRIES_WORD = 4 * LINE_WORDS;

const ENTRY_WORDS = 4;
export const CLAIM = 0;
export const BEGIN = 1;
export const LENGTH = 2;
export const FLAGS = 3;

export const FREE = 0;
export const BEING_FILLED = 255;
export const ARRIVED = 1;

export const MAX_PROCESSORS = 254;
/** Sequences of one ticket at most. All tickets of a log together stay below 2^30, so that 32-bit words tell them apart. */
export const MAX_TICKET: number = 2 ** 18;
/** A slow commit may span half of them, and where processors keep up, a ticket has few sequences. */
const LOG_TICKETS = 2048;

const TICKET_LOG = defineKind('millrace.ticketLog');
export type TicketLogHandle = Handle<'millrace.ticketLog'>;

export interface OpenTicketLog {
  readonly words: Words;
  readonly capacity: number;
  readonly start: number;
}

export function createTicketLog(start: number, tickets: number = LOG_TICKETS): TicketLogHandle {
  const bytes = ENTRIES_WORD * 4 + tickets * ENTRY_WORDS * 4;
  const handle = createHandle(TICKET_LOG, bytes, [tickets, start | 0, Math.floor(start / 2 ** 32)]);
  const words = viewI32(handle.buffer);
  Cursor.init(words, ISSUED_WORD, 0);
  Cursor.init(words, DRAINED_WORD, 0);
  Cursor.init(words, ACKED_WORD, start);
  // Entries of a lap that never was, so that nobody takes a zeroed entry for ticket 0.
  for (let i = 0; i < tickets; i++) words[ENTRIES_WORD + i * ENTRY_WORDS + CLAIM] = claimWord(-1, FREE);
  return handle;
}

export function openTicketLog(handle: TicketLogHandle): OpenTicketLog {
  const words = openHandle(TICKET_LOG, handle);
  const capacity = parameter(words, 0);
  expectBytes(TICKET_LOG, words, ENTRIES_WORD * 4 + capacity * ENTRY_WORDS * 4);
  return { words, capacity, start: small((parameter(words, 1) >>> 0) + parameter(words, 2) * 2 ** 32) };
}

/** Word of the entry of ticket `index`. */
export const entryWord = (log: OpenTicketLog, index: number): number =>
  ENTRIES_WORD + (index & (log.capacity - 1)) * ENTRY_WORDS;

/** Which time the log is filled at ticket `index`. */
export const lapOf = (log: OpenTicketLog, index: number): number => Math.floor(index / log.capacity);

export const claimWord = (lap: number, claimant: number): number => (lap << 8) | claimant;
export const claimantOf = (word: number): number => word & 255;
/** True when `word` is the claim word of an entry of lap `lap`. */
export const isOfLap = (word: number, lap: number): boolean => word >> 8 === (lap << 8) >> 8;

/** The publish cursor: the destination has acknowledged everything below. */
export const ackedCursor = (handle: TicketLogHandle): Cursor => new Cursor(openTicketLog(handle).words, ACKED_WORD);
/** Tickets below are in the destination. */
export const drainedCursor = (handle: TicketLogHandle): Cursor => new Cursor(openTicketLog(handle).words, DRAINED_WORD);
