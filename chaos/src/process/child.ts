/** The process that is killed: a flow into a journal, from where the journal stands to the end. Its argument is the job. */
import { existsSync } from 'node:fs';
import { journalPosition, toJournal } from '@millrace/journal';
import { type Flow, pipeline, sequences } from 'millrace';
import { Random } from '../random.ts';
import { Board } from '../threads/board.ts';
import { EVENTS, type ProcessorData } from '../threads/processor.ts';
import { eventOf } from '../work.ts';
import type { Job } from './plan.ts';

const job = JSON.parse(process.argv[2]!) as Job;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const end = job.startAt + job.events;
const { sequence } = existsSync(job.dir) ? await journalPosition(job.dir) : { sequence: 0 };
const startAt = Math.max(job.startAt, sequence);
say(`from ${startAt}`);

const data: ProcessorData = {
  work: job.work,
  shots: [],
  board: Board.for([]).buffer,
  spinning: new SharedArrayBuffer(4 * job.threads),
};
const events = job.source === 'count' ? 'bare' : 'struct';
const flow = (await pipeline({
  source: job.source === 'count' ? sequences(end - startAt) : EVENTS.struct,
  startAt,
  restarts: { max: Number.MAX_SAFE_INTEGER, delayMs: 0, perEvent: Number.MAX_SAFE_INTEGER },
  ...(job.source === 'count' ? {} : { capacity: 64 }),
} as never)
  .process(new URL(`../threads/processor.js?items=${job.items}&events=${events}&style=plain`, import.meta.url), {
    threads: job.threads,
    laneBytes: job.laneBytes,
    data,
  })
  .write(toJournal({ dir: job.dir, durability: job.durability, commitMs: job.commitMs }))
  .start()) as Flow<unknown>;
say('started');

const random = new Random(job.work.seed);
let shown = startAt;
let restless = startAt + job.restless;
const timer = setInterval(() => {
  const { published } = flow;
  if (published === shown) return;
  shown = published;
  say(`at ${published}`);
  if (published === end) say('closing');
  if (job.restless === 0 || published < restless) return;
  restless = published + job.restless;
  void flow.kill(random.pick(['coordinator', 'writer', 'writer', 'processor 0']));
}, 1);

if (job.source === 'struct') await flow.publish(eventsOf());
await flow.drain();
clearInterval(timer);
say('done');

function* eventsOf(): Iterable<unknown> {
  for (let at = startAt; at < end; at++) yield { event: eventOf(job.work, at), sequence: at };
}
