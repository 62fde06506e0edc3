import { describe, expect, it } from 'vitest';
import { verify } from '../dist/harness/contender.js';
import topologies from '../dist/topologies/index.js';
import { SHAPES } from '../dist/topologies/shapes.js';
import { expectedAnswer } from '../dist/workloads/expected.js';

const work = { kind: 'w1', K: 0 } as const;

/** Each task and its batch are a message each, and so is the demand for both; in lanes demand is a word. */
const LEAST_MESSAGES_OF_A_TASK = { messages: 4, lanes: 2 };

describe.each(Object.keys(SHAPES))('topology %s', (name) => {
  it.each(['messages', 'lanes'] as const)(
    'over %s answers W1 right, round after round, fast and paced, and counts what passes between its stages',
    async (hops) => {
      const running = await (await topologies[hops === 'lanes' ? `${name}-lanes` : name]!()).start({ threads: 2 });
      try {
        for (const [events, eventsPerTask, taskEveryMs] of [
          [2_000, 64, 0],
          [700, 10, 0],
          [20, 4, 1],
        ] as const) {
          const result = await running.round({ work, events, eventsPerTask, taskEveryMs });
          verify(name, 'w1', result, expectedAnswer(work, events));
          const tasks = Math.ceil(events / eventsPerTask);
          expect(result.latenciesUs).toHaveLength(tasks);
          expect(Math.min(...result.latenciesUs)).toBeGreaterThan(0);
          expect(result.messages).toBeGreaterThanOrEqual(LEAST_MESSAGES_OF_A_TASK[hops] * tasks - 16);
        }
      } finally {
        await running.stop();
      }
    },
  );

  it('over lanes takes a batch that is larger than a lane', async () => {
    const running = await (await topologies[`${name}-lanes`]!()).start({ threads: 2 });
    try {
      const huge = { kind: 'w3', hugeItems: 200_000 } as const;
      const result = await running.round({ work: huge, events: 3, eventsPerTask: 1, taskEveryMs: 0 });
      verify(name, 'w3', result, expectedAnswer(huge, 3));
    } finally {
      await running.stop();
    }
  });
});

describe('Millrace among the topologies', () => {
  it('answers right, fast and paced, with a latency for each paced event', async () => {
    const running = await (await topologies.millrace!()).start({ threads: 2 });
    try {
      const fast = await running.round({ work, events: 2_000, eventsPerTask: 64, taskEveryMs: 0 });
      verify('millrace', 'w1', fast, expectedAnswer(work, 2_000));
      for (const events of [20, 7]) {
        const paced = await running.round({ work: { kind: 'w2' }, events, eventsPerTask: 1, taskEveryMs: 1 });
        verify('millrace', 'w2', paced, expectedAnswer({ kind: 'w2' }, events));
        expect(paced.latenciesUs).toHaveLength(events);
        expect(Math.min(...paced.latenciesUs)).toBeGreaterThan(0);
      }
    } finally {
      await running.stop();
    }
  });
});
