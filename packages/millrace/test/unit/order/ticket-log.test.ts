import { describe, expect, test } from 'vitest';
import { TicketClaimer } from '../../../src/order/ticket-claimer.ts';
import { NOBODY, TicketFollower } from '../../../src/order/ticket-follower.ts';
import { TicketIssuer } from '../../../src/order/ticket-issuer.ts';
import {
  ARRIVED,
  ackedCursor,
  BEING_FILLED,
  CLAIM,
  claimWord,
  createTicketLog,
  drainedCursor,
  entryWord,
  ISSUED_WORD,
  isOfLap,
  LENGTH,
  lapOf,
  MAX_TICKET,
  openTicketLog,
} from '../../../src/order/ticket-log-descriptor.ts';

const TICKETS = 4;

function makeLog(start = 0, tickets = TICKETS) {
  const handle = createTicketLog(start, tickets);
  return { handle, issuer: new TicketIssuer(handle), drained: drainedCursor(handle), acked: ackedCursor(handle) };
}

/** Issues and publishes one ticket. */
function cut(issuer: TicketIssuer, length: number, flags = 0): void {
  issuer.issue(length, flags);
  issuer.publish();
}

/** What a follower that looks at ticket after ticket sees, up to the last that is issued. */
function follow(follower: TicketFollower): [begin: number, end: number, owner: number][] {
  const seen: [number, number, number][] = [];
  for (; follower.look(); follower.index++) seen.push([follower.begin, follower.end, follower.owner]);
  return seen;
}

describe('the issuer', () => {
  test('cuts the sequences without gaps', () => {
    const { handle, issuer } = makeLog();
    for (const length of [1, 5, 2]) cut(issuer, length);
    expect(follow(new TicketFollower(handle))).toEqual([
      [0, 1, NOBODY],
      [1, 6, NOBODY],
      [6, 8, NOBODY],
    ]);
    expect(issuer.peekCut()).toBe(8);
  });

  test('shows nothing before publish, then all of it', () => {
    const { handle, issuer } = makeLog();
    const follower = new TicketFollower(handle);
    const claimer = new TicketClaimer(handle, 0);
    issuer.issue(1, 0);
    issuer.issue(1, 0);
    expect(follower.look()).toBe(false);
    expect(claimer.tryClaim()).toBe(false);
    expect(issuer.publish()).toBe(2);
    expect(issuer.publish()).toBe(0);
    expect(follow(follower)).toHaveLength(2);
  });

  test.each([0, -1, MAX_TICKET + 1, Number.NaN])('refuses a ticket of %d sequences', (length) => {
    expect(() => makeLog().issuer.issue(length, 0)).toThrow(`a ticket of ${length} sequences`);
  });

  test('has room for as many tickets as are drained or were never issued', () => {
    const { issuer, drained } = makeLog();
    expect(issuer.capacity).toBe(TICKETS);
    for (let i = 0; i < TICKETS; i++) {
      expect(issuer.loadRoom()).toBe(TICKETS - i);
      cut(issuer, 1);
    }
    expect(issuer.loadRoom()).toBe(0);
    expect(issuer.wantedDrained(2)).toBe(2);
    drained.publish(2);
    expect(issuer.loadRoom()).toBe(2);
  });

  test('counts the taken tickets, which are a prefix', () => {
    const { handle, issuer } = makeLog();
    const claimers = [new TicketClaimer(handle, 0), new TicketClaimer(handle, 1)];
    cut(issuer, 1);
    cut(issuer, 1);
    cut(issuer, 1);
    expect(issuer.loadTaken()).toBe(0);
    claimers[1]!.tryClaim();
    expect(issuer.loadTaken()).toBe(1);
    claimers[0]!.tryClaim();
    claimers[1]!.tryClaim();
    expect(issuer.loadTaken()).toBe(3);
  });
});

