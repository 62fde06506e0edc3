import type { OrderedResult, OrderedSetting, Registry } from '../harness/contender.ts';
import { type FlowWork, look, workBetween } from '../scaling/flow-work.ts';
import { type Counted, counted, difference } from './counting.ts';

export interface CountedResult extends OrderedResult {
  readonly atomics: Counted;
  readonly flow: FlowWork;
}

/** Node options under which a process counts. */
export const COUNTING_OPTIONS: readonly string[] = ['--import', new URL('./counting-preload.js', import.meta.url).href];

/** Millrace in form A, counted. Means something only in a process that was started with `COUNTING_OPTIONS`. */
const registry: Registry<OrderedSetting, OrderedResult> = {
  millrace: async () => {
    const { flowRounds } = await import('../millrace/form-a.ts');
    return {
      name: 'millrace',
      start: async ({ threads }) => {
        const flow = flowRounds(threads);
        return {
          async round(setting) {
            const flowBefore = look(flow.stats());
            const before = counted();
            const result = await flow.round(setting);
            const atomics = difference(counted(), before);
            const round: CountedResult = { ...result, atomics, flow: workBetween(flowBefore, look(flow.stats())) };
            return round;
          },
          stop: () => flow.stop(),
        };
      },
    };
  },
};

export default registry;
