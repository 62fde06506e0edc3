import os from 'node:os';
import type { OrderedContender, OrderedResult, OrderedSetting, Registry } from '../harness/contender.ts';
import { type FlowWork, look, workBetween } from './flow-work.ts';

export interface ScalingResult extends OrderedResult {
  readonly flow: FlowWork;
}

/** From one processor to one for each core, one more, and twice as many. */
export function processorCounts(cores: number): number[] {
  const counts = Array.from({ length: cores }, (_, i) => i + 1);
  return [...new Set([...counts, cores + 1, 2 * cores])];
}

export const contenderName = (processors: number): string => `processors-${processors}`;

async function contenderOf(processors: number): Promise<OrderedContender> {
  const { flowRounds } = await import('../millrace/form-a.ts');
  return {
    name: contenderName(processors),
    start: async () => {
      const flow = flowRounds(processors);
      return {
        async round(setting) {
          const before = look(flow.stats());
          const result = await flow.round(setting);
          const scaling: ScalingResult = { ...result, flow: workBetween(before, look(flow.stats())) };
          return scaling;
        },
        stop: () => flow.stop(),
      };
    },
  };
}

/** Millrace in form A with each number of processors, by name; and the plain loop. */
const registry: Registry<OrderedSetting, OrderedResult> = {
  'plain-loop': async () => (await import('../rivals/plain-loop.ts')).contender,
  ...Object.fromEntries(
    processorCounts(os.availableParallelism()).map((count) => [contenderName(count), () => contenderOf(count)]),
  ),
};

export default registry;
