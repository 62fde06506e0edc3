import { describe, expect, it } from 'vitest';
import { verify } from '../dist/harness/contender.js';
import topologies from '../dist/topologies/index.js';
import { expectedAnswer } from '../dist/workloads/expected.js';

const work = { kind: 'w1', K: 0 } as const;

describe.each(Object.keys(topologies))('topology %s', (name) => {
  it('answers W1 right, round after round, fast and paced, and counts its messages', async () => {
    const running = await (await topologies[name]!()).start({ threads: 2 });
    try {
      for (const [events, eventsPerTask, taskEveryMs] of [
        [2_000, 64, 0],
        [700, 10, 0],
        [20, 4, 1],
      ] as const) {
        const result = await running.round({ work, events, eventsPerTask, taskEveryMs });
        verify(name, 'w1', result, expectedAnswer(work, events));
        expect(result.latenciesUs).toHaveLength(Math.ceil(events / eventsPerTask));
        // Each task and its batch are a message each, and so is the demand for both.
        expect(result.messages).toBeGreaterThanOrEqual(4 * Math.ceil(events / eventsPerTask) - 16);
      }
    } finally {
      await running.stop();
    }
  });
});
