import type { Registry } from '../harness/contender.ts';
import type { LatencyResult, LatencySetting } from './setting.ts';

/** Everything that runs W2, by name. */
const registry: Registry<LatencySetting, LatencyResult> = {
  millrace: async () => (await import('../millrace/latency.ts')).contender,
  'millrace-function': async () => (await import('../millrace/latency-function.ts')).contender,
  'message-port': async () => (await import('./message-port.ts')).perEvent,
  'message-port-batches': async () => (await import('./message-port.ts')).batches,
  piscina: async () => (await import('./piscina.ts')).perEvent,
};

export default registry;
