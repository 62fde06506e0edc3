/**
 * Millrace on W2 with a writer that is a function on the main thread, which is the reader as well: one thread and one wake-up
 * fewer on an event's way than by a destination ring (`latency.ts`).
 */
import { pipeline } from 'millrace';
import { sharedClock } from '../harness/clock.ts';
import { startThreads, stopThreads } from '../harness/threads.ts';
import { LEAD_US, type LoadRound } from '../latency/load-round.ts';
import { LatencyReader } from '../latency/reader.ts';
import type { LatencyContender } from '../latency/setting.ts';
import { END, RingEvent, type RingItem } from './ring-records.ts';

const PROCESSOR = new URL('./w2-processor.js', import.meta.url);
const PRODUCER = new URL('./latency-producer.js', import.meta.url);
const CAPACITY = 4_096;

type Item = ReturnType<(typeof RingItem)['read']>;

export const contender: LatencyContender = {
  name: 'millrace-function',
  start: async ({ threads }) => {
    let reader: LatencyReader | undefined;
    let ended = (): void => {};
    const flow = await pipeline({ source: RingEvent, capacity: CAPACITY, producers: 1 })
      .process(PROCESSOR, { threads })
      .write((batch) => {
        for (let i = 0; i < batch.length; i++) {
          const { seq, value } = batch.at(i) as Item;
          if (seq === END) ended();
          else reader!.take(value);
        }
      })
      .start();
    const progress = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const [producer] = await startThreads(PRODUCER, [{ handle: flow.producer(), progress }]);
    const now = sharedClock();
    return {
      async round(setting) {
        const round: LoadRound = { setting, startUs: now() + LEAD_US };
        reader = new LatencyReader(setting, round.startUs, progress, now);
        const end = new Promise<void>((resolve) => {
          ended = resolve;
        });
        producer.postMessage(round);
        await end;
        return reader.result();
      },
      async stop() {
        await stopThreads([producer]);
        await flow.stop();
      },
    };
  },
};
