import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { attachProducer, attachReader } from 'millrace';

const { how, handle } = workerData;
if (how === 'nested') {
  const own = new Worker(new URL(import.meta.url), { workerData: { how: 'wait', handle } });
  await once(own, 'message');
  parentPort.postMessage('attached');
  await once(parentPort, 'message');
  await own.terminate();
  await once(parentPort, 'message');
}
if (how.startsWith('produce')) {
  const producer = attachProducer(handle);
  producer.publish(7);
  parentPort.postMessage('attached');
  await once(parentPort, 'message');
  process.exit(0);
}
const reader = attachReader(handle);
parentPort.postMessage('attached');
const [what] = await once(parentPort, 'message');
if (what === 'exit') process.exit(0);
try {
  for (const _ of reader);
} catch (error) {
  parentPort.postMessage(error.code);
}
