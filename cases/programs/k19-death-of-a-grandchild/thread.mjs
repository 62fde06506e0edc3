import { once } from 'node:events';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { attachProducer, i32 } from 'millrace';

const { role, handle } = workerData;
if (role === 'parent') {
  const child = new Worker(new URL(import.meta.url), { workerData: { role: 'child', handle } });
  await once(child, 'message');
  await child.terminate();
} else {
  const producer = attachProducer(handle, i32);
  if (role === 'child') producer.claim(2);
}
parentPort.on('message', () => {});
parentPort.postMessage('done');
