import type { Progress } from './definition.ts';
import type { InFlight } from './in-flight.ts';
import type { LaneBatch } from './lane-batch.ts';

interface Range {
  readonly from: Progress;
  readonly to: Progress;
}

/**
 * What lies ahead of the writer and is with the destination already: of a store that said where it stands, or behind a batch
 * that is computed again. It is read once more, and not handed over.
 */
export class HadItems {
  /** In order. */
  private ranges: Range[] = [];

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }

  /** Everything below `to`. */
  below(to: Progress): void {
    this.ranges = [{ from: { sequence: 0, items: 0 }, to: copyOf(to) }];
  }

  /** What the destination has behind batches that are open, which are to be read again. */
  behind({ open, ahead }: InFlight): void {
    const end = copyOf(ahead);
    const had = open.flatMap(({ batch, behind }, i) => {
      if (behind === 0) return [];
      const from = { sequence: batch.endSequence, items: batch.endItems };
      return [{ from, to: i + 1 < open.length ? copyOf(open[i + 1]!.begin) : end }];
    });
    const further = this.ranges.filter(({ to }) => isBelow(end, to));
    this.ranges = [...had, ...further.map(({ from, to }) => ({ from: isBelow(from, end) ? end : from, to }))];
  }

  /** Whether the destination has the item at `place`. Forgets what lies before it. */
  has(place: Progress): boolean {
    while (this.ranges.length > 0 && !isBelow(place, this.ranges[0]!.to)) this.ranges.shift();
    const [next] = this.ranges;
    return next !== undefined && !isBelow(place, next.from);
  }

  /** After `has(place)`, of a batch with items from there on: how many of its first ones come before that changes. */
  alike(batch: LaneBatch, place: Progress): number {
    const [next] = this.ranges;
    if (next === undefined) return batch.length;
    return itemsBelow(batch, isBelow(place, next.from) ? next.from : next.to);
  }
}

const copyOf = ({ sequence, items }: Progress): Progress => ({ sequence, items });

const isBelow = (a: Progress, b: Progress): boolean =>
  a.sequence < b.sequence || (a.sequence === b.sequence && a.items < b.items);

/** How many of the batch's items come before `place`. */
function itemsBelow(batch: LaneBatch, { sequence, items }: Progress): number {
  for (let run = 0; run < batch.runs; run++) {
    const of = batch.runSequence(run);
    if (of < sequence) continue;
    const begin = batch.runBegin(run);
    if (of > sequence) return begin;
    const below = Math.max(0, items - batch.runFirst(run));
    if (below < batch.runEnd(run) - begin) return begin + below;
  }
  return batch.length;
}
