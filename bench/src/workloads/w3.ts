/**
 * W3: one huge sequence at the head. 1,000 events; event i emits 1,000,000 items when i is a multiple of 100 and one item
 * otherwise; each item costs 20 rounds of `mix`. Without its huge events it is the flow that its memory is compared with.
 */
import { type Answer, fold, hash, work } from './w1.ts';

export const W3_EVENTS = 1_000;
export const W3_HUGE_ITEMS = 1_000_000;
const HUGE_EVERY = 100;
const ROUNDS_PER_ITEM = 20;

export const itemCount3 = (seq: number, hugeItems: number): number => (seq % HUGE_EVERY === 0 ? hugeItems : 1);

export const item3 = (x: number, j: number): number => work((x + j) | 0, ROUNDS_PER_ITEM);

export function sequential3(events: number, hugeItems: number): Answer {
  let checksum = 0;
  let items = 0;
  for (let seq = 0; seq < events; seq++) {
    const x = hash(seq);
    const n = itemCount3(seq, hugeItems);
    for (let j = 0; j < n; j++) checksum = fold(checksum, seq, item3(x, j));
    items += n;
  }
  return { checksum: checksum >>> 0, items };
}
