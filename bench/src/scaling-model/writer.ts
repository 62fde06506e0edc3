import type { Surroundings, Ticket } from './log.ts';
import type { Amount } from './workload.ts';

/** A smaller part of a ticket than this is not worth a look of its own. */
const LEAST_PART = 0.05;
const ANY = -1;
/** A batch has so many bytes at most. */
const BLOCK_BYTES = 64 * 1024;

/** Whom the writer wakes. Each answers whether it slept for that: the call then costs the writer. */
export interface Wakes {
  processorOnRoom(processor: number, bytes: number): boolean;
  coordinatorOnDrained(index: number): boolean;
}

/** Takes the lanes in ticket order, and sleeps when the one whose turn it is has nothing more. */
export class Writer {
  busyUs = 0;
  done = false;
  readonly #around: Surroundings;
  readonly #wakes: Wakes;
  /** Part of the current ticket that is written. */
  #written = 0;
  /** The processor whose items it sleeps for; undefined: awake. */
  #wanted: number | undefined;

  constructor(around: Surroundings, wakes: Wakes) {
    this.#around = around;
    this.#wakes = wakes;
  }

  start(): void {
    this.#look();
  }

  /** True when it slept for items of this processor. */
  wakesOnItems(processor: number): boolean {
    if (this.#wanted !== processor && this.#wanted !== ANY) return false;
    const { machine, costs } = this.#around;
    this.#wanted = undefined;
    machine.after(costs.wakeUs, () => this.#look());
    return true;
  }

  #look(): void {
    const { log, workload } = this.#around;
    const ticket = log.tickets[log.drained] as Ticket | undefined;
    if (ticket === undefined || ticket.owner < 0) {
      this.done = log.cut >= workload.events && log.drained === log.tickets.length;
      this.#wanted = ANY;
      return;
    }
    const part = this.#computed(ticket) - this.#written;
    if (ticket.complete || part >= LEAST_PART) this.#write(ticket, part);
    else this.#wanted = ticket.owner;
  }

  /** Part of the ticket that its processor has shown. */
  #computed({ complete, startedAt, amount }: Ticket): number {
    if (complete) return 1;
    return Number.isNaN(startedAt) ? 0 : Math.min(1, (this.#around.machine.virtual - startedAt) / amount.computeUs);
  }

  #write(ticket: Ticket, part: number): void {
    const { costs, log } = this.#around;
    const us = part * writeUs(ticket.amount, costs);
    log.deliveringUs += us;
    log.batches += Math.max(1, Math.ceil((part * ticket.amount.bytes) / BLOCK_BYTES));
    this.#work(us, () => {
      this.#written += part;
      const { owner, amount } = ticket;
      let callUs = this.#wakes.processorOnRoom(owner, part * amount.bytes) ? costs.wakeCallUs : 0;
      if (this.#written > 1 - 1e-9) callUs += costs.writerTicketUs + this.#endTicket();
      this.#work(callUs, () => this.#look());
    });
  }

  #endTicket(): number {
    const { log, costs } = this.#around;
    this.#written = 0;
    log.drained++;
    return this.#wakes.coordinatorOnDrained(log.drained) ? costs.wakeCallUs : 0;
  }

  #work(us: number, then: () => void): void {
    this.busyUs += us;
    this.#around.machine.run(us, then);
  }
}

const writeUs = (
  { items, runs }: Amount,
  costs: { readonly writerItemUs: number; readonly writerRunUs: number },
): number => items * costs.writerItemUs + runs * costs.writerRunUs;