describe('a claimer', () => {
  test('takes the first free ticket, so that its tickets grow and no two claimers have the same', () => {
    const { handle, issuer } = makeLog();
    const a = new TicketClaimer(handle, 0);
    const b = new TicketClaimer(handle, 1);
    for (let i = 0; i < TICKETS; i++) cut(issuer, 2);
    const taken: number[][] = [[], []];
    for (const who of [0, 1, 1, 0]) {
      const claimer = [a, b][who]!;
      expect(claimer.tryClaim()).toBe(true);
      taken[who]!.push(claimer.begin);
      expect(claimer.end).toBe(claimer.begin + 2);
    }
    expect(taken).toEqual([
      [0, 6],
      [2, 4],
    ]);
    expect(a.mayClaim()).toBe(false);
    expect(a.tryClaim()).toBe(false);
    expect(follow(new TicketFollower(handle)).map(([, , owner]) => owner)).toEqual([0, 1, 1, 0]);
  });

  test('knows whether the events of its ticket had arrived', () => {
    const { handle, issuer } = makeLog();
    cut(issuer, 1, ARRIVED);
    cut(issuer, 1, 0);
    const claimer = new TicketClaimer(handle, 0);
    claimer.tryClaim();
    expect(claimer.arrived).toBe(true);
    claimer.tryClaim();
    expect(claimer.arrived).toBe(false);
  });

  test('may be told of a ticket that another one then takes', () => {
    const { handle, issuer } = makeLog();
    const late = new TicketClaimer(handle, 0);
    cut(issuer, 1);
    expect(late.mayClaim()).toBe(true);
    new TicketClaimer(handle, 1).tryClaim();
    expect(late.tryClaim()).toBe(false);
    expect(late.peekNext()).toBe(1);
  });

  test('that slept while the log was filled anew many times takes the first ticket that is free now', () => {
    const { handle, issuer, drained } = makeLog();
    const late = new TicketClaimer(handle, 0);
    const busy = new TicketClaimer(handle, 1);
    for (let i = 0; i < 5 * TICKETS + 1; i++) {
      cut(issuer, 3);
      busy.tryClaim();
      drained.publish(i + 1);
    }
    cut(issuer, 3);
    expect(late.tryClaim()).toBe(true);
    expect([late.begin, late.end]).toEqual([3 * (5 * TICKETS + 1), 3 * (5 * TICKETS + 2)]);
    expect(late.tryClaim()).toBe(false);
  });

  test('does not take an entry that is being filled, nor one of an earlier lap', () => {
    const { handle, issuer, drained } = makeLog();
    const busy = new TicketClaimer(handle, 1);
    for (let i = 0; i < TICKETS; i++) {
      cut(issuer, 1);
      busy.tryClaim();
    }
    drained.publish(TICKETS);
    // The coordinator stands in the middle of `issue`: entry 0 has the new lap and the words of the old one.
    const { words } = openTicketLog(handle);
    const entry = entryWord(openTicketLog(handle), TICKETS);
    Atomics.store(words, entry + CLAIM, claimWord(1, BEING_FILLED));
    const late = new TicketClaimer(handle, 0);
    expect(late.tryClaim()).toBe(false);
    expect(new TicketFollower(handle).look()).toBe(false);
  });

  test('that has not held a ticket for 2^31 sequences and more still knows its sequences', () => {
    const { handle, issuer, drained, acked } = makeLog();
    const late = new TicketClaimer(handle, 0);
    const busy = new TicketClaimer(handle, 1);
    let index = 0;
    while (issuer.peekCut() < 2 ** 31 + 5 * MAX_TICKET) {
      cut(issuer, MAX_TICKET);
      busy.tryClaim();
      drained.publish(++index);
      acked.publish(busy.end);
    }
    const begin = issuer.peekCut();
    cut(issuer, 7);
    expect(late.tryClaim()).toBe(true);
    expect([late.begin, late.end]).toEqual([begin, begin + 7]);
  });
});

