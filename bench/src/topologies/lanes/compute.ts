import { RecordWriter } from '../../rivals/records.ts';
import { kernelOf, type Work } from '../../workloads/kernel.ts';
import type { ComputeOptions } from '../compute.ts';
import type { TopologySetting } from '../messages.ts';
import { BATCH_END, BATCH_PART, END, type LaneIn, type LaneOut } from './link.ts';
import type { LaneStage, LaneStageContext } from './stage.ts';
import { readTask, SENT_BYTES } from './task.ts';

const PART_BYTES = 16 * 1024;

/** A worker: computes each task straight into the lane to the writer, part by part. */
export class LaneCompute implements LaneStage {
  done = false;
  lacksRoom = false;
  readonly #input: LaneIn;
  readonly #output: LaneOut;
  readonly #prefetch: number;
  #work: Work | undefined;
  #records!: RecordWriter;
  #ticket = -1;
  #sentUs = 0;
  #passedOn = 0;

  constructor({ inputs: [input], outputs: [output] }: LaneStageContext, { prefetch }: ComputeOptions) {
    this.#input = input;
    this.#output = output;
    this.#prefetch = prefetch;
    if (prefetch > 0) input.ask(prefetch);
  }

  begin({ work }: TopologySetting): void {
    if (this.#work === undefined || JSON.stringify(work) !== JSON.stringify(this.#work)) {
      this.#records = new RecordWriter(kernelOf(work));
      this.#work = work;
    }
    this.#input.ended = false;
    this.done = false;
  }

  doWork(): boolean {
    this.lacksRoom = false;
    if (this.#prefetch === 0) this.#passDemandOn();
    if (this.#ticket >= 0) return this.#fill();
    if (this.#output.demand > 0 && this.#input.look()) {
      const { lane } = this.#input;
      const { begin, end, sentUs } = readTask(lane.memory, lane.offset);
      this.#ticket = lane.sequence;
      this.#sentUs = sentUs;
      this.#records.begin(begin, end);
      this.#input.take();
      this.#fill();
      return true;
    }
    // A lane whose end is not looked for would never be seen to have ended.
    if (this.#input.look() || !this.#input.ended) return false;
    this.done = this.#output.trySend(0, END);
    this.lacksRoom = !this.done;
    return this.done;
  }

  /** Pull from end to end: a task is asked for only when a batch was. */
  #passDemandOn(): void {
    const more = (this.#output.asked - this.#passedOn) | 0;
    if (more === 0) return;
    this.#passedOn = (this.#passedOn + more) | 0;
    this.#input.ask(more);
  }

  /** Writes parts until the task is done or the lane is full. */
  #fill(): boolean {
    const { lane } = this.#output;
    for (let parts = 0; ; parts++) {
      const at = lane.tryClaim(PART_BYTES);
      this.lacksRoom = at < 0;
      if (at < 0) return parts > 0;
      lane.memory.f64[at >> 3] = this.#sentUs;
      const part = lane.memory.i32.subarray(at >> 2, (at + PART_BYTES) >> 2);
      const words = this.#records.fill(part, SENT_BYTES >> 2);
      const { done } = this.#records;
      if (done) this.#output.sent = (this.#output.sent + 1) | 0;
      this.#output.commit(words << 2, this.#ticket, done ? BATCH_END : BATCH_PART);
      if (!done) continue;
      this.#ticket = -1;
      if (this.#prefetch > 0) this.#input.ask(1);
      return true;
    }
  }
}
