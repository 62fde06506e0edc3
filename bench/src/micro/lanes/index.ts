import type { Contender, Registry } from '../../harness/contender.ts';
import { pairContender, type PairResult } from '../pair.ts';
import type { LaneSetting } from './setting.ts';

type LaneResult = PairResult<undefined, number>;

const pair = (name: string, module: string, program: string) => async (): Promise<Contender<LaneSetting, LaneResult>> =>
  pairContender(name, { module: new URL(module, import.meta.url), program });

/** One-way throughput between two threads, by name. */
const registry: Registry<LaneSetting, LaneResult> = {
  'lane-spin': pair('lane-spin', './millrace-lane.js', 'spin'),
  'lane-adaptive': pair('lane-adaptive', './millrace-lane.js', 'adaptive'),
  'lane-park': pair('lane-park', './millrace-lane.js', 'park'),
  'event-ring-spin': pair('event-ring-spin', './millrace-event-ring.js', 'spin'),
  'event-ring-adaptive': pair('event-ring-adaptive', './millrace-event-ring.js', 'adaptive'),
  'event-ring-park': pair('event-ring-park', './millrace-event-ring.js', 'park'),
  ringbuf: pair('ringbuf', './ringbuf.js', 'program'),
  'message-port': pair('message-port', './message-port.js', 'program'),
  'disruptor-busy-spin': async () => (await import('./disruptor.ts')).busySpin,
  'disruptor-yielding': async () => (await import('./disruptor.ts')).yielding,
};

export default registry;
