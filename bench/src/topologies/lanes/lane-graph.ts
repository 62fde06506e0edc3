/** The main half of `lane-thread.ts`: the stages of a topology on a thread each, with a lane for every hop. */
import { Worker } from 'node:worker_threads';
import { createLane, EVENTCOUNT_WORDS } from 'native-free-rings';
import type { StageSpec } from '../actor-thread.ts';
import { StageThreads } from '../stage-threads.ts';
import type { LaneEnd, LaneThreadData } from './lane-thread.ts';
import type { LaneLink } from './link.ts';

const THREAD = new URL('./lane-thread.js', import.meta.url);
/** As Millrace's lanes by default. */
const LANE_BYTES = 256 * 1024;

const words = (count: number): Int32Array<SharedArrayBuffer> =>
  new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));

export interface LaneNode {
  readonly spec: StageSpec;
  readonly inputs: LaneEnd[];
  readonly outputs: LaneEnd[];
  readonly sleeper: Int32Array<SharedArrayBuffer>;
}

export class LaneGraph extends StageThreads<LaneNode> {
  stage(spec: StageSpec): LaneNode {
    return this.add({ spec, inputs: [], outputs: [], sleeper: words(EVENTCOUNT_WORDS) });
  }

  link(from: LaneNode, to: LaneNode): void {
    const link: LaneLink = { lane: createLane({ capacityBytes: LANE_BYTES }), asked: words(1) };
    from.outputs.push({ link, other: to.sleeper });
    to.inputs.push({ link, other: from.sleeper });
  }

  protected override open(node: LaneNode): Worker {
    const workerData: LaneThreadData = node;
    return new Worker(THREAD, { workerData });
  }
}