describe('a follower', () => {
  test('sees who takes a ticket', () => {
    const { handle, issuer } = makeLog();
    const follower = new TicketFollower(handle);
    cut(issuer, 1);
    expect(follower.look()).toBe(true);
    expect(follower.owner).toBe(NOBODY);
    new TicketClaimer(handle, 253).tryClaim();
    expect(follower.look()).toBe(true);
    expect(follower.owner).toBe(253);
  });

  test('that was left behind goes on at the first ticket that is still there', () => {
    const { handle, issuer, drained } = makeLog();
    const follower = new TicketFollower(handle);
    const claimer = new TicketClaimer(handle, 0);
    for (let i = 0; i < 3 * TICKETS; i++) {
      cut(issuer, 2);
      claimer.tryClaim();
      drained.publish(Math.max(i - 1, 0));
    }
    expect(follower.look(issuer.peekCut())).toBe(true);
    expect(follower.index).toBe(3 * TICKETS - 2);
    expect(follow(follower)).toEqual([
      [20, 22, 0],
      [22, 24, 0],
    ]);
  });

  test('does not take the words of a refilled entry for those of its ticket', () => {
    const { handle, issuer, drained } = makeLog();
    const follower = new TicketFollower(handle);
    const claimer = new TicketClaimer(handle, 0);
    for (let i = 0; i < TICKETS; i++) {
      cut(issuer, 1);
      claimer.tryClaim();
    }
    drained.publish(1);
    // Half of `issue` of ticket 4: the lap and the begin are new, the length is not yet.
    const log = openTicketLog(handle);
    Atomics.store(log.words, entryWord(log, TICKETS) + CLAIM, claimWord(lapOf(log, TICKETS), BEING_FILLED));
    Atomics.store(log.words, entryWord(log, TICKETS) + LENGTH, 1000);
    expect(follower.look()).toBe(true);
    expect(follower.index).toBe(1);
    expect([follower.begin, follower.end]).toEqual([1, 2]);
  });
});

describe.each([
  ['0', 0],
  ['just below 2^31', 2 ** 31 - 3],
  ['just below 2^32', 2 ** 32 - 3],
  ['just below 2^33', 2 ** 33 - 3],
  ['far above 2^40', 2 ** 44 - 3],
  ['near the largest', Number.MAX_SAFE_INTEGER - 2 ** 31],
])('sequences that start at %s', (_name, start) => {
  test('are cut, taken and followed exactly', () => {
    const { handle, issuer, drained, acked } = makeLog(start);
    expect(openTicketLog(handle).start).toBe(start);
    expect(acked.peek()).toBe(start);
    const claimers = [new TicketClaimer(handle, 0), new TicketClaimer(handle, 1)];
    const follower = new TicketFollower(handle);
    let at = start;
    for (let i = 0; i < 3 * TICKETS; i++) {
      const length = 1 + (i % 3);
      cut(issuer, length);
      const claimer = claimers[i & 1]!;
      expect(claimer.tryClaim()).toBe(true);
      expect([claimer.begin, claimer.end]).toEqual([at, at + length]);
      expect(follower.look()).toBe(true);
      expect([follower.begin, follower.end, follower.owner]).toEqual([at, at + length, i & 1]);
      at += length;
      follower.index++;
      drained.publish(follower.index);
      acked.publish(at);
    }
  });

  test('a follower that comes late is right with any sequence nearby', () => {
    const { handle, issuer, drained } = makeLog(start);
    const claimer = new TicketClaimer(handle, 0);
    for (let i = 0; i < 2 * TICKETS; i++) {
      cut(issuer, 5);
      claimer.tryClaim();
      drained.publish(i);
    }
    for (const near of [start, start + 2 ** 30, Math.max(0, start - 2 ** 30)]) {
      const late = new TicketFollower(handle);
      expect(late.look(near)).toBe(true);
      expect(late.begin).toBe(start + 5 * late.index);
    }
  });
});

describe('the claim word', () => {
  test('tells laps apart that are less than 2^24 apart, and wraps without a special case', () => {
    for (const lap of [0, 1, 2 ** 23 - 1, 2 ** 23, 2 ** 24 - 1, 2 ** 24, 2 ** 31]) {
      const word = claimWord(lap, 255);
      expect(isOfLap(word, lap)).toBe(true);
      for (const other of [lap + 1, lap - 1, lap + 2 ** 23]) expect(isOfLap(word, other)).toBe(false);
    }
  });

  test('of an entry that was never filled belongs to no ticket', () => {
    const { handle } = makeLog();
    const log = openTicketLog(handle);
    for (let i = 0; i < TICKETS; i++) expect(isOfLap(log.words[entryWord(log, i) + CLAIM]!, 0)).toBe(false);
    expect(log.words[ISSUED_WORD]).toBe(0);
  });
});

test('a handle of another kind is refused', () => {
  expect(() => openTicketLog({ kind: 'millrace.ticketLog', buffer: new SharedArrayBuffer(64) })).toThrow(
    'FOREIGN_BUFFER',
  );
  expect(() => openTicketLog({ kind: 'millrace.ticketLog', buffer: new SharedArrayBuffer(4096) })).toThrow(
    'FOREIGN_BUFFER',
  );
});
