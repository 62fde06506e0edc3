import { type Cursor, openEventRing, ringEnd } from 'native-free-rings';
import { type HeadHolder, headHolder } from '../order/head-of-line.ts';
import { TicketFollower } from '../order/ticket-follower.ts';
import { ackedCursor } from '../order/ticket-log-descriptor.ts';
import { type Cause, causeName } from '../thread/causes.ts';
import { COORDINATOR, Control, FIRST_PROCESSOR, WRITER } from '../thread/control-block.ts';
import { type COUNTERS, Counters, type CounterValues } from '../thread/counters.ts';
import type { FlowPlan } from '../thread/plan.ts';

export interface ThreadStats extends CounterValues {
  /** "coordinator", "writer", "processor 0", … */
  readonly name: string;
  /** For what it waits now ("none": it computes), and for how long it has been so, in milliseconds. */
  readonly waiting: Cause;
  readonly forMs: number;
}

export interface FlowStats {
  /** Sequences that have arrived, and those that the destination has acknowledged with all before them. */
  readonly events: number;
  readonly published: number;
  /** Delivered items, their bytes, and the batches they came in. */
  readonly items: number;
  readonly bytes: number;
  readonly batches: number;
  /** Tickets drained; how often a thread went to sleep; how often one was woken by another of this flow. */
  readonly tickets: number;
  readonly parks: number;
  readonly wakes: number;
  /** What was tried again; what was given up: events, and items; threads that were replaced; stall alarms. */
  readonly retries: number;
  readonly deadLetters: number;
  readonly restarts: number;
  readonly stalls: number;
  /** Milliseconds over all threads, by what they were spent on. */
  readonly time: {
    readonly computing: number;
    readonly input: number;
    readonly room: number;
    readonly demand: number;
    readonly ack: number;
  };
  readonly threads: readonly ThreadStats[];
}

export interface HeadOfLine {
  /** The lowest sequence that is not yet published. */
  readonly sequence: number;
  /** The thread that holds it up. */
  readonly thread: string;
  /** For what that thread waits; "none": it is computing, or delivering. */
  readonly cause: Cause;
  /** For how long that thread has been in that state, in milliseconds. */
  readonly forMs: number;
}

/** Reads what every thread shows of itself in shared memory. Stops and disturbs nobody. */
export class FlowInspector {
  private readonly plan: FlowPlan;
  private readonly control: Control;
  private readonly acked: Cursor;
  private readonly arrived: Cursor | undefined;
  private readonly counters: readonly Counters[];
  private readonly startAt: number;

  constructor(plan: FlowPlan) {
    this.plan = plan;
    this.control = new Control(plan.control);
    this.acked = ackedCursor(plan.tickets);
    this.startAt = this.acked.peek();
    this.arrived = plan.source.ring === undefined ? undefined : ringEnd(openEventRing(plan.source.ring));
    this.counters = Array.from({ length: this.control.threads }, (_, i) => new Counters(plan.counters, i));
  }

  loadPublished(): number {
    return this.acked.loadFar();
  }

  loadArrived(): number {
    return Math.min(this.arrived?.loadFar() ?? this.control.loadEnd(), this.control.loadEnd());
  }

  stats({ restarts, stalls }: Pick<FlowStats, 'restarts' | 'stalls'>): FlowStats {
    const roles = [COORDINATOR, WRITER, ...this.plan.lanes.map((_, i) => FIRST_PROCESSOR + i)];
    const threads = roles.map((thread) => this.thread(thread));
    const total = (counter: (typeof COUNTERS)[number]): number =>
      threads.reduce((sum, thread) => sum + thread[counter], 0);
    const writer = threads[1]!;
    return {
      events: this.loadArrived() - this.startAt,
      published: this.loadPublished() - this.startAt,
      items: writer.items,
      bytes: writer.bytes,
      batches: writer.batches,
      tickets: writer.tickets,
      parks: total('parks'),
      wakes: total('wakes'),
      retries: total('retries'),
      deadLetters: total('deadLetters'),
      restarts,
      stalls,
      time: {
        computing: total('computingMs'),
        input: total('inputMs'),
        room: total('roomMs'),
        demand: total('demandMs'),
        ack: total('ackMs'),
      },
      threads,
    };
  }

  headOfLine(): HeadOfLine | undefined {
    const acked = this.loadPublished();
    const follower = new TicketFollower(this.plan.tickets);
    // From the oldest ticket that is still there to the head's.
    follower.index = 0;
    while (follower.look(acked) && follower.end <= acked) follower.index++;
    const owner = follower.begin <= acked && acked < follower.end ? follower.owner : -1;
    const ownerAt = owner < 0 ? acked : this.control.position(FIRST_PROCESSOR + owner).loadFar();
    const holder = headHolder({ acked, arrived: this.loadArrived(), owner, ownerAt });
    if (holder.by === 'nobody') return undefined;
    const thread = threadOf(holder);
    const { cause, forMs } = this.control.loadWaiting(thread);
    return { sequence: holder.sequence, thread: threadName(thread), cause: causeName(cause), forMs };
  }

  private thread(thread: number): ThreadStats {
    const { cause, forMs } = this.control.loadWaiting(thread);
    return { name: threadName(thread), waiting: causeName(cause), forMs, ...this.counters[thread]!.read() };
  }
}

function threadOf(holder: Exclude<HeadHolder, { by: 'nobody' }>): number {
  switch (holder.by) {
    case 'coordinator':
      return COORDINATOR;
    case 'writer':
      return WRITER;
    case 'processor':
      return FIRST_PROCESSOR + holder.processor;
  }
}

const threadName = (thread: number): string => {
  if (thread === COORDINATOR) return 'coordinator';
  return thread === WRITER ? 'writer' : `processor ${thread - FIRST_PROCESSOR}`;
};
