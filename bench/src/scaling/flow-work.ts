import type { FlowStats, ThreadStats } from 'millrace';

/** What a flow did between two looks at its counters. Times are milliseconds. */
export interface FlowWork {
  readonly sequences: number;
  readonly items: number;
  readonly batches: number;
  readonly bytes: number;
  readonly tickets: number;
  readonly parks: number;
  readonly wakes: number;
  /** Time of all processors in the user's code and its output; none of it is waiting. */
  readonly computingMs: number;
  /** Time of all processors in which they did not wait. */
  readonly processorsBusyMs: number;
  /** Time of the writer in which it did not wait. */
  readonly writerBusyMs: number;
}

/** Time a thread has waited so far, the wait that goes on included. */
function waitedMs({ inputMs, ticketMs, roomMs, itemsMs, demandMs, ackMs, waiting, forMs }: ThreadStats): number {
  return inputMs + ticketMs + roomMs + itemsMs + demandMs + ackMs + (waiting === 'none' ? 0 : forMs);
}

interface Look {
  readonly atMs: number;
  readonly stats: FlowStats | undefined;
}

export const look = (stats: FlowStats | undefined): Look => ({ atMs: performance.now(), stats });

/** The difference of two looks; a first look without a flow counts as all zeros. */
export function workBetween(before: Look, after: Look): FlowWork {
  const elapsedMs = after.atMs - before.atMs;
  const now = after.stats!;
  const was = before.stats;
  const threadWas = (name: string): ThreadStats | undefined => was?.threads.find((thread) => thread.name === name);
  const busyMs = (thread: ThreadStats): number => {
    const earlier = threadWas(thread.name);
    return Math.max(0, elapsedMs - waitedMs(thread) + (earlier ? waitedMs(earlier) : 0));
  };
  const processors = now.threads.filter(({ name }) => name.startsWith('processor'));
  return {
    sequences: now.published - (was?.published ?? 0),
    items: now.items - (was?.items ?? 0),
    batches: now.batches - (was?.batches ?? 0),
    bytes: now.bytes - (was?.bytes ?? 0),
    tickets: now.tickets - (was?.tickets ?? 0),
    parks: now.parks - (was?.parks ?? 0),
    wakes: now.wakes - (was?.wakes ?? 0),
    computingMs: now.time.computing - (was?.time.computing ?? 0),
    processorsBusyMs: processors.reduce((sum, thread) => sum + busyMs(thread), 0),
    writerBusyMs: busyMs(now.threads.find(({ name }) => name === 'writer')!),
  };
}
