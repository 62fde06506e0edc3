import { once } from 'node:events';
import { parentPort, Worker } from 'node:worker_threads';
import { attachProducer, i32, pipeline } from 'millrace';

const items = [];
const flow = await pipeline({ source: i32, producers: 2, capacity: 8 })
  .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
  .write((batch) => void items.push(...batch))
  .start();
const codes = [];
const own = attachProducer(flow.producer(), i32);
try {
  own.publish(1);
} catch (error) {
  codes.push(error.code);
}
own.tryPublish(1);
own.close();
await flow.settled();
flow.pause();
const worker = new Worker(new URL('./producer.mjs', import.meta.url), { workerData: flow.producer() });
codes.push((await once(worker, 'message'))[0]);
flow.resume();
await once(worker, 'exit');
await flow.drain();
parentPort.postMessage(`${codes.join(', ')}, ${items.length} events`);
