import type { OrderedResult, OrderedSetting, Registry } from '../harness/contender.ts';

/** Everything that runs W1 in form B, by name. */
const registry: Registry<OrderedSetting, OrderedResult> = {
  'plain-loop': async () => (await import('../rivals/plain-loop.ts')).contender,
  millrace: async () => (await import('./form-b.ts')).objects,
  'millrace-flyweight': async () => (await import('./form-b.ts')).flyweights,
  'millrace-apart': async () => (await import('./form-b-apart.ts')).contender,
};

export default registry;
