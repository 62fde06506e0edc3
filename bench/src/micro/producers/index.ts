import type { Registry } from '../../harness/contender.ts';
import type { ProducersResult, ProducersSetting } from './setting.ts';

/** Several producers and one that takes, by name. */
const registry: Registry<ProducersSetting, ProducersResult> = {
  'event-ring-shared': async () => (await import('./shared-ring.ts')).contender,
  'message-port': async () => (await import('./message-port.ts')).contender,
};

export default registry;
