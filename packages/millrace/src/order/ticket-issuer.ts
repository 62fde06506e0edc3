import { Cursor, extend } from 'native-free-rings';
import { load, store } from '#atomics';
import {
  ACKED_WORD,
  BEGIN,
  BEING_FILLED,
  CLAIM,
  claimantOf,
  claimWord,
  DRAINED_WORD,
  entryWord,
  FLAGS,
  FREE,
  ISSUED_WORD,
  LENGTH,
  lapOf,
  MAX_TICKET,
  type OpenTicketLog,
  openTicketLog,
  type TicketLogHandle,
} from './ticket-log-descriptor.ts';

/**
 * The coordinator's half of the ticket log: cuts the sequences into tickets, in order, without gaps. It keeps nothing that is
 * not in the log, so whoever attaches to a log goes on where the coordinator before it ended; what that one had not published
 * is cut again.
 */
export class TicketIssuer {
  private readonly log: OpenTicketLog;
  private readonly issued: Cursor;
  private readonly drained: Cursor;
  /** First sequence that no ticket covers yet. */
  private cut: number;
  private unpublished = 0;
  private taken = 0;

  constructor(handle: TicketLogHandle) {
    this.log = openTicketLog(handle);
    this.issued = new Cursor(this.log.words, ISSUED_WORD);
    this.drained = new Cursor(this.log.words, DRAINED_WORD);
    this.cut = this.loadCut();
    this.taken = this.drained.peek();
  }

  private loadCut(): number {
    const { words, start } = this.log;
    const issued = this.issued.peek();
    if (issued === 0) return start;
    const last = entryWord(this.log, issued - 1);
    return extend(new Cursor(words, ACKED_WORD).peek(), load(words, last + BEGIN)) + load(words, last + LENGTH);
  }

  /** Entries of the log. */
  get capacity(): number {
    return this.log.capacity;
  }

  /** Index of the first ticket that no processor has taken. Taken tickets are a prefix of the issued ones. */
  loadTaken(): number {
    const issued = this.issued.peek();
    while (this.taken < issued) {
      const word = load(this.log.words, entryWord(this.log, this.taken) + CLAIM);
      if (claimantOf(word) === FREE) break;
      this.taken++;
    }
    return this.taken;
  }

  peekCut(): number {
    return this.cut;
  }

  peekIssued(): number {
    return this.issued.peek();
  }

  /** Entries that may be filled now. */
  loadRoom(): number {
    return this.log.capacity - (this.issued.peek() - this.drained.load());
  }

  /** Tickets that the writer has drained, by the last look at its cursor. */
  peekDrained(): number {
    return this.drained.peek();
  }

  /** Index of the ticket that the writer must have drained before `loadRoom` reaches `tickets`. */
  wantedDrained(tickets: number): number {
    return this.issued.peek() + tickets - this.log.capacity;
  }

  /** Fills the next entry. Needs room. Seen by nobody before `publish`. */
  issue(length: number, flags: number): void {
    if (!(length >= 1 && length <= MAX_TICKET)) throw new RangeError(`a ticket of ${length} sequences`);
    const { words } = this.log;
    const index = this.issued.peek() + this.unpublished;
    const entry = entryWord(this.log, index);
    const lap = lapOf(this.log, index);
    // First the new lap: a follower that still reads the old ticket must not take the new words for it.
    store(words, entry + CLAIM, claimWord(lap, BEING_FILLED));
    store(words, entry + BEGIN, this.cut | 0);
    store(words, entry + LENGTH, length);
    store(words, entry + FLAGS, flags);
    store(words, entry + CLAIM, claimWord(lap, FREE));
    this.cut += length;
    this.unpublished++;
  }

  /** Lets the followers see the tickets issued since the last call. Returns how many. */
  publish(): number {
    const count = this.unpublished;
    this.unpublished = 0;
    if (count > 0) this.issued.publish(this.issued.peek() + count);
    return count;
  }
}
