import type { Contender, Registry } from '../../harness/contender.ts';
import { type PairResult, pairContender } from '../pair.ts';
import type { LaneSetting } from './setting.ts';

type LaneResult = PairResult<undefined, number>;

const pair = (name: string, module: URL, program: string) => async (): Promise<Contender<LaneSetting, LaneResult>> =>
  pairContender(name, { module, program });

/** One-way throughput between two threads, by name. */
const registry: Registry<LaneSetting, LaneResult> = {
  'lane-spin': pair('lane-spin', new URL('./millrace-lane.js', import.meta.url), 'spin'),
  'lane-adaptive': pair('lane-adaptive', new URL('./millrace-lane.js', import.meta.url), 'adaptive'),
  'lane-park': pair('lane-park', new URL('./millrace-lane.js', import.meta.url), 'park'),
  'lane-batch-spin': pair('lane-batch-spin', new URL('./millrace-lane.js', import.meta.url), 'batchSpin'),
  'lane-batch-park': pair('lane-batch-park', new URL('./millrace-lane.js', import.meta.url), 'batchPark'),
  'event-ring-spin': pair('event-ring-spin', new URL('./millrace-event-ring.js', import.meta.url), 'spin'),
  'event-ring-adaptive': pair('event-ring-adaptive', new URL('./millrace-event-ring.js', import.meta.url), 'adaptive'),
  'event-ring-park': pair('event-ring-park', new URL('./millrace-event-ring.js', import.meta.url), 'park'),
  ringbuf: pair('ringbuf', new URL('./ringbuf.js', import.meta.url), 'program'),
  'message-port': pair('message-port', new URL('./message-port.js', import.meta.url), 'program'),
  'disruptor-busy-spin': async () => (await import('./disruptor.ts')).busySpin,
  'disruptor-yielding': async () => (await import('./disruptor.ts')).yielding,
};

export default registry;
