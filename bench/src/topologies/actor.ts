/**
 * A stage of a topology on its thread, after GenStage: a stage asks the one before it for as many as it can take, and never gets
 * more. Every hop is a message, and every message is counted.
 */
import type { MessagePort, Transferable } from 'node:worker_threads';
import type { Demand, Item, TopologySetting } from './messages.ts';

/** A link to the next stage, with what that has asked for and not got. */
export class Output {
  demand = 0;
  messages = 0;
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  onDemand(listener: (demand: Demand) => void): void {
    this.#port.on('message', (demand: Demand) => {
      this.demand += demand;
      listener(demand);
    });
  }

  send(item: Item, transferList?: Transferable[]): void {
    this.demand--;
    this.messages++;
    this.#port.postMessage(item, transferList);
  }
}

/** A link to the stage before. */
export class Input {
  messages = 0;
  readonly #port: MessagePort;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  onItem(listener: (item: Item) => void): void {
    this.#port.on('message', listener);
  }

  ask(demand: Demand): void {
    this.messages++;
    this.#port.postMessage(demand);
  }
}

/** What a stage does. It is made once; its links keep their demand from round to round. */
export interface Stage {
  onRound?(setting: TopologySetting): void;
  onItem?(item: Item, input: Input): void;
  onDemand?(demand: Demand): void;
}

export interface StageContext {
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  /** Tells the main thread that the round is over. Only the last stage does. */
  finish(result: RoundResult): void;
}

export interface RoundResult {
  readonly checksum: number;
  readonly items: number;
  /** For each task, from the moment when the producer sent it to the moment when it was folded. */
  readonly latenciesUs: Float32Array;
}

/** The output whose stage has asked for most; undefined when none has asked. */
export function neediest(outputs: readonly Output[]): Output | undefined {
  let best: Output | undefined;
  for (const output of outputs) if (output.demand > (best?.demand ?? 0)) best = output;
  return best;
}
