/** The stages of a topology, each on a thread of its own; what lies between them is up to the subclass. */
import { once } from 'node:events';
import { MessageChannel, type Worker } from 'node:worker_threads';
import { stopThreads } from '../harness/threads.ts';
import type { RoundResult } from './actor.ts';
import type { StageSpec, ThreadMessage } from './actor-thread.ts';
import type { TopologySetting } from './messages.ts';

/** What a shape is built with. */
export interface GraphBuilder<Node> {
  /** Adds a stage. Stages hear of a round in the order opposite to this one, so that the first is the last to begin. */
  stage(spec: StageSpec): Node;
  link(from: Node, to: Node): void;
}

export interface GraphResult extends RoundResult {
  /** What passed between the stages in this round: messages, demand included; or records of lanes. */
  readonly messages: number;
}

export abstract class StageThreads<Node> implements GraphBuilder<Node> {
  readonly #nodes: Node[] = [];
  readonly #workers: Worker[] = [];
  #messagesBefore = 0;

  abstract stage(spec: StageSpec): Node;
  abstract link(from: Node, to: Node): void;
  /** Starts the thread of a stage, which says 'ready' when it is. */
  protected abstract open(node: Node): Worker;

  protected add(node: Node): Node {
    this.#nodes.push(node);
    return node;
  }

  get threads(): number {
    return this.#nodes.length;
  }

  async start(): Promise<void> {
    for (const node of this.#nodes) {
      const worker = this.open(node);
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
