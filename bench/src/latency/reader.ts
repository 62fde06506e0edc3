import { fold } from '../workloads/w1.ts';
import { dueAtUs, type Schedule } from '../workloads/w2.ts';
import type { Progress } from './load.ts';
import type { LatencyResult, LatencySetting } from './setting.ts';

/** The reader of the destination: takes items in order and notes how late each is. */
export class LatencyReader {
  readonly #schedule: Schedule;
  readonly #progress: Progress;
  readonly #now: () => number;
  readonly #latenciesUs: Float32Array;
  #checksum = 0;
  #items = 0;

  constructor(setting: LatencySetting, startUs: number, progress: Progress, now: () => number) {
    this.#schedule = { ...setting, startUs };
    this.#progress = progress;
    this.#now = now;
    this.#latenciesUs = new Float32Array(setting.events);
    Atomics.store(progress, 0, 0);
  }

  get items(): number {
    return this.#items;
  }

  /** The item of the next event. */
  take(value: number): void {
    const seq = this.#items++;
    this.#checksum = fold(this.#checksum, seq, value);
    this.#latenciesUs[seq] = this.#now() - dueAtUs(this.#schedule, seq);
    Atomics.store(this.#progress, 0, this.#items);
  }

  /** Events that were never published count with the time that they have waited so far. */
  result(): LatencyResult {
    const endUs = this.#now();
    for (let seq = this.#items; seq < this.#schedule.events; seq++) {
      this.#latenciesUs[seq] = Math.max(0, endUs - dueAtUs(this.#schedule, seq));
    }
    return { checksum: this.#checksum >>> 0, items: this.#items, latenciesUs: this.#latenciesUs };
  }
}
