import { type Cursor, loadLaneRecords, type OpenLane, openEventRing, openLane, ringEnd } from 'native-free-rings';
import { type HeadFacts, type HeadHolder, headHolder } from '../order/head-of-line.ts';
import { NOBODY, TicketFollower } from '../order/ticket-follower.ts';
import { ackedCursor } from '../order/ticket-log-descriptor.ts';
import { CAUSES, type Cause, causeName } from '../thread/causes.ts';
import { COORDINATOR, Control, FIRST_PROCESSOR, WRITER } from '../thread/control-block.ts';
import { type COUNTERS, Counters, type CounterValues } from '../thread/counters.ts';
import type { FlowPlan } from '../thread/plan.ts';
import { Sightings } from './sightings.ts';

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

/** The sequence that the flow waits for: everything before it is computed, and delivered or about to be acknowledged. */
export interface HeadOfLine {
  /** Where the writer blocks in its own code after quick batches, it may be up to 64 batches behind the one in work. */
  readonly sequence: number;
  /** The thread that holds it up. */
  readonly thread: string;
  /** For what that thread waits; "none": it is computing, or delivering. */
  readonly cause: Cause;
  /** Milliseconds since this sequence became the head of line. */
  readonly ageMs: number;
  /**
   * Milliseconds since the processor began this event, attempts that failed included; undefined where no processor is computing it.
   *
   * Threads do not look at the clock for each quick event. Both times may therefore be too large, by the time of the events
   * that the thread has done since its last look, which is a few milliseconds as long as events take what they usually take.
   * They are never larger than what an earlier call of `headOfLine` rules out.
   */
  readonly eventMs: number | undefined;
}

/** While it waits for these, a processor is in the middle of an event. */
const COMPUTING: readonly number[] = [CAUSES.none, CAUSES.room, CAUSES.promise];
/** So often the head is looked at again when it moves meanwhile. */
const MOST_LOOKS = 8;

/** Reads what every thread shows of itself in shared memory. Stops and disturbs nobody. */
export class FlowInspector {
  private readonly plan: FlowPlan;
  private readonly control: Control;
  private readonly acked: Cursor;
  private readonly arrived: Cursor | undefined;
  private readonly counters: readonly Counters[];
  private readonly lanes: readonly OpenLane[];
  private readonly sightings = new Sightings();
  private readonly startAt: number;

  constructor(plan: FlowPlan) {
    this.plan = plan;
    this.control = new Control(plan.control);
    this.acked = ackedCursor(plan.tickets);
    this.startAt = this.acked.peek();
    this.arrived = plan.source.ring === undefined ? undefined : ringEnd(openEventRing(plan.source.ring));
    this.lanes = plan.lanes.map((lane) => openLane(lane));
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
    let acked = this.loadPublished();
    for (let looks = 1; ; looks++) {
      const holder = this.holder(acked);
      const now = this.loadPublished();
      // What was read of several words belongs together only while the head stands.
      if (now === acked || looks === MOST_LOOKS) return this.describe(holder);
      acked = now;
    }
  }

  private holder(acked: number): Holder {
    const follower = new TicketFollower(this.plan.tickets);
    const arrived = this.loadArrived();
    const isWriterIdle = this.control.loadWaiting(WRITER).cause === CAUSES.items;
    // From the oldest ticket that is still there to the head's.
    follower.index = 0;
    let before = NOBODY;
    for (let head = acked; ; head = follower.end) {
      while (follower.look(head) && follower.end <= head) {
        before = follower.owner;
        follower.index++;
      }
      const isIssued = follower.begin <= head && head < follower.end;
      const facts = this.facts(head, arrived, isWriterIdle, isIssued ? follower : undefined);
      // A writer that sleeps was not told of a ticket that is done: what holds the line is behind it.
      const isPassed = isWriterIdle && isIssued && follower.end < arrived && facts.computed >= follower.end;
      if (isPassed && follower.owner >= 0) continue;
      const held = headHolder(facts);
      const isNext = held.by === 'processor' && (held.sequence > follower.begin || held.processor === before);
      return { ...held, isNext };
    }
  }

  private facts(head: number, arrived: number, isWriterIdle: boolean, ticket: TicketFollower | undefined): HeadFacts {
    const { control } = this;
    const owner = ticket?.owner ?? NOBODY;
    const thread = FIRST_PROCESSOR + owner;
    return {
      acked: head,
      arrived,
      owner,
      ticketEnd: ticket?.end ?? head,
      computed: owner < 0 ? head : Math.max(control.position(thread).loadFar(), control.loadWork(thread, head)),
      isDelivering: owner >= 0 && !isWriterIdle && loadLaneRecords(this.lanes[owner]!) > 0,
      delivering: control.loadWork(WRITER, head),
    };
  }

  private describe(holder: Holder): HeadOfLine | undefined {
    const now = performance.now();
    if (holder.by === 'nobody') {
      this.sightings.see('head', -1, now);
      return undefined;
    }
    const { sequence } = holder;
    const thread = holder.by === 'coordinator' ? this.notTaking() : threadOf(holder);
    const name = threadName(thread);
    const { cause } = this.control.loadWaiting(thread);
    const headMs = now - this.sightings.see('head', sequence, now);
    const isComputing = holder.by === 'processor' && COMPUTING.includes(cause);
    const began = isComputing
      ? Math.min(this.control.beganMs(thread), now - this.sightings.see(name, sequence, now))
      : undefined;
    const ages = [this.control.publishedMs(), headMs];
    if (holder.by === 'processor') {
      ages.push(this.control.arrivedMs(thread, sequence) ?? Number.POSITIVE_INFINITY);
      // It was not the head before its processor was done with the one before it.
      if (holder.isNext && began !== undefined) ages.push(began);
    }
    return { sequence, thread: name, cause: causeName(cause), ageMs: Math.min(...ages), eventMs: began };
  }

  /** Who holds up a ticket that nobody has taken: a processor that rests because the flow is paused, or the coordinator. */
  private notTaking(): number {
    const resting = this.plan.lanes.findIndex(
      (_, i) => this.control.loadWaiting(FIRST_PROCESSOR + i).cause === CAUSES.paused,
    );
    return resting < 0 ? COORDINATOR : FIRST_PROCESSOR + resting;
  }

  private thread(thread: number): ThreadStats {
    const { cause, forMs } = this.control.loadWaiting(thread);
    return { name: threadName(thread), waiting: causeName(cause), forMs, ...this.counters[thread]!.read() };
  }
}

/** `isNext`: the same processor has computed the sequence before it. */
type Holder = HeadHolder & { readonly isNext: boolean };

const threadOf = (holder: Exclude<HeadHolder, { by: 'nobody' | 'coordinator' }>): number =>
  holder.by === 'writer' ? WRITER : FIRST_PROCESSOR + holder.processor;

const threadName = (thread: number): string => {
  if (thread === COORDINATOR) return 'coordinator';
  return thread === WRITER ? 'writer' : `processor ${thread - FIRST_PROCESSOR}`;
};
