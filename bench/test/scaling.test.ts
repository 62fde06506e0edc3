import os from 'node:os';
import { describe, expect, it } from 'vitest';
import { verify } from '../dist/harness/contender.js';
import calibration from '../dist/scaling/calibration.js';
import scaling, { contenderName, processorCounts, type ScalingResult } from '../dist/scaling/index.js';
import { expectedAnswer } from '../dist/workloads/expected.js';

describe('scaling', () => {
  it('measures each number of processors up to the cores, one more, and twice as many', () => {
    expect(processorCounts(1)).toEqual([1, 2]);
    expect(processorCounts(2)).toEqual([1, 2, 3, 4]);
    expect(processorCounts(4)).toEqual([1, 2, 3, 4, 5, 8]);
  });

  it.each(processorCounts(Math.min(2, os.availableParallelism())).map(contenderName))(
    '%s answers right and tells what its flow did in each round',
    async (name) => {
      const running = await (await scaling[name]!()).start({ threads: 1 });
      try {
        for (const events of [3_000, 1_001]) {
          const setting = { work: { kind: 'w1', K: 0 }, events } as const;
          const result = (await running.round(setting)) as ScalingResult;
          verify(name, 'scaling', result, expectedAnswer(setting.work, events));
          expect(result.flow.sequences).toBe(events);
          expect(result.flow.items).toBe(result.items);
          expect(result.flow.tickets).toBeGreaterThan(0);
          expect(result.flow.computingMs).toBeGreaterThan(0);
        }
      } finally {
        await running.stop();
      }
    },
  );

  it('calibrates: every cost that the model needs is a time', async () => {
    const running = await (await calibration.calibration!()).start({ threads: 1 });
    const costs = await running.round({ sequences: 2_000, trips: 20 });
    await running.stop();
    expect(Object.keys(costs).length).toBe(11);
    for (const us of Object.values(costs)) expect(us).toBeGreaterThan(0);
  });
});
