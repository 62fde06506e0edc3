/** Nacks that have items computed again, of processors that have gone meanwhile. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Batch, Nack } from 'millrace';
import { expect, it } from 'vitest';
import { cleanUp, liveThreads, MODES, type Num, nums, start } from '../support/lifecycle.ts';

cleanUp();

it.each(MODES)('a processor that has computed everything and ended computes again in the mode %s', async (mode) => {
  const got: number[] = [];
  let refusals = 0;
  const flow = await start({
    mode,
    process: { export: 'positive' },
    async write(batch: Batch<Num>) {
      if (batch.sequence === 7 && refusals++ < 2) {
        // The source has ended; until then nothing is left for the processors but to end.
        await sleep(300);
        throw new Nack('not yet', { action: 'recompute' });
      }
      for (const { n } of batch) got.push(n);
    },
  });
  await flow.publish(nums(10, 1));
  await flow.drain();
  expect(got).toEqual(nums(10, 1).map(({ n }) => n));
  expect(refusals).toBe(3);
  expect(liveThreads()).toBe(0);
});
