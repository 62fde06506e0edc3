/** The checker of `chaos -- --producers` is shown to fail. */
import { describe, expect, it } from 'vitest';
import { numberOf, toldOf } from '../src/producers/events.ts';
import { Log } from '../src/producers/log.ts';
import { Tally } from '../src/producers/tally.ts';
import { type Evidence, verdictOf } from '../src/producers/verdict.ts';

/** Producers 0, 1 and 2 in turn, 30 events; 2 was cut when it had published 8 and begun 12. */
function evidence(): Evidence & { readonly tally: Tally } {
  const items = Array.from({ length: 30 }, (_, i) => numberOf({ producer: i % 3, event: Math.floor(i / 3) }));
  const tally = Tally.for(3);
  for (const producer of [0, 1]) {
    tally.begin(producer, 10);
    tally.done(producer, 10);
  }
  tally.begin(2, 12);
  tally.done(2, 8);
  const log = Log.make();
  const sequences = items.map((_, i) => 2 ** 32 + 2 * i);
  for (let i = 5; i < 20; i++) log.add({ ...toldOf(items[i]!), sequence: sequences[i]! });
  return { items, sequences, producers: 3, cut: new Set([2]), tally, logs: [log] };
}

const without = <T>(list: readonly T[], at: number): T[] => list.filter((_, i) => i !== at);

describe('what comes of producers that are terminated', () => {
  it('is right where it is', () => {
    expect(verdictOf(evidence())).toBeUndefined();
  });

  it.each([
    [
      'lacks an event',
      (all: Evidence) => ({ ...all, items: without(all.items, 7), sequences: without(all.sequences, 7) }),
    ],
    [
      'lacks the last event',
      (all: Evidence) => ({ ...all, items: all.items.slice(0, -2), sequences: all.sequences.slice(0, -2) }),
    ],
    [
      'has one twice',
      (all: Evidence) => ({ ...all, items: [...all.items, all.items[29]!], sequences: [...all.sequences, 2 ** 33] }),
    ],
    [
      'has two in another order',
      (all: Evidence) => ({
        ...all,
        items: [all.items[3]!, ...all.items.slice(1, 3), all.items[0]!, ...all.items.slice(4)],
      }),
    ],
    [
      'has a sequence twice',
      (all: Evidence) => ({
        ...all,
        sequences: all.sequences.map((sequence, i) => (i === 9 ? sequence - 2 : sequence)),
      }),
    ],
  ])('is told where it %s', (_, spoil) => {
    expect(verdictOf(spoil(evidence()))).toBeDefined();
  });

  it('is told where a cut producer has more than it began, or less than it published', () => {
    for (const [published, begun] of [
      [8, 9],
      [11, 12],
    ] as const) {
      const all = evidence();
      all.tally.begin(2, begun);
      all.tally.done(2, published);
      expect(verdictOf(all)).toContain(`which published ${published} and began ${begun}`);
    }
    expect(verdictOf({ ...evidence(), cut: new Set() })).toContain('producer 2');
  });

  it('is told where a reader has read something else', () => {
    const all = evidence();
    const log = Log.make();
    log.add({ ...toldOf(all.items[5]!), sequence: all.sequences[5]! });
    log.add({ ...toldOf(all.items[7]!), sequence: all.sequences[7]! });
    expect(verdictOf({ ...all, logs: [log] })).toContain('item 1 of a reader');
  });
});
