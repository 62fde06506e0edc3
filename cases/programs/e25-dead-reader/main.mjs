/**
 * A handle is tied to the thread that attached by it: a reader whose thread is terminated, exits, or throws, no longer holds
 * the flow; a producer's place is free again; also of threads that a thread of ours has started. A handle can be revoked.
 *
 * @stdout ^nobody holds the flow\n$
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { attachProducer, attachReader, i32, pipeline, toRing } from 'millrace';
import { collect, rejection } from '../../support/case.mjs';

const count = 5_000;
const events = Array.from({ length: count }, (_, i) => i);
const thread = async (how, handle) => {
  const worker = new Worker(new URL('./participant.mjs', import.meta.url), { workerData: { how, handle } });
  await once(worker, 'message');
  return worker;
};
const start = () =>
  pipeline({ source: i32, producers: 1, capacity: 64, stallMs: 50 })
    .process(new URL('./processor.mjs', import.meta.url), { threads: 1 })
    .write(toRing({ capacity: 64, readers: 2 }))
    .start();

for (const how of ['wait', 'exit', 'nested', 'revoked', 'never']) {
  const flow = await start();
  const handle = flow.reader();
  const worker = how === 'never' ? undefined : await thread(how === 'revoked' ? 'wait' : how, handle);
  const publishing = flow.publish(events);
  const reading = collect(flow.results());
  // The reader has read nothing, and holds the flow, until it ends.
  if (how === 'exit') worker.postMessage('exit');
  else if (how === 'nested') worker.postMessage('end your own');
  else if (how === 'revoked') flow.revoke(handle);
  if (how === 'wait') await worker.terminate();
  if (how === 'revoked') {
    worker.postMessage('read');
    const [code] = await once(worker, 'message');
    assert.equal(code, 'HANDLE_REVOKED');
    assert.throws(() => attachReader(handle), { code: 'HANDLE_REVOKED' });
  }
  await publishing;
  await flow.drain();
  assert.deepEqual((await reading).length, count, how);
  await worker?.terminate();
}

// The one place for producers is free again after each end.
const flow = await start();
const reading = collect(flow.results());
for (const how of ['produce and wait', 'produce and exit', 'produce and wait']) {
  const worker = await thread(how, flow.producer());
  if (how === 'produce and exit') {
    worker.postMessage('exit');
    await once(worker, 'exit');
  } else await worker.terminate();
}
const handle = flow.producer();
const producer = attachProducer(handle);
flow.revoke(handle);
assert.throws(() => producer.tryPublish(1), { code: 'HANDLE_REVOKED' });
attachProducer(flow.producer()).close();
await flow.drain();
assert.deepEqual(await reading, [7, 7, 7]);
assert.equal((await rejection(flow.publish(1))).code, 'FLOW_ENDED');
console.log('nobody holds the flow');
