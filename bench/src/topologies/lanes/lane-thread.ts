/** The thread of one stage over lanes. Counterpart: `lane-graph.ts`. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ANY, EventCount } from 'native-free-rings';
import type { StageSpec, ThreadMessage } from '../actor-thread.ts';
import { LaneCompute } from './compute.ts';
import { LaneIn, type LaneLink, LaneOut, ROOM, WORK } from './link.ts';
import { LaneProduce } from './produce.ts';
import { LaneRelay } from './relay.ts';
import type { LaneStage, LaneStageContext } from './stage.ts';
import { LaneWrite } from './write.ts';

/** A link, and where the stage at its other end sleeps. */
export interface LaneEnd {
  readonly link: LaneLink;
  readonly other: Int32Array<SharedArrayBuffer>;
}

export interface LaneThreadData {
  readonly spec: StageSpec;
  readonly inputs: readonly LaneEnd[];
  readonly outputs: readonly LaneEnd[];
  readonly sleeper: Int32Array<SharedArrayBuffer>;
}

function stageOf(spec: StageSpec, context: LaneStageContext): LaneStage {
  switch (spec.kind) {
    case 'produce':
      return new LaneProduce(context, spec);
    case 'relay':
      return new LaneRelay(context, spec);
    case 'compute':
      return new LaneCompute(context, spec);
    case 'write':
      return new LaneWrite(context, spec);
  }
}

const data = workerData as LaneThreadData;
const inputs = data.inputs.map(({ link, other }) => new LaneIn(link, new EventCount(other, 0)));
const outputs = data.outputs.map(({ link, other }) => new LaneOut(link, new EventCount(other, 0)));
const stage = stageOf(data.spec, { inputs, outputs });
const sleeper = new EventCount(data.sleeper, 0);

function run(): void {
  while (!stage.done) {
    if (stage.doWork()) continue;
    const armed = sleeper.arm(stage.lacksRoom ? ROOM : WORK, ANY);
    // Work that came before the announcement would wake nobody.
    if (stage.doWork()) sleeper.disarm(armed);
    else sleeper.sleep(armed, stage.timeoutMs);
  }
}

parentPort!.on('message', (message: ThreadMessage & { readonly reply: MessagePort }) => {
  if (message.type === 'count') {
    message.reply.postMessage(outputs.reduce((sum, output) => sum + output.records, 0));
    return;
  }
  stage.begin(message.setting);
  message.reply.postMessage(0);
  run();
  if (stage.result) parentPort!.postMessage(stage.result());
});
parentPort!.postMessage('ready');
