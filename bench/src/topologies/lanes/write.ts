import { sharedClock } from '../../harness/clock.ts';
import { RecordFolder } from '../../rivals/records.ts';
import type { RoundResult } from '../actor.ts';
import type { TopologySetting } from '../messages.ts';
import type { WriteOptions } from '../write.ts';
import { BATCH_END, type LaneIn } from './link.ts';
import type { LaneStage, LaneStageContext } from './stage.ts';
import { SENT_BYTES } from './task.ts';

/**
 * The last stage: folds the batches where they lie, in the order of their tickets. Each worker's tickets grow, so the next one is
 * at the front of some lane; the log, where there is one, says of which.
 */
export class LaneWrite implements LaneStage {
  done = false;
  lacksRoom = false;
  readonly #inputs: readonly LaneIn[];
  readonly #workers: readonly LaneIn[];
  readonly #log: LaneIn | undefined;
  readonly #now = sharedClock();
  #folder = new RecordFolder();
  #latenciesUs = new Float32Array(0);
  #ticket = 0;
  /** The lane of the current ticket, once it is known. */
  #current: LaneIn | undefined;

  constructor({ inputs }: LaneStageContext, { holdsPerWorker, followsLog }: WriteOptions) {
    this.#inputs = inputs;
    this.#workers = followsLog ? inputs.slice(0, -1) : inputs;
    this.#log = followsLog ? inputs.at(-1) : undefined;
    for (const worker of this.#workers) worker.ask(holdsPerWorker);
  }

  begin({ events, eventsPerTask }: TopologySetting): void {
    this.#folder = new RecordFolder();
    this.#latenciesUs = new Float32Array(Math.ceil(events / eventsPerTask));
    this.#ticket = 0;
    this.done = false;
    for (const input of this.#inputs) input.ended = false;
  }

  doWork(): boolean {
    let folded = 0;
    while (this.#ticket < this.#latenciesUs.length) {
      this.#current ??= this.#log ? this.#announced(this.#log) : this.#found();
      if (!this.#current?.look()) break;
      this.#fold(this.#current);
      folded++;
    }
    if (this.#ticket === this.#latenciesUs.length) {
      for (const input of this.#inputs) input.look();
      this.done = this.#inputs.every((input) => input.ended);
    }
    return folded > 0 || this.done;
  }

  result(): RoundResult {
    return { ...this.#folder.answer(), latenciesUs: this.#latenciesUs };
  }

  #announced(log: LaneIn): LaneIn | undefined {
    if (!log.look()) return undefined;
    const worker = this.#workers[log.lane.sequence];
    log.take();
    return worker;
  }

  #found(): LaneIn | undefined {
    return this.#workers.find((worker) => worker.look() && worker.lane.sequence === this.#ticket);
  }

  #fold(input: LaneIn): void {
    const { lane } = input;
    const { memory, offset, length, count: kind } = lane;
    this.#folder.fold(memory.i32, (offset + SENT_BYTES) >> 2, (offset + length) >> 2);
    const sentUs = memory.f64[offset >> 3];
    input.take();
    if (kind !== BATCH_END) return;
    this.#latenciesUs[this.#ticket++] = this.#now() - sentUs;
    this.#current = undefined;
    input.ask(1);
  }
}
