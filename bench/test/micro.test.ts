import { describe, expect, it } from 'vitest';
import lanes from '../dist/micro/lanes/index.js';
import { expectedSum } from '../dist/micro/lanes/setting.js';
import producers from '../dist/micro/producers/index.js';
import { expectedSum as expectedOfProducers } from '../dist/micro/producers/setting.js';
import trips from '../dist/micro/trips/index.js';
import { javaUnavailable } from '../dist/rivals/java.js';

describe.each(Object.keys(lanes))('lane %s', (name) => {
  it.skipIf(name.startsWith('disruptor') && javaUnavailable())(
    'passes every word of every record on, round after round',
    async () => {
      const running = await (await lanes[name]!()).start({ threads: 2 });
      const sizes = name.startsWith('disruptor') ? [8] : [8, 256];
      try {
        for (const bytes of sizes) {
          for (const publishEvery of [1, 64]) {
            const setting = { bytes, publishEvery, records: 20 * publishEvery };
            expect((await running.round(setting)).b).toBe(expectedSum(setting));
          }
        }
      } finally {
        await running.stop();
      }
    },
  );
});

describe.each(Object.keys(producers))('producers by %s', (name) => {
  it('lose nothing, round after round', async () => {
    const running = await (await producers[name]!()).start({ threads: 4 });
    try {
      for (const count of [1, 4, 2]) {
        const setting = { producers: count, events: 500 };
        expect((await running.round(setting)).sum).toBe(expectedOfProducers(setting));
      }
    } finally {
      await running.stop();
    }
  });
});

describe.each(Object.keys(trips))('trip %s', (name) => {
  it('is answered each time', async () => {
    const running = await (await trips[name]!()).start({ threads: 2 });
    try {
      for (let round = 0; round < 2; round++) expect((await running.round({ trips: 20 })).a).toHaveLength(20);
    } finally {
      await running.stop();
    }
  });
});
