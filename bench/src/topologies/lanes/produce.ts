import { sharedClock } from '../../harness/clock.ts';
import { hash } from '../../workloads/w1.ts';
import type { TopologySetting } from '../messages.ts';
import type { ProduceOptions } from '../produce.ts';
import { END, type LaneOut, neediest, TASK } from './link.ts';
import type { LaneStage, LaneStageContext } from './stage.ts';
import { TASK_BYTES, writeTask } from './task.ts';

/** The first stage: writes each task, and its events where they travel with it, into the lane of whoever wants it most. */
export class LaneProduce implements LaneStage {
  done = false;
  lacksRoom = false;
  timeoutMs: number | undefined;
  readonly #outputs: readonly LaneOut[];
  readonly #carriesEvents: boolean;
  readonly #now = sharedClock();
  #setting!: TopologySetting;
  #ticket = 0;
  #ended = 0;
  #dueUs = 0;

  constructor({ outputs }: LaneStageContext, { carriesEvents }: ProduceOptions) {
    this.#outputs = outputs;
    this.#carriesEvents = carriesEvents;
  }

  begin(setting: TopologySetting): void {
    this.#setting = setting;
    this.#ticket = 0;
    this.#ended = 0;
    this.#dueUs = 0;
    this.done = false;
  }

  doWork(): boolean {
    const { events, eventsPerTask, taskEveryMs } = this.#setting;
    const before = this.#ticket + this.#ended;
    this.timeoutMs = undefined;
    this.lacksRoom = false;
    while (this.#ticket * eventsPerTask < events) {
      const waitUs = taskEveryMs > 0 ? this.#dueUs - this.#now() : 0;
      if (waitUs > 0) {
        this.timeoutMs = waitUs / 1e3;
        return false;
      }
      const output = neediest(this.#outputs);
      if (!output || !this.#send(output)) return this.#ticket + this.#ended > before;
      this.#dueUs = this.#now() + taskEveryMs * 1e3;
    }
    while (this.#ended < this.#outputs.length && this.#outputs[this.#ended].trySend(0, END)) this.#ended++;
    this.lacksRoom = this.#ended < this.#outputs.length;
    this.done = !this.lacksRoom;
    return this.done;
  }

  #send(output: LaneOut): boolean {
    const { events, eventsPerTask } = this.#setting;
    const begin = this.#ticket * eventsPerTask;
    const end = Math.min(events, begin + eventsPerTask);
    const bytes = TASK_BYTES + (this.#carriesEvents ? (end - begin) * Int32Array.BYTES_PER_ELEMENT : 0);
    const at = output.lane.tryClaim(bytes);
    this.lacksRoom = at < 0;
    if (at < 0) return false;
    const { memory } = output.lane;
    writeTask(memory, at, { begin, end, sentUs: this.#now() });
    if (this.#carriesEvents) {
      for (let i = begin, word = (at + TASK_BYTES) >> 2; i < end; i++, word++) memory.i32[word] = hash(i);
    }
    output.sent = (output.sent + 1) | 0;
    output.commit(bytes, this.#ticket++, TASK);
    return true;
  }
}
