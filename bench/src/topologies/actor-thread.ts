/** The thread of one stage. Counterpart: `graph.ts`. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Input, Output, type Stage, type StageContext } from './actor.ts';
import { type ComputeOptions, compute } from './compute.ts';
import type { TopologySetting } from './messages.ts';
import { type ProduceOptions, produce } from './produce.ts';
import { type RelayOptions, relay } from './relay.ts';
import { type WriteOptions, write } from './write.ts';

export type StageSpec =
  | ({ readonly kind: 'produce' } & ProduceOptions)
  | ({ readonly kind: 'relay' } & RelayOptions)
  | ({ readonly kind: 'compute' } & ComputeOptions)
  | ({ readonly kind: 'write' } & WriteOptions);

export interface ThreadData {
  readonly spec: StageSpec;
  readonly inputs: readonly MessagePort[];
  readonly outputs: readonly MessagePort[];
}

export type ThreadMessage =
  /** A round begins; answered with 0 once the stage knows. */
  | { readonly type: 'round'; readonly setting: TopologySetting }
  /** Answered with the number of messages that the stage has sent since it began. */
  | { readonly type: 'count' };

function stageOf(spec: StageSpec, context: StageContext): Stage {
  switch (spec.kind) {
    case 'produce':
      return produce(context, spec);
    case 'relay':
      return relay(context, spec);
    case 'compute':
      return compute(context, spec);
    case 'write':
      return write(context, spec);
  }
}

const data = workerData as ThreadData;
const inputs = data.inputs.map((port) => new Input(port));
const outputs = data.outputs.map((port) => new Output(port));
const stage = stageOf(data.spec, { inputs, outputs, finish: (result) => parentPort!.postMessage(result) });

for (const input of inputs) input.onItem((item) => stage.onItem?.(item, input));
for (const output of outputs) output.onDemand((demand) => stage.onDemand?.(demand));

parentPort!.on('message', (message: ThreadMessage & { readonly reply: MessagePort }) => {
  message.reply.postMessage(
    message.type === 'count' ? [...inputs, ...outputs].reduce((sum, link) => sum + link.messages, 0) : 0,
  );
  if (message.type === 'round') stage.onRound?.(message.setting);
});
parentPort!.postMessage('ready');
