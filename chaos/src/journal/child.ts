/**
 * A process that does jobs, one after the other, each of them a line of JSON on its input. It answers in lines, which are written at
 * once and before anything else happens: what it says is acknowledged is known, also when it is killed right after. It ends when its
 * input does, by itself.
 */
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { now, spinUntil } from './clock.ts';
import { errorText } from './error-text.ts';
import type { Job, ProbeJob, TerminateJob, WriteJob } from './jobs.ts';
import { lookAtAll, lookAtPosition, lookFrom } from './look.ts';
import type { UserData } from './user-worker.ts';
import { underWay, write } from './write.ts';

const say = (word: string, ...more: readonly unknown[]): void => {
  writeSync(1, `${[word, ...more.map((one) => (typeof one === 'object' ? JSON.stringify(one) : one))].join(' ')}\n`);
};

let go: (time: number) => void = () => undefined;
let turn: Promise<void> = Promise.resolve();
createInterface({ input: process.stdin }).on('line', (line) => {
  if (line.startsWith('go ')) return go(Number(line.slice(3)));
  const job = JSON.parse(line) as Job;
  turn = turn.then(() => run(job));
});

/** Asked for by whoever finds that this process hangs. */
process.on('SIGUSR2', () => {
  const { flow } = underWay;
  const state = flow && { state: flow.state, published: flow.published, head: flow.headOfLine() };
  say('why', { holds: process.getActiveResourcesInfo(), flow: state });
});

async function run(job: Job): Promise<void> {
  if (job.do === 'write') await writeSome(job);
  else if (job.do === 'look') for (const look of [lookAtAll, lookFrom]) say('look', await look(job));
  else if (job.do === 'probe') await probe(job);
  else await startAndTerminate(job);
}

async function writeSome(job: WriteJob): Promise<void> {
  if (job.delayUs !== undefined) {
    const released = new Promise<number>((resolve) => {
      go = resolve;
    });
    say('ready');
    spinUntil((await released) + job.delayUs);
  }
  let last = 0;
  let below = -1;
  try {
    await write(job, {
      atOnce: job.atOnce,
      holdMs: job.holdMs,
      trimEvery: job.trimEvery,
      opened(from) {
        say('from', from.sequence, from.items);
        return from.sequence + job.sequences;
      },
      acknowledged(to) {
        below = to;
        if (job.sayEveryMs > 0 && now() - last < job.sayEveryMs * 1_000) return;
        last = now();
        say('at', below, last);
      },
      trimming: (to) => say('trimming', to),
      closing: () => say('closing', now()),
    });
  } catch (error) {
    if (below >= 0) say('at', below, now());
    return say('refused', errorText(error));
  }
  if (below >= 0) say('at', below, now());
  say('done');
}

async function probe({ look, write: appending }: ProbeJob): Promise<void> {
  const looks = [lookAtPosition, lookAtAll, lookFrom];
  for (const one of looks) say('look', await one(look));
  if (appending !== undefined) {
    await writeSome(appending);
    say('look', await lookAtAll(look));
  }
  say('probed');
}

/** How long `terminate()` may take. */
const TERMINATE_MS = 20_000;
/** A slow disk is told from a worker that hangs. */
const PROGRESS_MS = 2_000;

async function startAndTerminate({ target, end, atOnce, moment }: TerminateJob): Promise<void> {
  const board = new Int32Array(new SharedArrayBuffer(12));
  const workerData: UserData = { target, end, atOnce, board: board.buffer as SharedArrayBuffer };
  const worker = new Worker(new URL('./user-worker.js', import.meta.url), { workerData });
  let failure: unknown;
  let refusal: unknown;
  const exited = new Promise<void>((resolve) => {
    worker.on('error', (error) => {
      failure = error;
    });
    worker.on('message', (message) => {
      refusal = message;
    });
    worker.once('exit', () => resolve());
  });
  const isOver = exited.then(() => true);
  let told = 0;
  const progress = setInterval(() => {
    const acknowledged = Atomics.load(board, 0);
    if (acknowledged > told) say('progress', acknowledged);
    told = acknowledged;
  }, PROGRESS_MS);
  void exited.then(() => clearInterval(progress));
  if (moment === undefined) await exited;
  else {
    const due = (): boolean => {
      if (moment.part === undefined) return true;
      const from = Atomics.load(board, 2);
      return Atomics.load(board, 1) === 1 && Atomics.load(board, 0) >= from + moment.part * (end - from);
    };
    while (!due()) if (await Promise.race([isOver, sleep(1, false)])) break;
    if (moment.afterMs > 0) await Promise.race([isOver, sleep(moment.afterMs)]);
    const isSettled = await Promise.race([
      worker.terminate().then(() => true),
      sleep(TERMINATE_MS, false, { ref: false }),
    ]);
    if (!isSettled) return say('hangs', `terminate() did not settle within ${TERMINATE_MS} ms`);
  }
  if (refusal !== undefined) return say('failed', refusal);
  if (failure !== undefined) return say('failed', errorText(failure));
  say('terminated', Atomics.load(board, 0));
}
