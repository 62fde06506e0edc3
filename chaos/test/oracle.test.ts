/** A checker is shown to fail. */
import { describe, expect, it } from 'vitest';
import { ALL_ITEM_KINDS, ITEMS, type ItemKind } from '../src/items.ts';
import { drawScenario } from '../src/threads/scenario.ts';
import { Oracle, Transcript } from '../src/transcript.ts';
import { compute, eventOf, itemsOf, type Work } from '../src/work.ts';

const WORK: Work = { seed: 7, rounds: 3, none: 300, one: 100, large: 50, largeItems: 100 };
const FIRST = 2 ** 32 - 50;
const SEQUENCES = 200;

/** The items, with what they are of. */
function allItems(kind: ItemKind): { sequence: number; item: unknown }[] {
  const all: { sequence: number; item: unknown }[] = [];
  for (let sequence = FIRST; sequence < FIRST + SEQUENCES; sequence++) {
    const event = eventOf(WORK, sequence);
    for (let i = 0; i < itemsOf(WORK, event); i++) {
      all.push({ sequence, item: ITEMS[kind].make(sequence, compute(WORK, event), i) });
    }
  }
  return all;
}

function transcriptOf(kind: ItemKind, items: readonly { item: unknown }[]): Buffer {
  const transcript = new Transcript(kind);
  for (const { item } of items) transcript.append(item);
  return transcript.view();
}

describe.each(ALL_ITEM_KINDS)('an oracle of %s', (kind) => {
  const oracle = new Oracle(WORK, kind, FIRST, SEQUENCES);
  const items = allItems(kind);
  const at = 321;

  it('agrees with all items in order', () => {
    expect(items.length).toBeGreaterThan(500);
    expect(oracle.difference(transcriptOf(kind, items))).toBeUndefined();
    expect(oracle.transcript.items).toBe(items.length);
  });

  it.each([
    ['a lost item', items.toSpliced(at, 1)],
    ['an item that came twice', items.toSpliced(at, 0, items[at]!)],
    ['two items that changed places', items.toSpliced(at, 2, items[at + 1]!, items[at]!)],
    ['a lost end', items.slice(0, -1)],
  ])('tells %s', (_, wrong) => {
    expect(oracle.difference(transcriptOf(kind, wrong))).toMatch(/of sequence \d+/);
  });

  it('tells one changed byte, and of which sequence it is', () => {
    const before = transcriptOf(kind, items.slice(0, at)).length;
    const bytes = Buffer.from(transcriptOf(kind, items));
    bytes[before]! ^= 1;
    expect(oracle.difference(bytes)).toContain(`of sequence ${items[at]!.sequence} `);
  });

  it('knows every beginning', () => {
    const { sequence } = items[at]!;
    const first = items.findIndex((one) => one.sequence === sequence);
    const below = oracle.below(sequence, at - first);
    expect(below.items).toBe(at);
    expect(below.bytes.equals(transcriptOf(kind, items.slice(0, at)))).toBe(true);
  });
});

it('a seed gives the same flows and schedules again, and another seed others', () => {
  const draw = (seed: number) => Array.from({ length: 20 }, (_, i) => drawScenario(seed, i));
  expect(draw(5)).toEqual(draw(5));
  expect(draw(5)).not.toEqual(draw(6));
});
