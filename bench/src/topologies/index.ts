import type { Registry } from '../harness/contender.ts';
import { Graph, type GraphResult } from './graph.ts';
import type { TopologySetting } from './messages.ts';
import { SHAPES } from './shapes.ts';

export interface TopologyResult extends GraphResult {
  readonly ms: number;
  /** All threads but the main one. */
  readonly threads: number;
}

/** The eight shapes, by name. */
const registry: Registry<TopologySetting, TopologyResult> = Object.fromEntries(
  Object.entries(SHAPES).map(([name, shape]) => [
    name,
    async () => ({
      name,
      start: async ({ threads }) => {
        const graph = new Graph();
        shape(graph, threads);
        await graph.start();
        return {
          async round(setting) {
            const begin = performance.now();
            const result = await graph.round(setting);
            return { ...result, ms: performance.now() - begin, threads: graph.threads };
          },
          stop: () => graph.stop(),
        };
      },
    }),
  ]),
);

export default registry;
