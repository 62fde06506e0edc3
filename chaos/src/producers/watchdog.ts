/** Ends the process when the main thread's event loop stands still for so many looks: a thread that is blocked says nothing itself. */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { Tally } from './tally.ts';

const LOOKS = 60;
const LOOK_MS = 500;

const tally = new Tally(workerData as SharedArrayBuffer);
let last = -1;
let looks = 0;
setInterval(() => {
  const { ticks } = tally;
  looks = ticks === last ? looks + 1 : 0;
  last = ticks;
  if (looks < LOOKS) return;
  writeSync(1, 'the main thread stands still\n');
  process.kill(process.pid, 'SIGKILL');
}, LOOK_MS);
