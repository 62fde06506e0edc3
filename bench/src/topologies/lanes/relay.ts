import type { RelayOptions } from '../relay.ts';
import { ANNOUNCEMENT, END, type LaneIn, type LaneOut, neediest } from './link.ts';
import type { LaneStage, LaneStageContext } from './stage.ts';

/** A dispatcher or a broker: copies each record from the lane it came in to the lane of whoever wants it most. */
export class LaneRelay implements LaneStage {
  done = false;
  lacksRoom = false;
  readonly #inputs: readonly LaneIn[];
  readonly #outputs: readonly LaneOut[];
  readonly #workers: readonly LaneOut[];
  readonly #log: LaneOut | undefined;
  #ended = 0;

  constructor({ inputs, outputs }: LaneStageContext, { holds, announces }: RelayOptions) {
    this.#inputs = inputs;
    this.#outputs = outputs;
    this.#workers = announces ? outputs.slice(0, -1) : outputs;
    this.#log = announces ? outputs.at(-1) : undefined;
    for (const input of inputs) input.ask(holds);
  }

  begin(): void {
    this.#ended = 0;
    this.done = false;
    for (const input of this.#inputs) input.ended = false;
  }

  doWork(): boolean {
    this.lacksRoom = false;
    let passed = 0;
    for (const input of this.#inputs) {
      while (input.look() && this.#pass(input)) passed++;
    }
    if (!this.#inputs.every((input) => input.ended)) return passed > 0;
    while (this.#ended < this.#outputs.length && this.#outputs[this.#ended].trySend(0, END)) this.#ended++;
    this.lacksRoom = this.#ended < this.#outputs.length;
    this.done = !this.lacksRoom;
    return this.done || passed > 0;
  }

  #pass(input: LaneIn): boolean {
    const output = neediest(this.#workers);
    if (!output) return false;
    const { length, offset, sequence, count: kind, memory } = input.lane;
    const at = output.lane.tryClaim(length);
    const announced = at >= 0 && (!this.#log || this.#log.trySend(this.#workers.indexOf(output), ANNOUNCEMENT));
    this.lacksRoom = !announced;
    if (!announced) {
      if (at >= 0) output.lane.abort();
      return false;
    }
    for (let i = 0; i < length; i += 4) output.lane.memory.i32[(at + i) >> 2] = memory.i32[(offset + i) >> 2];
    output.sent = (output.sent + 1) | 0;
    output.commit(length, sequence, kind);
    input.take();
    input.ask(1);
    return true;
  }
}
