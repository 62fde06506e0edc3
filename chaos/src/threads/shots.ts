/** When and how threads are killed: drawn from the seed, and triggered by progress and never by time. */
import type { Random } from '../random.ts';
import { eventOf, itemsOf, type Work } from '../work.ts';
import type { Board } from './board.ts';

/** Where a shot is taken. */
export type Place =
  /** In the user's code of whichever thread computes this event, in front of its item `item` (or behind the last one). */
  | { readonly in: 'process'; readonly sequence: number; readonly item: number }
  /** In the writer module's `write`, of the first batch at or behind this sequence. */
  | { readonly in: 'write' | 'commit'; readonly sequence: number }
  /** In the `init` of a successor. */
  | { readonly in: 'init'; readonly who: 'processor' | 'writer' }
  | { readonly in: 'close' }
  /** On the main thread, once this sequence is published. */
  | { readonly in: 'published'; readonly sequence: number };

/**
 *   kill     the main thread terminates `targets`, at whatever instruction they then are
 *   exit     process.exit
 *   later    process.exit in a callback, while the event waits for a promise
 *   spin     a busy loop, until the main thread terminates it
 *   fault    the user's code throws (no death): the event is tried again. In a writer: a nack
 *   again    in a writer: a nack that has the items computed again by a fresh thread
 */
export type How = 'kill' | 'exit' | 'later' | 'spin' | 'fault' | 'again';

export interface Target {
  /** Undefined: the thread that asks. */
  readonly thread: string;
  /** Between the request and the termination. */
  readonly afterMs: number;
}

export interface Shot {
  readonly id: number;
  readonly place: Place;
  readonly how: How;
  readonly times: number;
  readonly targets: readonly Target[];
}

const SELF = 'self';

export interface Grounds {
  readonly work: Work;
  readonly startAt: number;
  readonly events: number;
  readonly threads: number;
  /** A writer module: with `commit`, without; or none. */
  readonly writer: 'committing' | 'plain' | undefined;
  readonly hasWriterThread: boolean;
  /** Its `process` may return a promise. */
  readonly mayWait: boolean;
}

export function drawShots(random: Random, grounds: Grounds): Shot[] {
  const shots: Shot[] = [];
  const deaths = random.integer(5, 16);
  for (let i = 0; i < deaths; i++) shots.push(drawDeath(random, grounds, shots.length));
  const faults = random.integer(0, 3);
  for (let i = 0; i < faults; i++) {
    const inWriter = grounds.writer !== undefined && random.chance(0.6);
    const place = inWriter
      ? ({ in: 'write', sequence: anySequence(random, grounds) } as const)
      : inProcess(random, grounds);
    const how = inWriter && random.chance(0.5) ? 'again' : 'fault';
    shots.push({ id: shots.length, place, how, times: random.integer(1, 2), targets: [] });
  }
  return shots;
}

function drawDeath(random: Random, grounds: Grounds, id: number): Shot {
  const place = drawPlace(random, grounds);
  const how = drawHow(random, grounds, place);
  const targets: Target[] = [];
  if (how === 'spin') targets.push({ thread: SELF, afterMs: random.integer(0, 5) });
  if (how === 'kill') {
    const count = random.pick([1, 1, 1, 1, 2, 2, 3]);
    for (let i = 0; i < count; i++) {
      const thread = drawThread(random, grounds);
      // The same one again: its successor, which may be starting.
      targets.push({
        thread,
        afterMs: i === 0 ? random.pick([0, 0, 0, 1, 3]) : random.pick([0, 0, 1, 10, 30, 60, 90]),
      });
    }
  }
  return { id, place, how, times: random.pick([1, 1, 1, 1, 2, 3]), targets };
}

function drawThread(random: Random, { threads, hasWriterThread }: Grounds): string {
  const dice = random.next();
  if (dice < 0.2) return 'coordinator';
  if (dice < 0.5 && hasWriterThread) return 'writer';
  return `processor ${random.integer(0, threads - 1)}`;
}

function drawPlace(random: Random, grounds: Grounds): Place {
  const dice = random.next();
  const sequence = anySequence(random, grounds);
  if (dice < 0.25) return { in: 'published', sequence };
  if (dice < 0.32)
    return { in: 'init', who: grounds.writer !== undefined && random.chance(0.5) ? 'writer' : 'processor' };
  if (grounds.writer !== undefined) {
    if (dice < 0.5) return { in: 'write', sequence };
    if (dice < 0.6 && grounds.writer === 'committing') return { in: 'commit', sequence };
    if (dice < 0.63) return { in: 'close' };
  }
  return inProcess(random, grounds);
}

function drawHow(random: Random, { mayWait }: Grounds, place: Place): How {
  if (place.in === 'published') return 'kill';
  const own: How[] = ['exit', 'exit', 'spin'];
  if (place.in === 'process' && mayWait) own.push('later', 'later');
  return random.chance(0.5) ? 'kill' : random.pick(own);
}

const anySequence = (random: Random, { startAt, events }: Grounds): number => startAt + random.integer(0, events - 1);

/** An event, of large output by preference, and an item of it. */
function inProcess(random: Random, grounds: Grounds): Place {
  const { work, startAt, events } = grounds;
  let sequence = anySequence(random, grounds);
  if (random.chance(0.4)) {
    for (let i = 0; i < events; i++) {
      const next = startAt + ((sequence - startAt + i) % events);
      if (eventOf(work, next) % 1000 < 1000 - work.large) continue;
      sequence = next;
      break;
    }
  }
  return { in: 'process', sequence, item: random.integer(0, itemsOf(work, eventOf(work, sequence))) };
}

/** Takes a shot in user code. Returns a promise that never resolves where the thread dies of its event loop. */
export function fire({ id, how }: Shot, board: Board): Promise<void> | undefined {
  switch (how) {
    case 'kill':
      board.ask(id);
      return undefined;
    case 'exit':
      return process.exit(3);
    case 'later':
      setImmediate(() => process.exit(3));
      return new Promise(() => {});
    case 'spin':
      board.ask(id);
      for (;;);
    case 'fault':
    case 'again':
      throw new Error('chaos: a fault');
  }
}

/** Whom the main thread terminates for a shot; `self`: who asked, as a thread's name. */
export const namesOf = ({ targets }: Shot, self: string): Target[] =>
  targets.map(({ thread, afterMs }) => ({ thread: thread === SELF ? self : thread, afterMs }));
