import type { Contender, Registry } from '../../harness/contender.ts';
import { pairContender, type PairResult } from '../pair.ts';
import type { TripSetting } from './setting.ts';

type TripResult = PairResult<Float32Array, undefined>;

const pair = (name: string, module: string, program: string) => async (): Promise<Contender<TripSetting, TripResult>> =>
  pairContender(name, { module: new URL(module, import.meta.url), program });

/** Round trips between two threads, by name. */
const registry: Registry<TripSetting, TripResult> = {
  'lane-spin': pair('lane-spin', './millrace-lane.js', 'spin'),
  'lane-adaptive': pair('lane-adaptive', './millrace-lane.js', 'adaptive'),
  'lane-park': pair('lane-park', './millrace-lane.js', 'park'),
  'ringbuf-spin': pair('ringbuf-spin', './ringbuf.js', 'spin'),
  'message-port': pair('message-port', './message-port.js', 'program'),
};

export default registry;
