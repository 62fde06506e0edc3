/** The main half of `actor-thread.ts`: the stages of a topology on a thread each, with a MessagePort for every hop. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { StageSpec, ThreadData } from './actor-thread.ts';
import { StageThreads } from './stage-threads.ts';

const THREAD = new URL('./actor-thread.js', import.meta.url);

export interface Node {
  readonly spec: StageSpec;
  readonly inputs: MessagePort[];
  readonly outputs: MessagePort[];
}

export class Graph extends StageThreads<Node> {
  stage(spec: StageSpec): Node {
    return this.add({ spec, inputs: [], outputs: [] });
  }

  link(from: Node, to: Node): void {
    const { port1, port2 } = new MessageChannel();
    from.outputs.push(port1);
    to.inputs.push(port2);
  }

  protected override open({ spec, inputs, outputs }: Node): Worker {
    const workerData: ThreadData = { spec, inputs, outputs };
    return new Worker(THREAD, { workerData, transferList: [...inputs, ...outputs] });
  }
}
