/** One flow into which threads publish, and from which threads read, while they are terminated: all of it drawn from the seed. */
import { Random } from '../random.ts';

/** `numbers` are filled by `claim(n)`, structs by `next()`, values vary in length. */
export type EventKind = 'numbers' | 'struct' | 'value';

export interface Round {
  readonly index: number;
  readonly seed: number;
  readonly events: EventKind;
  readonly capacity: number;
  readonly dataBytes: number | undefined;
  /** Threads that publish and that read, at a time. */
  readonly producers: number;
  readonly readers: number;
  readonly processors: number;
  readonly ringCapacity: number;
  /** Threads to be terminated. */
  readonly kills: number;
  /** A handle is revoked in place of so many kills. */
  readonly revokes: number;
  readonly startAt: number;
}

export function drawRound(seed: number, index: number): Round {
  const random = new Random(seed, index + 1);
  const events = random.pick(['numbers', 'struct', 'value'] as const);
  return {
    index,
    seed: random.integer(0, 2 ** 31),
    events,
    capacity: random.pick([1, 2, 8, 64, 1_024]),
    dataBytes: events === 'value' ? random.pick([512, 4_096, undefined]) : undefined,
    producers: random.integer(1, 4),
    readers: random.integer(0, 2),
    processors: random.integer(1, 2),
    ringCapacity: random.pick([4, 64, 1_024]),
    kills: random.integer(10, 30),
    revokes: random.pick([0, 0, 10]),
    startAt: random.pick([0, 0, 2 ** 31 - 150, 2 ** 32 - 150]),
  };
}
