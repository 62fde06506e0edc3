import type { EventCount } from 'native-free-rings';
import type { TicketIssuer } from '../order/ticket-issuer.ts';
import { ARRIVED } from '../order/ticket-log-descriptor.ts';
import { type Load, ticketLength, ticketsAhead } from '../order/ticket-sizing.ts';
import { CAUSES } from '../thread/causes.ts';
import type { Control } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';
import type { DutyCycle, Waiting } from '../thread/duty-cycle.ts';
import { CostMeter } from './cost-meter.ts';

/** What the coordinator's duty cycle works with. */
export interface CoordinatorParts {
  readonly issuer: TicketIssuer;
  /** End of what has arrived; Infinity for sequences that are all there. */
  loadSourceEnd(): number;
  readonly control: Control;
  readonly counters: Counters;
  readonly processorCounters: readonly Counters[];
  readonly writerCounters: Counters;
  readonly processors: readonly EventCount[];
  readonly laneBytes: number;
  readonly ticketMs: number;
}

/** The coordinator should be woken about twice in this time under backlog: hot path rule 6. */
const HORIZON_MS = 40;

/** The coordinator's work: keep enough tickets cut ahead of the processors, of the right size. It moves no data. */
export class CoordinatorCycle implements DutyCycle {
  readonly roleName = 'coordinator';
  readonly waiting: Waiting = { cause: CAUSES.claims, wanted: 0, timeoutMs: undefined };
  done = false;

  private readonly parts: CoordinatorParts;
  private readonly meter: CostMeter;
  /** Free tickets that the processors should find. */
  private ahead = 1;
  /** One object for all tickets, filled in anew for each. */
  private readonly load: Load;

  constructor(parts: CoordinatorParts) {
    this.parts = parts;
    this.meter = new CostMeter(parts.processorCounters, parts.writerCounters);
    const { laneBytes, ticketMs, processors } = parts;
    this.load = {
      backlog: 0,
      processors: processors.length,
      msPerSequence: undefined,
      bytesPerSequence: 0,
      laneBytes,
      ticketMs,
      msPerBatch: undefined,
    };
  }

  doWork(): number {
    if (this.parts.control.isStopping()) {
      this.done = true;
      return 1;
    }
    this.meter.update();
    const issued = this.issue();
    this.plan();
    return issued;
  }

  isReady(): boolean {
    const { control, issuer } = this.parts;
    if (control.isStopping()) return true;
    const { cause, wanted } = this.waiting;
    return cause === CAUSES.claims ? issuer.loadTaken() >= wanted : issuer.loadRoom() >= this.parts.processors.length;
  }

  private issue(): number {
    const { issuer, control } = this.parts;
    const { load, meter } = this;
    load.msPerSequence = meter.msPerSequence;
    load.bytesPerSequence = meter.bytesPerSequence;
    load.msPerBatch = issuer.peekDrained() === 0 ? undefined : meter.msPerBatch;
    const sourceEnd = Math.min(this.parts.loadSourceEnd(), control.loadEnd());
    let room = issuer.loadRoom();
    let free = issuer.peekIssued() - issuer.loadTaken();
    for (; room > 0; room--) {
      load.backlog = sourceEnd - issuer.peekCut();
      const length = ticketLength(load);
      this.ahead = ticketsAhead(load, length, HORIZON_MS, issuer.capacity >> 1);
      if (free >= this.ahead) break;
      issuer.issue(length, issuer.peekCut() + length <= sourceEnd ? ARRIVED : 0);
      free++;
    }
    const count = issuer.publish();
    this.wakeProcessors(count);
    return count;
  }

  /** No more processors than there are new tickets: the others would find nothing. */
  private wakeProcessors(tickets: number): void {
    const { processors, issuer, counters } = this.parts;
    let left = tickets;
    for (let i = 0; i < processors.length && left > 0; i++) {
      if (!processors[i]!.wake(CAUSES.ticket, issuer.peekIssued())) continue;
      counters.add(COUNTER.wakes, 1);
      left--;
    }
  }

  private plan(): void {
    const { issuer } = this.parts;
    if (issuer.loadRoom() > 0) {
      this.waiting.cause = CAUSES.claims;
      this.waiting.wanted = issuer.peekIssued() - (this.ahead >> 1);
    } else {
      this.waiting.cause = CAUSES.drained;
      this.waiting.wanted = issuer.wantedDrained(Math.max(this.parts.processors.length, issuer.capacity >> 2));
    }
  }
}
