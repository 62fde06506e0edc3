import type { EventCount, LaneProducer } from 'native-free-rings';
import type { Cadence } from '../thread/cadence.ts';
import { CAUSES } from '../thread/causes.ts';
import { type Clock, NO_MS } from '../thread/clock.ts';
import { type Control, FIRST_PROCESSOR, WRITER } from '../thread/control-block.ts';
import { COUNTER, type Counters } from '../thread/counters.ts';

/** Under backlog the writer is woken at least this often: hot path rule 6. */
const MOST_PATIENCE_MS = 4;
/** Output waits no longer than this part of the time for which a new event waits anyway. */
const PATIENCE_PART = 4;
/** The writer is woken whatever the time when this part of the lane is in use. */
const MUCH = 1 / 4;

/**
 * When a processor wakes the writer for what it has shown: at once where it has caught up with its source; under backlog
 * once in a while, since each wake-up costs both sides some 30 µs; and in any case before it goes to sleep.
 *
 * A very slow event may follow upon output for which nobody was woken. So the writer looks once more by itself, a while after
 * it made progress under backlog (`BACKLOG_LOOK_MS` of writer-cycle.ts): it saw the backlog as well, because a wake-up that
 * came before there was one does not count here.
 */
export class WriterBell {
  private readonly writer: EventCount;
  private readonly processor: number;
  private readonly processors: number;
  private readonly lane: LaneProducer;
  private readonly counters: Counters;
  private readonly clock: Clock;
  private patienceMs = NO_MS;
  private rungAt = Number.NEGATIVE_INFINITY;
  /** Something was shown since the writer was last woken. */
  private isOwed = false;

  constructor(control: Control, processor: number, lane: LaneProducer, counters: Counters, clock: Clock) {
    this.writer = control.eventcount(WRITER);
    this.processor = processor;
    this.processors = control.threads - FIRST_PROCESSOR;
    this.lane = lane;
    this.counters = counters;
    this.clock = clock;
  }

  /** `events` are to be computed, by all processors, before one that arrives now. The cadence says how long each takes. */
  learn(events: number, { eachMs }: Cadence): void {
    this.patienceMs =
      events > 0 && eachMs > 0 ? Math.min((events * eachMs) / (PATIENCE_PART * this.processors), MOST_PATIENCE_MS) : 0;
    if (this.patienceMs === 0) this.rungAt = Number.NEGATIVE_INFINITY;
  }

  /** Output was shown, at what the clock says. */
  shown(): void {
    if (this.patienceMs === 0) this.ring();
    else this.ringOnTime();
  }

  /** The processor is about to wait. */
  settle(): void {
    if (this.isOwed) this.ring();
  }

  /** Wakes the writer, if it sleeps for this processor's output. */
  ring(): void {
    this.isOwed = false;
    if (this.writer.wakeFor(CAUSES.items, this.processor)) this.counters.add(COUNTER.wakes, 1);
  }

  private ringOnTime(): void {
    this.isOwed = true;
    const { now } = this.clock;
    if (now - this.rungAt < this.patienceMs && !this.isMuch()) return;
    this.rungAt = now;
    this.ring();
  }

  private isMuch(): boolean {
    return this.lane.peekUsed() > MUCH && this.lane.loadUsed() > MUCH;
  }
}
