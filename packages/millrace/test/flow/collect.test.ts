/** Writers that collect: batches of several tickets and lanes, and when they are handed over. */
import type { Batch } from 'millrace';
import { describe, expect, it } from 'vitest';
import { cleanUp, MODES, type Num, nums, start, until } from '../support/lifecycle.ts';

cleanUp();

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe.each(MODES)('a writer that collects, in the mode %s', (mode) => {
  it.each([
    ['at once', { lingerMs: 1 }],
    ['late', { lingerMs: 1 }],
    ['at once', { lingerMs: 0 }],
    ['at once', { lingerMs: 1, maxItems: 10 }],
    ['late', { lingerMs: 1, maxItems: 10, maxInFlight: 4 }],
    ['late', { maxItems: 10, maxInFlight: 8 }],
  ] as const)('and answers %s, publishes all that it has taken: %o', async (how, options) => {
    const EVENTS = 20_000;
    let got = 0;
    const flow = await start<Num>({
      mode,
      pipeline: { capacity: 1_024 },
      process: { threads: 2 },
      // Quick batches are acknowledged many at once. The late ones come behind them.
      write(batch: Batch<Num>) {
        got += batch.length;
        return how === 'late' && got > EVENTS ? turn() : undefined;
      },
      writeOptions: options,
    });
    await flow.publish(nums(EVENTS));
    await until(() => flow.published === EVENTS);
    for (let n = 1; n <= 20; n++) {
      await flow.publish({ n });
      await until(
        () => flow.published === EVENTS + n,
        () => `${flow.published} in place of ${EVENTS + n}; took ${got}`,
      );
    }
    await flow.publish(nums(7));
    await flow.drain();
    expect([flow.published, got]).toEqual([EVENTS + 27, EVENTS + 27]);
  });
});
