/** Stages and the links between them, as plain data; and the threads that run them. Counterpart: `actor-thread.ts`. */
import { once } from 'node:events';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { stopThreads } from '../harness/threads.ts';
import type { RoundResult } from './actor.ts';
import type { StageSpec, ThreadData, ThreadMessage } from './actor-thread.ts';
import type { TopologySetting } from './messages.ts';

const THREAD = new URL('./actor-thread.js', import.meta.url);

export interface Node {
  readonly spec: StageSpec;
  readonly inputs: MessagePort[];
  readonly outputs: MessagePort[];
}

export interface GraphResult extends RoundResult {
  /** Messages between the stages in this round, demand included. */
  readonly messages: number;
}

export class Graph {
  readonly #nodes: Node[] = [];
  readonly #workers: Worker[] = [];
  #messagesBefore = 0;

  /** Adds a stage. Stages hear of a round in the order opposite to this one, so that the first is the last to begin. */
  stage(spec: StageSpec): Node {
    const node = { spec, inputs: [], outputs: [] };
    this.#nodes.push(node);
    return node;
  }

  link(from: Node, to: Node): void {
    const { port1, port2 } = new MessageChannel();
    from.outputs.push(port1);
    to.inputs.push(port2);
  }

  get threads(): number {
    return this.#nodes.length;
  }

  async start(): Promise<void> {
    for (const { spec, inputs, outputs } of this.#nodes) {
      const workerData: ThreadData = { spec, inputs, outputs };
      const worker = new Worker(THREAD, { workerData, transferList: [...inputs, ...outputs] });
      await once(worker, 'message');
      this.#workers.push(worker);
    }
  }

  async round(setting: TopologySetting): Promise<GraphResult> {
    const result = once(this.#workers.at(-1)!, 'message');
    for (const worker of this.#workers.toReversed()) await this.#ask(worker, { type: 'round', setting });
    const [answer] = (await result) as [RoundResult];
    return { ...answer, messages: await this.#countMessages() };
  }

  async stop(): Promise<void> {
    await stopThreads(this.#workers);
  }

  async #countMessages(): Promise<number> {
    let sent = 0;
    for (const worker of this.#workers) sent += await this.#ask(worker, { type: 'count' });
    const messages = sent - this.#messagesBefore;
    this.#messagesBefore = sent;
    return messages;
  }

  /** A port of its own for each answer, so that it is never taken for the result of a round. */
  async #ask(worker: Worker, message: ThreadMessage): Promise<number> {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ ...message, reply: port2 }, [port2]);
    const [answer] = (await once(port1, 'message')) as [number];
    port1.close();
    return answer;
  }
}
