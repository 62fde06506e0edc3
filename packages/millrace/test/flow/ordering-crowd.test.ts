/** Threads that join a running flow late and leave it early, with the content of every item checked. */
import { test } from 'vitest';
import { runCrowd } from '../support/crowd.ts';

test.each([1, 2])(
  'producers and readers that come and go lose nothing and disorder nothing (seed %d)',
  async (seed) => {
    await runCrowd(seed, 800);
  },
);
