import type { OrderedResult, OrderedSetting, Registry } from '../harness/contender.ts';

/** Everything that runs the ordered workloads W1 and W3, by name; those of `bound/` are no rivals (`harness/standing.ts`). */
const registry: Registry<OrderedSetting, OrderedResult> = {
  'plain-loop': async () => (await import('./plain-loop.ts')).contender,
  millrace: async () => (await import('../millrace/form-a.ts')).emit,
  'millrace-claim': async () => (await import('../millrace/form-a.ts')).claim,
  'millrace-warmed': async () => (await import('../millrace/form-a.ts')).warmed,
  'millrace-nice': async () => (await import('../millrace/form-a.ts')).nice,
  'bound-bulk': async () => (await import('../bound/index.ts')).bulk,
  'bound-emit': async () => (await import('../bound/index.ts')).emit,
  'message-port': async () => (await import('./message-port.ts')).contender,
  ringbuf: async () => (await import('./ringbuf.ts')).contender,
  'piscina-batches': async () => (await import('./piscina.ts')).batches,
  'piscina-per-event': async () => (await import('./piscina.ts')).perEvent,
  'comlink-batches': async () => (await import('./comlink.ts')).contender,
  'workerpool-batches': async () => (await import('./workerpool.ts')).contender,
  'disruptor-blocking': async () => (await import('./disruptor.ts')).blocking,
  'disruptor-yielding': async () => (await import('./disruptor.ts')).yielding,
  'async-generator': async () => (await import('./async-generator.ts')).contender,
};

export default registry;
