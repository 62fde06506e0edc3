import type { Surroundings } from './log.ts';
import { type Load, ticketLength, ticketsAhead } from './sizing.ts';

const HORIZON_MS = 40;
/** Share of the newest measurement in the running means. */
const NEWEST = 0.5;

/** Cuts tickets ahead of the processors and sleeps in between, as `coordinator-cycle.ts` of millrace does. */
export class Coordinator {
  busyUs = 0;
  wakeUps = 0;
  readonly #around: Surroundings;
  /** Wakes at most so many processors and answers how many it woke. */
  readonly #wakeProcessors: (tickets: number) => number;
  #asleepFor: 'claims' | 'drained' | undefined;
  #wanted = 0;
  #ahead = 1;
  #means: { readonly msPerSequence: number; readonly bytesPerSequence: number };
  #seen = { sequences: 0, computeUs: 0, bytes: 0 };
  #msPerBatch = 0;
  #written = { batches: 0, deliveringUs: 0 };

  /** A flow in its steady state: the costs of its sequences are known from the round before. */
  constructor(around: Surroundings, wakeProcessors: (tickets: number) => number) {
    const { events, of } = around.workload;
    const all = of(0, events);
    this.#around = around;
    this.#wakeProcessors = wakeProcessors;
    this.#means = { msPerSequence: all.computeUs / events / 1e3, bytesPerSequence: all.bytes / events };
  }

  start(): void {
    this.#work(0);
  }

  /** True when a processor that took ticket `index` has to wake it: the call costs that processor. */
  wakesOnClaim(index: number): boolean {
    return this.#asleepFor === 'claims' && index + 1 >= this.#wanted && this.#wake();
  }

  /** True when the writer that drained up to ticket `index` has to wake it. */
  wakesOnDrained(index: number): boolean {
    return this.#asleepFor === 'drained' && index >= this.#wanted && this.#wake();
  }

  #wake(): true {
    const { machine, costs } = this.#around;
    this.#asleepFor = undefined;
    this.wakeUps++;
    machine.after(costs.coordinatorWakeUs, () => this.#work(costs.coordinatorWakeCpuUs));
    return true;
  }

  #work(fixedUs: number): void {
    const { machine, costs, shape } = this.#around;
    this.#learn();
    const tickets = this.#plan();
    // It reads four counters of each processor; the lines of those that computed meanwhile have moved.
    const us = fixedUs + shape.processors * costs.lineUs + tickets.length * costs.cutUs;
    this.busyUs += us;
    machine.run(us, () => this.#publish(tickets));
  }

  #learn(): void {
    this.#learnOfWriter();
    const { sequences, computeUs, bytes } = this.#around.log;
    const more = sequences - this.#seen.sequences;
    if (more <= 0) return;
    const { msPerSequence: ms, bytesPerSequence: size } = this.#means;
    this.#means = {
      msPerSequence: ms + NEWEST * ((computeUs - this.#seen.computeUs) / more / 1e3 - ms),
      bytesPerSequence: size + NEWEST * ((bytes - this.#seen.bytes) / more - size),
    };
    this.#seen = { sequences, computeUs, bytes };
  }

  #learnOfWriter(): void {
    const { batches, deliveringUs } = this.#around.log;
    const more = batches - this.#written.batches;
    if (more <= 0) return;
    const ms = (deliveringUs - this.#written.deliveringUs) / more / 1e3;
    this.#msPerBatch = this.#written.batches === 0 ? ms : this.#msPerBatch + NEWEST * (ms - this.#msPerBatch);
    this.#written = { batches, deliveringUs };
  }

  /** Lengths of the tickets to cut now. */
  #plan(): number[] {
    const { log, shape, workload } = this.#around;
    const lengths: number[] = [];
    let { cut } = log;
    let free = log.tickets.length - log.taken;
    for (let room = shape.logTickets - (log.tickets.length - log.drained); room > 0 && cut < workload.events; room--) {
      const load: Load = {
        backlog: workload.events - cut,
        ...shape,
        ...this.#means,
        msPerBatch: this.#msPerBatch,
      };
      const length = Math.min(ticketLength(load), workload.events - cut);
      this.#ahead = ticketsAhead(load, length, HORIZON_MS, shape.logTickets >> 1);
      if (free >= this.#ahead) break;
      lengths.push(length);
      cut += length;
      free++;
    }
    return lengths;
  }

  #publish(lengths: readonly number[]): void {
    const { machine, log, workload, costs } = this.#around;
    for (const length of lengths) {
      const end = log.cut + length;
      log.tickets.push({
        begin: log.cut,
        end,
        amount: workload.of(log.cut, end),
        owner: -1,
        startedAt: Number.NaN,
        complete: false,
      });
      log.cut = end;
    }
    const callUs = this.#wakeProcessors(lengths.length) * costs.wakeCallUs;
    this.busyUs += callUs;
    machine.run(callUs, () => (lengths.length > 0 ? this.#work(0) : this.#sleep()));
  }

  #sleep(): void {
    const { log, shape, workload } = this.#around;
    if (log.cut >= workload.events) return;
    const issued = log.tickets.length;
    const room = shape.logTickets - (issued - log.drained);
    if (room > 0) {
      this.#asleepFor = 'claims';
      this.#wanted = issued - (this.#ahead >> 1);
      if (log.taken >= this.#wanted) this.#lookAgain();
    } else {
      this.#asleepFor = 'drained';
      this.#wanted = issued + Math.max(shape.processors, shape.logTickets >> 2) - shape.logTickets;
      if (log.drained >= this.#wanted) this.#lookAgain();
    }
  }

  /** What it would have slept for is there already. */
  #lookAgain(): void {
    this.#asleepFor = undefined;
    this.#work(0);
  }
}
