import type { Surroundings, Ticket } from './log.ts';

/** Entries of the log in a cache line of 128 bytes. */
const ENTRIES_IN_A_LINE = 8;

/** Whom a processor wakes. Each answers whether it slept for that: the call then costs the processor. */
export interface Wakes {
  coordinatorOnClaim(index: number): boolean;
  writerOnItems(processor: number): boolean;
}

interface Processor {
  /** First entry that it has not looked at. */
  next: number;
  /** Bytes in its lane that the writer has not released. */
  laneUsed: number;
  /** What it does when the writer has released enough. */
  forRoom: { readonly bytes: number; readonly begin: () => void } | undefined;
}

/** All processors: each takes the first free ticket, computes it as far as its lane goes, and takes the next. */
export class Processors {
  busyUs = 0;
  /** Microseconds in which one of them waited for a ticket, or for room in its lane. */
  waitedUs = { ticket: 0, room: 0 };
  readonly #around: Surroundings;
  readonly #wakes: Wakes;
  readonly #all: Processor[];
  /** Asleep until tickets are issued. */
  readonly #idle = new Map<number, number>();
  /** From when on the line of the claim words is free for the next exchange. */
  #claimFreeAt = 0;

  constructor(around: Surroundings, wakes: Wakes) {
    this.#around = around;
    this.#wakes = wakes;
    this.#all = Array.from({ length: around.shape.processors }, () => ({
      next: 0,
      laneUsed: 0,
      forRoom: undefined,
    }));
  }

  start(): void {
    for (let i = 0; i < this.#all.length; i++) this.#take(i);
  }

  /** Wakes those that wait for a ticket, at most so many; answers how many. */
  wakeForTickets(tickets: number): number {
    const { machine, costs } = this.#around;
    let woken = 0;
    for (const [i, since] of this.#idle) {
      if (woken >= tickets) break;
      woken++;
      this.#idle.delete(i);
      this.waitedUs.ticket += machine.now - since;
      machine.after(costs.wakeUs, () => this.#take(i));
    }
    return woken;
  }

  /** The writer gives lane memory back. True when the processor was waiting for it. */
  release(index: number, bytes: number): boolean {
    const { machine, costs, shape } = this.#around;
    const processor = this.#all[index];
    processor.laneUsed -= bytes;
    const waiting = processor.forRoom;
    const room = shape.laneBytes - processor.laneUsed;
    if (!waiting || (processor.laneUsed > 0 && room < Math.max(waiting.bytes, shape.laneBytes >> 2))) return false;
    processor.forRoom = undefined;
    machine.after(costs.wakeUs, waiting.begin);
    return true;
  }

  #take(index: number): void {
    const { machine, log, costs } = this.#around;
    if (log.taken >= log.tickets.length) {
      this.#idle.set(index, machine.now);
      return;
    }
    const processor = this.#all[index];
    const at = log.taken++;
    const ticket = log.tickets[at];
    ticket.owner = index;
    const passed = at - processor.next;
    processor.next = at + 1;
    const exchangeAt = Math.max(machine.now, this.#claimFreeAt);
    this.#claimFreeAt = exchangeAt + costs.lineUs;
    const us =
      costs.processorTicketUs +
      passed * costs.scanUs +
      Math.floor(passed / ENTRIES_IN_A_LINE) * costs.lineUs +
      (exchangeAt - machine.now) +
      (this.#wakes.coordinatorOnClaim(at) ? costs.wakeCallUs : 0);
    this.#work(us, () => this.#whenRoom(index, ticket));
  }

  /** The model gives a ticket its lane memory at once, before it begins. */
  #whenRoom(index: number, ticket: Ticket): void {
    const { machine, shape } = this.#around;
    const processor = this.#all[index];
    const { bytes } = ticket.amount;
    const begin = (): void => {
      processor.laneUsed += bytes;
      this.#compute(index, ticket);
    };
    if (processor.laneUsed === 0 || processor.laneUsed + bytes <= shape.laneBytes) {
      begin();
      return;
    }
    const since = machine.now;
    processor.forRoom = {
      bytes,
      begin: () => {
        this.waitedUs.room += machine.now - since;
        begin();
      },
    };
  }

  #compute(index: number, ticket: Ticket): void {
    const { machine, log, costs } = this.#around;
    const { amount } = ticket;
    ticket.startedAt = machine.virtual;
    this.#work(amount.computeUs, () => {
      ticket.complete = true;
      log.sequences += ticket.end - ticket.begin;
      log.computeUs += amount.computeUs;
      log.bytes += amount.bytes;
      const callUs = this.#wakes.writerOnItems(index) ? costs.wakeCallUs : 0;
      this.#work(callUs, () => this.#take(index));
    });
  }

  #work(us: number, then: () => void): void {
    this.busyUs += us;
    this.#around.machine.run(us, then);
  }
}
