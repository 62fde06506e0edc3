import { sharedClock } from '../harness/clock.ts';
import { RecordFolder } from '../rivals/records.ts';
import type { Input, Stage, StageContext } from './actor.ts';
import type { Announcement, Batch } from './messages.ts';

export interface WriteOptions {
  /** Batches of each worker that may be here and not yet folded. */
  readonly holdsPerWorker: number;
  /** Whether the last input says from which worker each ticket comes. If not, batches wait in a table for their ticket. */
  readonly followsLog: boolean;
}

/** Finds the batch of the next ticket among those that have come. */
interface Order {
  begin(): void;
  put(item: Batch | Announcement, input: Input): void;
  next(): { readonly batch: Batch; readonly input: Input } | undefined;
}

/** Batches in any order: each waits in a table until its ticket is the next. */
function byTicket(): Order {
  const waiting = new Map<number, { readonly batch: Batch; readonly input: Input }>();
  let ticket = 0;
  return {
    begin() {
      ticket = 0;
    },
    put(item, input) {
      const batch = item as Batch;
      waiting.set(batch.ticket, { batch, input });
    },
    next() {
      const entry = waiting.get(ticket);
      if (entry) waiting.delete(ticket++);
      return entry;
    },
  };
}

/** A queue for each worker, read in the order of the log: nothing is ever looked for. */
function byLog(workers: readonly Input[]): Order {
  const queues = new Map<Input, Batch[]>(workers.map((worker) => [worker, []]));
  const log: number[] = [];
  return {
    begin() {},
    put(item, input) {
      if (item.type === 'announcement') log.push(item.worker);
      else queues.get(input)!.push(item);
    },
    next() {
      if (log.length === 0) return undefined;
      const input = workers[log[0]];
      const batch = queues.get(input)!.shift();
      if (!batch) return undefined;
      log.shift();
      return { batch, input };
    },
  };
}

/** The last stage: folds the batches in the order of their tickets. */
export function write({ inputs, finish }: StageContext, { holdsPerWorker, followsLog }: WriteOptions): Stage {
  const now = sharedClock();
  const workers = followsLog ? inputs.slice(0, -1) : inputs;
  const order = followsLog ? byLog(workers) : byTicket();
  let folder = new RecordFolder();
  let latenciesUs = new Float32Array(0);
  let folded = 0;

  const fold = (): void => {
    for (let entry = order.next(); entry; entry = order.next()) {
      const { words, sentUs } = entry.batch;
      folder.fold(words, 0, words.length);
      latenciesUs[folded++] = now() - sentUs;
      entry.input.ask(1);
      if (folded === latenciesUs.length) finish({ ...folder.answer(), latenciesUs });
    }
  };

  for (const worker of workers) worker.ask(holdsPerWorker);
  return {
    onRound({ events, eventsPerTask }) {
      folder = new RecordFolder();
      latenciesUs = new Float32Array(Math.ceil(events / eventsPerTask));
      folded = 0;
      order.begin();
    },
    onItem(item, input) {
      order.put(item as Batch | Announcement, input);
      fold();
    },
  };
}
