import { Cursor, extend } from 'native-free-rings';
import { load } from '#atomics';
import {
  ARRIVED,
  BEGIN,
  CLAIM,
  claimantOf,
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

/** `owner` of a ticket that no processor has taken yet. */
export const NOBODY = -1;

/**
 * Reads the ticket log in order: the writer to know which lane comes next, producers to know whom an event wakes, the main
 * thread to say who holds the line.
 */
export class TicketFollower {
  /** The current ticket: its index, its sequences (half-open) and the processor that has it. */
  index = 0;
  begin: number;
  end: number;
  owner: number = NOBODY;
  arrived = false;

  private readonly log: OpenTicketLog;
  private readonly issued: Cursor;
  private readonly drained: Cursor;

  constructor(handle: TicketLogHandle) {
    this.log = openTicketLog(handle);
    this.issued = new Cursor(this.log.words, ISSUED_WORD);
    this.drained = new Cursor(this.log.words, DRAINED_WORD);
    this.begin = this.log.start;
    this.end = this.log.start;
  }

  /** Entries of the log. */
  get capacity(): number {
    return this.log.capacity;
  }

  /**
   * Looks at ticket `this.index`. False when it was not issued yet. Where the log has moved on past it, the first ticket
   * that is still there takes its place. `near` is a sequence less than 2^31 from the ticket's, by default the end of the
   * ticket looked at before.
   */
  look(near: number = this.end): boolean {
    const { words } = this.log;
    for (;;) {
      if (this.index >= this.issued.peek() && this.index >= this.issued.loadFar()) return false;
      const entry = entryWord(this.log, this.index);
      const lap = lapOf(this.log, this.index);
      const begin = load(words, entry + BEGIN);
      const length = load(words, entry + LENGTH);
      const flags = load(words, entry + FLAGS);
      // When an entry is filled again its claim word changes first and last: still of this lap, so were the words before it.
      const word = load(words, entry + CLAIM);
      if (!isOfLap(word, lap)) {
        this.index = Math.max(this.index + 1, this.drained.loadFar());
        continue;
      }
      this.begin = extend(near, begin);
      this.end = this.begin + length;
      this.arrived = (flags & ARRIVED) !== 0;
      this.owner = claimantOf(word) === FREE ? NOBODY : claimantOf(word) - 1;
      return true;
    }
  }
}
