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

  private readonly log: OpenTicketLog;
  private readonly issued: Cursor;
  private readonly drained: Cursor;
  private readonly acked: Cursor;
  private readonly claimant: number;
  private next = 0;

  constructor(handle: TicketLogHandle, processor: number) {
    this.log = openTicketLog(handle);
    this.issued = new Cursor(this.log.words, ISSUED_WORD);
    this.drained = new Cursor(this.log.words, DRAINED_WORD);
    this.acked = new Cursor(this.log.words, ACKED_WORD);
    this.claimant = processor + 1;
    this.end = this.log.start;
  }

  /** First index that this processor has not looked at: it wants tickets to be issued past it. */
  peekNext(): number {
    return this.next;
  }

  /** True when there may be a free ticket. */
  mayClaim(): boolean {
    return this.next < this.issued.load();
  }

  /** Takes the first free ticket. False when all that are issued are taken. */
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
      if (
        claimantOf(word) === FREE &&
        compareExchange(words, entry + CLAIM, word, claimWord(lap, this.claimant)) === word
      ) {
        this.take(entry);
        return true;
      }
      this.next++;
    }
  }

  /** The entry cannot be filled again before this processor has completed it, so its words stand still. */
  private take(entry: number): void {
    const { words } = this.log;
    this.index = this.next++;
    // Near the publish cursor, and not near this processor's last ticket: that may be more than 2^31 sequences ago.
    this.begin = extend(this.acked.loadFar(), load(words, entry + BEGIN));
    this.end = this.begin + load(words, entry + LENGTH);
    this.arrived = (load(words, entry + FLAGS) & ARRIVED) !== 0;
  }
}
