/**
 * A long run of struct events through a flow: prints what each thread of it allocated, and how often it collected, in the
 * steady state. `ring`: items go to a ring and a reader on a thread of its own; `module`: to a writer module;
 * `flyweight-module`: likewise, with events and items that are written and read in place.
 */
import { once } from 'node:events';
import { pipeline, toRing } from 'millrace';
import { startThreads, stopThreads } from '../harness/threads.ts';
import { RingEvent, RingItem } from '../millrace/ring-records.ts';
import type { WriterData } from './garbage-writer.ts';
import { openWatches, readWatches } from './heap-watch.ts';
import { expectedSum, type GarbageSetting, total } from './setting.ts';

const [kind, warmUp, events, after] = process.argv.slice(2);
const OBJECTS = {
  processor: new URL('./garbage-processor.js', import.meta.url),
  writer: new URL('./garbage-writer.js', import.meta.url),
  producer: new URL('./garbage-producer.js', import.meta.url),
};
const FLYWEIGHTS = {
  processor: new URL('./garbage-flyweight-processor.js', import.meta.url),
  writer: new URL('./garbage-flyweight-writer.js', import.meta.url),
  producer: new URL('./garbage-flyweight-producer.js', import.meta.url),
};
const modules = kind === 'flyweight-module' ? FLYWEIGHTS : OBJECTS;
const READER = new URL('./garbage-reader.js', import.meta.url);
const CAPACITY = 65_536;
const THREADS = 2;

const setting: GarbageSetting = {
  warmUp: Number(warmUp),
  events: Number(events),
  after: Number(after),
  watches: openWatches(),
};

const source = pipeline({ source: RingEvent, capacity: CAPACITY, producers: 1 }).process(modules.processor, {
  threads: THREADS,
  data: setting,
});

async function toReader(): Promise<{ sum: number; items: number }> {
  const flow = await source.write(toRing({ capacity: CAPACITY, codec: RingItem })).start();
  const [reader] = await startThreads(READER, [{ handle: flow.reader(), setting }]);
  const [producer] = await startThreads(modules.producer, [{ handle: flow.producer(), setting }]);
  const answer = once(reader, 'message');
  for (const thread of [reader, producer]) thread.postMessage('go');
  const [result] = (await answer) as [{ sum: number; items: number }];
  await stopThreads([producer, reader]);
  await flow.stop();
  return result;
}

async function toModule(): Promise<{ sum: number; items: number }> {
  const answer = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const data: WriterData = { ...setting, answer };
  const flow = await source.write(modules.writer, { data }).start();
  const [producer] = await startThreads(modules.producer, [{ handle: flow.producer(), setting }]);
  const done = once(producer, 'message');
  producer.postMessage('go');
  await done;
  await flow.settled();
  await stopThreads([producer]);
  await flow.drain();
  return { sum: answer[0], items: answer[1] };
}

const startedMs = performance.now();
const { sum, items } = await (kind === 'ring' ? toReader() : toModule());
if (items !== total(setting) || sum !== expectedSum(items)) throw new Error(`${items} items with the sum ${sum}`);
const processStartMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
const threads = readWatches(setting.watches).map(({ beganMs, endedMs, ...use }) => ({
  ...use,
  beganMs: beganMs - processStartMs,
  endedMs: endedMs - processStartMs,
}));
console.log(JSON.stringify({ startedMs, threads }));
