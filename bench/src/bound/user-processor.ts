/** What the user of a bound would write: W1 by a loop over the lane's typed array, and by a call for each item. */
import { hash, interesting, item, itemCount, work } from '../workloads/w1.ts';
import type { BoundOutput } from './output.ts';

export type BoundMode = 'bulk' | 'emit';

function bulk(seq: number, out: BoundOutput, K: number): void {
  const x = hash(seq);
  if (!interesting(x)) return;
  const acc = work(x, K);
  const count = itemCount(x);
  for (let j = 0; j < count; ) {
    const room = out.claim(count - j);
    const items = out.items;
    const at = out.at;
    for (let k = 0; k < room; k++) items[at + k] = item(acc, j + k);
    out.at = at + room;
    j += room;
  }
}

function emit(seq: number, out: BoundOutput, K: number): void {
  const x = hash(seq);
  if (!interesting(x)) return;
  const acc = work(x, K);
  const count = itemCount(x);
  for (let j = 0; j < count; j++) out.emit(item(acc, j));
}

export const MODES: Readonly<Record<BoundMode, typeof bulk>> = { bulk, emit };
