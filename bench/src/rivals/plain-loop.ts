/** What everything is compared with: no thread, no order to keep, no memory to pass on. */
import { type OrderedContender, timed } from '../harness/contender.ts';
import { plainLoop } from '../workloads/expected.ts';

export const contender: OrderedContender = {
  name: 'plain-loop',
  start: async () => ({
    round: ({ work, events }) => timed(() => plainLoop(work, events)),
    stop: async () => {},
  }),
};
