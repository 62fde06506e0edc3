import { counted } from '../atomics/counting.ts';
import type { Contender, Registry } from '../harness/contender.ts';
import { Graph } from './graph.ts';
import { LaneGraph } from './lanes/lane-graph.ts';
import type { TopologySetting } from './messages.ts';
import { SHAPES, type Shape } from './shapes.ts';
import type { GraphResult, StageThreads } from './stage-threads.ts';

export interface TopologyResult extends GraphResult {
  readonly ms: number;
  /** All threads but the main one. */
  readonly threads: number;
  /** Atomic operations of all threads in this round; 0 in a process that does not count them. */
  readonly atomics: number;
}

export type TopologyContender = Contender<TopologySetting, TopologyResult>;

export function atomicsSoFar(): number {
  const { loads, stores, exchanges } = counted();
  return loads + stores + exchanges;
}

function shapeContender<Node>(name: string, shape: Shape, open: () => StageThreads<Node>): TopologyContender {
  return {
    name,
    start: async ({ threads }) => {
      const graph = open();
      shape(graph, threads);
      await graph.start();
      return {
        async round(setting) {
          const before = atomicsSoFar();
          const begin = performance.now();
          const result = await graph.round(setting);
          const ms = performance.now() - begin;
          return { ...result, ms, threads: graph.threads, atomics: atomicsSoFar() - before };
        },
        stop: () => graph.stop(),
      };
    },
  };
}

/** Each shape by name, with messages, and with lanes under the name with `-lanes`; and Millrace itself. */
const registry: Registry<TopologySetting, TopologyResult> = {
  ...Object.fromEntries(
    Object.entries(SHAPES).flatMap(([name, shape]) => [
      [name, async () => shapeContender(name, shape, () => new Graph())],
      [`${name}-lanes`, async () => shapeContender(`${name}-lanes`, shape, () => new LaneGraph())],
    ]),
  ),
  millrace: async () => (await import('./millrace.ts')).emit,
  'millrace-claim': async () => (await import('./millrace.ts')).claim,
};

export default registry;
