import { Cursor, extend } from 'native-free-rings';
import { compareExchange, load } from '#atomics';
import {
  ACKED_WORD,
  ARRIVED,
  BEGIN,
  CLAIM,
  claimantOf,
  claimWord,
  DRAINED_WORD,
  entryWord,
  FLAGS,
  FREE,
  ISSUED_WORD,
  isOfLap,
  LENGTH,
  lapOf,
  type OpenTicketLog,
  openTicketLog,
  type TicketLogHandle,
} from './ticket-log-descriptor.ts';

/**
 * A processor's half of the ticket log: takes the first ticket that nobody has. So a ticket goes to the processor that is
 * free first, without a message and without anybody predicting who that will be, and each processor's tickets grow (I2).
 */
export class TicketClaimer {
  /** The ticket held: its index in the log and its sequences, half-open. */
  index = -1;
  begin = 0;
  end = 0;
  /** Every event of the ticket was there when it was issued. */
  arrived = false;
  /** The thread before this one had taken the ticket. */
  takenBack = false;

  private readonly log: OpenTicketLog;
  private readonly issued: Cursor;
  private readonly drained: Cursor;
  private readonly acked: Cursor;
  private readonly claimant: number;
  private next = 0;
  /** A successor: everything below is done by the thread before it. */
  private from = 0;

  constructor(handle: TicketLogHandle, processor: number) {
    this.log = openTicketLog(handle);
    this.issued = new Cursor(this.log.words, ISSUED_WORD);
    this.drained = new Cursor(this.log.words, DRAINED_WORD);
    this.acked = new Cursor(this.log.words, ACKED_WORD);
    this.claimant = processor + 1;
    this.end = this.log.start;
  }

  /** A successor, before its first claim: takes back the tickets of the thread before it from sequence `from` on. */
  resume(from: number): void {
    this.from = from;
    this.next = this.drained.loadFar();
  }

  /** First index that this processor has not looked at: it wants tickets to be issued past it. */
  peekNext(): number {
    return this.next;
  }

  /** True when there may be a free ticket. */
  mayClaim(): boolean {
    return this.next < this.issued.load();
  }

  /** True when the destination has acknowledged everything up to and with `sequence`. */
  isPublished(sequence: number): boolean {
    return this.acked.loadFar() > sequence;
  }

  /** Takes the first ticket that is free, or its own from before. False when all that are issued are taken. */
  tryClaim(): boolean {
    const { words } = this.log;
    for (;;) {
      if (this.next >= this.issued.peek() && this.next >= this.issued.load()) return false;
      const entry = entryWord(this.log, this.next);
      const lap = lapOf(this.log, this.next);
      const word = load(words, entry + CLAIM);
      if (!isOfLap(word, lap)) {
        // The writer drained that ticket, and the entry serves a later one: this processor was busy for a whole lap.
        this.next = Math.max(this.next + 1, this.drained.load());
        continue;
      }
      const claimant = claimantOf(word);
      if (claimant === FREE && compareExchange(words, entry + CLAIM, word, claimWord(lap, this.claimant)) === word) {
        this.read(entry);
        this.takenBack = false;
        this.index = this.next++;
        return true;
      }
      if (claimant === this.claimant && this.takeBack(entry, word)) return true;
      this.next++;
    }
  }

  /** The entry of a ticket that is taken cannot be filled again before it is drained, so its words stand still. */
  private read(entry: number): void {
    const { words } = this.log;
    // Near the publish cursor, and not near this processor's last ticket: that may be more than 2^31 sequences ago.
    this.begin = extend(this.acked.loadFar(), load(words, entry + BEGIN));
    this.end = this.begin + load(words, entry + LENGTH);
    this.arrived = (load(words, entry + FLAGS) & ARRIVED) !== 0;
  }

  /** A ticket of the thread before, unless that thread had done all of it: then it may even be drained meanwhile. */
  private takeBack(entry: number, word: number): boolean {
    this.read(entry);
    if (load(this.log.words, entry + CLAIM) !== word || this.end <= this.from) {
      this.end = this.begin;
      return false;
    }
    this.begin = Math.max(this.begin, this.from);
    this.takenBack = true;
    this.index = this.next++;
    return true;
  }
}
