import { COUNTER, type Counters } from '../thread/counters.ts';

/** Share of the newest measurement in the running means. */
const NEWEST = 0.5;

/** Measures the mean cost and output of a sequence from the processors' own counters: no message, no clock of its own. */
export class CostMeter {
  /** Undefined until a ticket is done. */
  msPerSequence: number | undefined;
  bytesPerSequence = 0;

  private readonly processors: readonly Counters[];
  private sequences = 0;
  private ms = 0;
  private bytes = 0;

  constructor(processors: readonly Counters[]) {
    this.processors = processors;
  }

  update(): void {
    const sequences = this.sum(COUNTER.sequences);
    const more = sequences - this.sequences;
    if (more <= 0) return;
    const ms = this.sum(COUNTER.computingMs);
    // A batch costs its header as well.
    const bytes = this.sum(COUNTER.bytes) + 16 * this.sum(COUNTER.batches);
    this.msPerSequence = mean(this.msPerSequence, Math.max((ms - this.ms) / more, 0));
    this.bytesPerSequence = mean(this.sequences === 0 ? undefined : this.bytesPerSequence, (bytes - this.bytes) / more);
    this.sequences = sequences;
    this.ms = ms;
    this.bytes = bytes;
  }

  private sum(counter: number): number {
    let total = 0;
    for (const counters of this.processors) total += counters.get(counter);
    return total;
  }
}

const mean = (before: number | undefined, newest: number): number =>
  before === undefined ? newest : before + NEWEST * (newest - before);
