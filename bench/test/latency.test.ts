import { describe, expect, it } from 'vitest';
import { verify } from '../dist/harness/contender.js';
import contenders from '../dist/latency/index.js';
import { sequential2 } from '../dist/workloads/w2.js';

describe.each(Object.keys(contenders))('%s', (name) => {
  it('brings every scheduled event back in order, with a latency for each, round after round', async () => {
    const running = await (await contenders[name]!()).start({ threads: 2 });
    try {
      for (const events of [500, 200]) {
        const result = await running.round({ rate: 20_000, events, pacing: 'sleep' });
        verify(name, 'w2', result, sequential2(events));
        expect(result.latenciesUs).toHaveLength(events);
        expect(Math.min(...result.latenciesUs)).toBeGreaterThan(0);
      }
    } finally {
      await running.stop();
    }
  });
});
