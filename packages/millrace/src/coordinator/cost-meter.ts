import { LANE_BYTES_PER_RECORD } from 'native-free-rings';
import { COUNTER, type Counters } from '../thread/counters.ts';

/** Share of the newest measurement in the running means. */
const NEWEST = 0.5;

/** Measures means from the threads' own counters: no message, no clock of its own. */
export class CostMeter {
  /** What a sequence takes a processor; undefined until a ticket is done. */
  msPerSequence: number | undefined;
  /** What its output takes of a lane, as bytes: a run takes an entry of the index as well. */
  bytesPerSequence = 0;
  /** What a batch takes the writer. */
  msPerBatch = 0;

  private readonly processors: readonly Counters[];
  private readonly writer: Counters;
  private sequences = 0;
  private ms = 0;
  private bytes = 0;
  private runs = 0;
  private batches = 0;
  private deliveringMs = 0;

  constructor(processors: readonly Counters[], writer: Counters) {
    this.processors = processors;
    this.writer = writer;
  }

  update(): void {
    this.updateWriter();
    const sequences = this.sum(COUNTER.sequences);
    const more = sequences - this.sequences;
    if (more <= 0) return;
    const ms = this.sum(COUNTER.computingMs);
    const bytes = this.sum(COUNTER.bytes);
    const runs = this.sum(COUNTER.batches);
    const used = Math.max(bytes - this.bytes, (runs - this.runs) * LANE_BYTES_PER_RECORD) / more;
    this.msPerSequence = mean(this.msPerSequence, Math.max((ms - this.ms) / more, 0));
    this.bytesPerSequence = mean(this.sequences === 0 ? undefined : this.bytesPerSequence, used);
    this.sequences = sequences;
    this.ms = ms;
    this.bytes = bytes;
    this.runs = runs;
  }

  private updateWriter(): void {
    const batches = this.writer.get(COUNTER.batches);
    const more = batches - this.batches;
    if (more <= 0) return;
    const ms = this.writer.get(COUNTER.deliveringMs);
    this.msPerBatch = mean(this.batches === 0 ? undefined : this.msPerBatch, (ms - this.deliveringMs) / more);
    this.batches = batches;
    this.deliveringMs = ms;
  }

  private sum(counter: number): number {
    let total = 0;
    for (const counters of this.processors) total += counters.get(counter);
    return total;
  }
}

const mean = (before: number | undefined, newest: number): number =>
  before === undefined ? newest : before + NEWEST * (newest - before);
