import type { Contender, Registry } from '../../harness/contender.ts';
import { type PairResult, pairContender } from '../pair.ts';
import type { TripSetting } from './setting.ts';

type TripResult = PairResult<Float32Array, undefined>;

const pair = (name: string, module: URL, program: string) => async (): Promise<Contender<TripSetting, TripResult>> =>
  pairContender(name, { module, program });

/** Round trips between two threads, by name. */
const registry: Registry<TripSetting, TripResult> = {
  'lane-spin': pair('lane-spin', new URL('./millrace-lane.js', import.meta.url), 'spin'),
  'lane-adaptive': pair('lane-adaptive', new URL('./millrace-lane.js', import.meta.url), 'adaptive'),
  'lane-park': pair('lane-park', new URL('./millrace-lane.js', import.meta.url), 'park'),
  'ringbuf-spin': pair('ringbuf-spin', new URL('./ringbuf.js', import.meta.url), 'spin'),
  'message-port': pair('message-port', new URL('./message-port.js', import.meta.url), 'program'),
};

export default registry;
