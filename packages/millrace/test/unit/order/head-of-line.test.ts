import { describe, expect, test } from 'vitest';
import { Sightings } from '../../../src/flow/sightings.ts';
import { type HeadFacts, headHolder } from '../../../src/order/head-of-line.ts';

/** Sequence 7 is not published, of a ticket up to 10 that processor 2 has; it has begun nothing of it. */
const facts = (given: Partial<HeadFacts> = {}): HeadFacts => ({
  acked: 7,
  arrived: 20,
  owner: 2,
  ticketEnd: 10,
  computed: 7,
  isDelivering: false,
  delivering: 6,
  ...given,
});

test('nobody holds the line where all that arrived is acknowledged', () => {
  expect(headHolder(facts({ arrived: 7 }))).toEqual({ by: 'nobody' });
  expect(headHolder(facts({ acked: 8, arrived: 7, owner: -1 }))).toEqual({ by: 'nobody' });
});

test('the coordinator holds it where no processor has the ticket', () => {
  expect(headHolder(facts({ owner: -1 }))).toEqual({ by: 'coordinator', sequence: 7 });
});

describe('the processor that has the ticket holds it', () => {
  const at = (sequence: number) => ({ by: 'processor', processor: 2, sequence });

  test('at the head or before it', () => {
    expect(headHolder(facts())).toEqual(at(7));
    expect(headHolder(facts({ computed: 3 }))).toEqual(at(7));
  });

  test('at a later event, where those before it are done and nobody was told', () => {
    expect(headHolder(facts({ computed: 9 }))).toEqual(at(9));
  });
});

describe('the writer holds it', () => {
  const at = (sequence: number) => ({ by: 'writer', sequence });

  test('where its processor is behind the ticket, or behind all that has arrived', () => {
    expect(headHolder(facts({ computed: 10 }))).toEqual(at(7));
    expect(headHolder(facts({ computed: 9, arrived: 9 }))).toEqual(at(7));
  });

  test('at the sequence that it delivers, which may be one whose processor computes still', () => {
    expect(headHolder(facts({ computed: 9, isDelivering: true }))).toEqual(at(7));
    expect(headHolder(facts({ computed: 9, isDelivering: true, delivering: 8 }))).toEqual(at(8));
    expect(headHolder(facts({ computed: 9, isDelivering: true, delivering: 30 }))).toEqual(at(9));
  });
});

test('what was seen elsewhere at an earlier look was not there before that look', () => {
  const sightings = new Sightings();
  expect(sightings.see('a', 1, 100)).toBe(Number.NEGATIVE_INFINITY);
  expect(sightings.see('a', 1, 200)).toBe(Number.NEGATIVE_INFINITY);
  expect(sightings.see('a', 2, 300)).toBe(200);
  expect(sightings.see('b', 2, 350)).toBe(Number.NEGATIVE_INFINITY);
  expect(sightings.see('a', 2, 400)).toBe(200);
});
