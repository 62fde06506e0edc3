/**
 * A getter of an event that a producer publishes may call anything: `close` and `publish` are refused, and the producer goes on;
 * `process.exit` ends the thread, and nothing holds the flow.
 *
 * @stdout ^EVENT_REFUSED EVENT_REFUSED, 1,2, exit 7\n$
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { pipeline, value } from 'millrace';

const items = [];
const flow = await pipeline({ source: value(), producers: 1 })
  .process(new URL('./values.mjs', import.meta.url), { threads: 1 })
  .write((batch) => void items.push(...batch))
  .start();
const worker = new Worker(new URL('./producer.mjs', import.meta.url), { workerData: flow.producer() });
const [codes] = await once(worker, 'message');
const [exit] = await once(worker, 'exit');
await flow.drain();
console.log(`${codes.join(' ')}, ${items.map(({ n }) => n)}, exit ${exit}`);
