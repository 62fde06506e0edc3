import { toldOf } from './events.ts';
import type { Log } from './log.ts';
import type { Tally } from './tally.ts';

/** What came out of a flow, and what went into it. */
export interface Evidence {
  /** The number of each item's event, and its sequence. */
  readonly items: readonly number[];
  readonly sequences: readonly number[];
  readonly producers: number;
  /** Producers that were stopped in the middle of something, or may have been. */
  readonly cut: ReadonlySet<number>;
  readonly tally: Pick<Tally, 'begun' | 'published'>;
  readonly logs: readonly Pick<Log, 'difference'>[];
}

/**
 * What is wrong; undefined when nothing is. Each producer's events are there in their order: all of those whose call had returned, and
 * of one that was cut no more than it had begun. Readers have read a piece of the same.
 */
export function verdictOf({ items, sequences, producers, cut, tally, logs }: Evidence): string | undefined {
  const seen = new Int32Array(producers);
  for (const [i, number] of items.entries()) {
    const { producer, event } = toldOf(number);
    if (event !== seen[producer]) return `item ${i} is event ${event} of producer ${producer}, after ${seen[producer]}`;
    seen[producer]!++;
    if (i > 0 && sequences[i]! <= sequences[i - 1]!) return `sequence ${sequences[i]} comes after ${sequences[i - 1]}`;
  }
  for (let producer = 0; producer < producers; producer++) {
    const count = seen[producer]!;
    const [published, begun] = [tally.published(producer), tally.begun(producer)];
    const isRight = cut.has(producer) ? count >= published && count <= begun : count === published;
    if (!isRight) return `${count} events of producer ${producer}, which published ${published} and began ${begun}`;
  }
  for (const log of logs) {
    const difference = log.difference(items, sequences);
    if (difference !== undefined) return difference;
  }
  return undefined;
}
