/** Computing half of `message-port.ts`. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { onlyItem, W2_K } from '../workloads/w2.ts';

(workerData as MessagePort).on('message', (task: number | [begin: number, end: number]) => {
  if (typeof task === 'number') {
    parentPort!.postMessage(onlyItem(task, W2_K));
    return;
  }
  const values: number[] = [];
  for (let seq = task[0]; seq < task[1]; seq++) values.push(onlyItem(seq, W2_K));
  parentPort!.postMessage(values);
});
parentPort!.postMessage('ready');
