/** Adds up the items of each sequence, and tells the sums when the sequence is complete. */
import { parentPort, workerData } from 'node:worker_threads';
import { attachReader } from 'millrace';

const reader = attachReader(workerData);
parentPort.postMessage('attached');
const sums = [];
let sum = 0;
for (const batch of reader.batches()) {
  for (let run = 0; run < batch.runs; run++) {
    if (batch.runFirst(run) === 0) sum = 0;
    for (let i = batch.runBegin(run); i < batch.runEnd(run); i++) sum += batch.at(i);
    if (batch.runEnds(run)) sums.push([batch.runSequence(run), sum]);
  }
}
parentPort.postMessage(sums);
