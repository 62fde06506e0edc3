import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createLane, EventCount, LANE_CAUSES } from 'native-free-rings';
import { expect, test } from 'vitest';
import { CONSUMER_SLEEP_WORD } from '../../src/lane/lane-descriptor.ts';

/** CPU time of this process, in ms, while a thread waits for a record for `ms`. */
async function cpuWhileWaiting(strategy: string, ms: number): Promise<number> {
  const handle = createLane({ capacityBytes: 1024 });
  const sleeper = new EventCount(new Int32Array(handle.buffer), CONSUMER_SLEEP_WORD);
  const worker = new Worker(new URL('./waiting-consumer.mjs', import.meta.url), { workerData: { handle, strategy } });
  try {
    await once(worker, 'message');
    while (strategy === 'park' && sleeper.loadCause() !== LANE_CAUSES.records) await turns(ms / 20);
    const before = process.cpuUsage();
    await turns(ms);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  } finally {
    await worker.terminate();
  }
}

const turns = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('a parked consumer uses no CPU, next to one that spins', async () => {
  const spinning = await cpuWhileWaiting('spin', 1_000);
  const parked = await cpuWhileWaiting('park', 1_000);
  expect(parked / spinning).toBeLessThan(0.1);
});
