import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_TICKET } from '../../../src/order/ticket-log-descriptor.ts';
import { type Load, ticketLength, ticketsAhead } from '../../../src/order/ticket-sizing.ts';

const load = (given: Partial<Load> = {}): Load => ({
  backlog: 1_000_000,
  processors: 2,
  msPerSequence: 0.01,
  bytesPerSequence: 0,
  laneBytes: 2 ** 18,
  ticketMs: 0.5,
  msPerBatch: 0,
  ...given,
});

describe('the length of a ticket', () => {
  test('is one without a backlog, so that each idle processor holds the ticket for one of the next events', () => {
    for (const backlog of [-5, 0, 1, 2]) {
      expect(ticketLength(load({ backlog, msPerSequence: 0.05 }))).toBe(1);
      expect(ticketLength(load({ backlog, msPerSequence: undefined }))).toBe(1);
    }
  });

  test('is no less work than a wake-up takes', () => {
    for (const backlog of [5, 8, 19]) expect(ticketLength(load({ backlog }))).toBe(5);
    expect(ticketLength(load({ backlog: 40, processors: 8 }))).toBe(5);
  });

  test('is no more than four events of those that are to come next', () => {
    for (const backlog of [-5, 0, 3, 4]) expect(ticketLength(load({ backlog, msPerSequence: 0 }))).toBe(4);
    expect(ticketLength(load({ backlog: 6, msPerSequence: 0 }))).toBe(6);
  });

  test('is a sixteenth of how far ahead they are where that is more, and no more work than a wake-up takes', () => {
    for (const [ahead, length] of [
      [64, 4],
      [160, 10],
      [1_600, 100],
    ] as const)
      expect(ticketLength(load({ backlog: -ahead, msPerSequence: 0 }))).toBe(length);
    expect(ticketLength(load({ backlog: -1_600 }))).toBe(5);
  });

  test('has output for an eighth of a lane at most also where events are quick', () => {
    expect(ticketLength(load({ backlog: 0, bytesPerSequence: 2 ** 14 }))).toBe(2);
  });

  test('is the work of ticketMs under backlog', () => {
    expect(ticketLength(load())).toBe(50);
    expect(ticketLength(load({ ticketMs: 2 }))).toBe(200);
  });

  test('is what all processors do while a slow writer takes one batch, 100 ms of work at most', () => {
    expect(ticketLength(load({ msPerBatch: 0.2 }))).toBe(50);
    expect(ticketLength(load({ msPerBatch: 5 }))).toBe(1_000);
    expect(ticketLength(load({ msPerBatch: 5, processors: 4 }))).toBe(2_000);
    expect(ticketLength(load({ msPerBatch: 1e6 }))).toBe(10_000);
    expect(ticketLength(load({ msPerBatch: 5, bytesPerSequence: 2 ** 13 }))).toBe(4);
  });

  test('is one where an event takes longer than a ticket should', () => {
    expect(ticketLength(load({ msPerSequence: 20 }))).toBe(1);
  });

  test('is small while costs are not known', () => {
    expect(ticketLength(load({ msPerSequence: undefined }))).toBe(4);
  });

  test('is an even share of what is left, so that all end together', () => {
    expect(ticketLength(load({ backlog: 40 }))).toBe(10);
    expect(ticketLength(load({ backlog: 48, processors: 4 }))).toBe(6);
  });

  test('has output for an eighth of a lane at most', () => {
    expect(ticketLength(load({ bytesPerSequence: 2 ** 13 }))).toBe(4);
    expect(ticketLength(load({ bytesPerSequence: 2 ** 30 }))).toBe(1);
  });

  test('is bounded where events cost nothing, and where the source has no end', () => {
    expect(ticketLength(load({ msPerSequence: 0, backlog: Number.POSITIVE_INFINITY }))).toBe(MAX_TICKET);
    expect(ticketLength(load({ msPerSequence: 0, backlog: Number.POSITIVE_INFINITY, ticketMs: 1e9 }))).toBe(MAX_TICKET);
  });

  test('is an integer from 1 to MAX_TICKET, whatever was measured', () => {
    const any = fc.record({
      backlog: fc.oneof(fc.integer({ min: -100_000, max: 2 ** 40 }), fc.constant(Number.POSITIVE_INFINITY)),
      processors: fc.integer({ min: 1, max: 254 }),
      msPerSequence: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined }),
      bytesPerSequence: fc.double({ min: 0, max: 1e12, noNaN: true }),
      laneBytes: fc.integer({ min: 64, max: 2 ** 30 }),
      ticketMs: fc.double({ min: 0.001, max: 1e9, noNaN: true }),
      msPerBatch: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined }),
    });
    fc.assert(
      fc.property(any, fc.double({ min: 0.1, max: 100, noNaN: true }), (given, horizon) => {
        const length = ticketLength(given);
        expect(Number.isInteger(length) && length >= 1 && length <= MAX_TICKET).toBe(true);
        expect(length).toBeLessThanOrEqual(Math.max(4, given.backlog, -given.backlog / 16));
        const ahead = ticketsAhead(given, length, horizon, 256);
        expect(Number.isInteger(ahead) && ahead >= 1 && ahead <= 256).toBe(true);
      }),
    );
  });
});

describe('the tickets ahead', () => {
  test('are two for each processor and two more while costs are not known', () => {
    expect(ticketsAhead(load({ msPerSequence: undefined, processors: 3 }), 4, 2, 256)).toBe(8);
    expect(ticketsAhead(load({ msPerBatch: undefined, processors: 3 }), 4, 2, 256)).toBe(8);
  });

  test('are as many as are taken in the horizon', () => {
    // Tickets of 0.1 ms, two processors, 2 ms.
    expect(ticketsAhead(load(), 10, 2, 256)).toBe(40);
  });

  test('are no more than the writer takes in the horizon, where that is slower', () => {
    expect(ticketsAhead(load({ msPerSequence: 0 }), 4, 40, 256)).toBe(256);
    expect(ticketsAhead(load({ msPerSequence: 0, msPerBatch: 0.01 }), 4, 40, 256)).toBe(256);
    expect(ticketsAhead(load({ msPerSequence: 0, msPerBatch: 4 }), 4, 40, 256)).toBe(10);
    expect(ticketsAhead(load({ msPerSequence: 0, msPerBatch: 500 }), 4, 40, 256)).toBe(6);
  });

  test('are two for each processor and two more at least, and the given number at most', () => {
    expect(ticketsAhead(load({ msPerSequence: 100 }), 1, 2, 256)).toBe(6);
    expect(ticketsAhead(load({ msPerSequence: 0 }), 1, 2, 256)).toBe(256);
    expect(ticketsAhead(load({ processors: 200 }), 1, 2, 256)).toBe(256);
    expect(ticketsAhead(load({ msPerSequence: undefined, processors: 200 }), 1, 2, 256)).toBe(256);
  });
});
