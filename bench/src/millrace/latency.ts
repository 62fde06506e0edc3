/** Millrace on W2: the load thread is a producer of the flow, and a thread with a reader of the destination ring notes latencies. */
import { once } from 'node:events';
import { pipeline, toRing } from 'millrace';
import { sharedClock } from '../harness/clock.ts';
import { startThreads, stopThreads } from '../harness/threads.ts';
import { LEAD_US, type LoadRound } from '../latency/load-round.ts';
import type { LatencyContender, LatencyResult } from '../latency/setting.ts';
import { RingEvent, RingItem } from './ring-records.ts';

const PROCESSOR = new URL('./w2-processor.js', import.meta.url);
const PRODUCER = new URL('./latency-producer.js', import.meta.url);
const READER = new URL('./latency-reader.js', import.meta.url);
const CAPACITY = 4_096;

export const contender: LatencyContender = {
  name: 'millrace',
  start: async ({ threads }) => {
    const flow = await pipeline({ source: RingEvent, capacity: CAPACITY, producers: 1 })
      .process(PROCESSOR, { threads })
      .write(toRing({ capacity: CAPACITY, codec: RingItem }))
      .start();
    const progress = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const [reader] = await startThreads(READER, [{ handle: flow.reader(), progress }]);
    const [producer] = await startThreads(PRODUCER, [{ handle: flow.producer(), progress }]);
    const now = sharedClock();
    return {
      async round(setting) {
        const round: LoadRound = { setting, startUs: now() + LEAD_US };
        const result = once(reader, 'message');
        for (const thread of [reader, producer]) thread.postMessage(round);
        return ((await result) as [LatencyResult])[0];
      },
      async stop() {
        await stopThreads([producer, reader]);
        await flow.stop();
      },
    };
  },
};
