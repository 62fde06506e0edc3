import { type Ending, joinThread, model, type Options } from '@millrace/interleave';
import { allocate, load, store, viewI32 } from '#atomics';
import { TicketClaimer } from '../../../dist/order/ticket-claimer.js';
import { NOBODY, TicketFollower } from '../../../dist/order/ticket-follower.js';
import { TicketIssuer } from '../../../dist/order/ticket-issuer.js';
import { ackedCursor, createTicketLog, drainedCursor } from '../../../dist/order/ticket-log-descriptor.js';
import { attached, expect, expectSame } from '../support/attached.ts';
import { ownTicketLog } from '../support/owners.ts';

/**
 * Ticket log: each ticket has one owner, its sequences are those that were cut, a processor's tickets grow (I2), taken ones
 * are a prefix, and whoever follows the log sees each ticket with its own words, also while the entry is filled again.
 * Ticket i covers 1 + i % 3 sequences, so that words of two tickets taken together would be seen.
 */
const START = 2 ** 31 - 2;
const lengthOf = (index: number): number => 1 + (index % 3);

function beginOf(index: number): number {
  let begin = START;
  for (let i = 0; i < index; i++) begin += lengthOf(i);
  return begin;
}

/** `done`: tickets that processor 0 has taken and completed before. */
function setup(capacity: number, issued: number, threads: readonly string[], done = 0) {
  const handle = createTicketLog(START, capacity);
  const issuer = new TicketIssuer(handle);
  for (let i = 0; i < issued; i++) issuer.issue(lengthOf(i), 0);
  issuer.publish();
  const present = (...names: string[]) => names.filter((name) => threads.includes(name));
  ownTicketLog(handle, {
    coordinator: present('coordinator', 'heir'),
    writer: present('writer'),
    processors: present('first', 'second'),
  });
  const before = new TicketClaimer(handle, 0);
  for (let i = 0; i < done; i++) before.tryClaim();
  const completed = viewI32(allocate(64));
  completed.fill(1, 0, done);
  return {
    handle,
    /** By ticket: 1 when its processor has completed it. Stands for the end of a lane. */
    completed,
    issuer: attached(issuer),
    claimers: [0, 1].map((processor) => attached(new TicketClaimer(handle, processor))),
    follower: attached(new TicketFollower(handle)),
    observer: attached(new TicketFollower(handle)),
    drained: attached(drainedCursor(handle)),
    acked: attached(ackedCursor(handle)),
  };
}
type Shared = ReturnType<typeof setup>;

/** Tries `times` times. Returns the tickets taken. */
const claim = (log: Shared, processor: number, times: number): number[] =>
  claimBy(log.claimers[processor]!(), log, times);

function claimBy(claimer: TicketClaimer, { completed }: Shared, times: number): number[] {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    const before = claimer.index;
    if (!claimer.tryClaim()) continue;
    const { index, begin, end } = claimer;
    expect(index > before, `ticket ${index} after ${before}`);
    expect(
      begin === beginOf(index) && end === begin + lengthOf(index),
      `ticket ${index} is ${begin}…${end}, was cut ${beginOf(index)}…${beginOf(index + 1)}`,
    );
    taken.push(index);
    store(completed, index, 1);
  }
  return taken;
}

function seesItsOwnWords({ index, begin, end }: TicketFollower): void {
  expect(
    begin === beginOf(index) && end === begin + lengthOf(index),
    `ticket ${index} was seen as ${begin}…${end}, was cut ${beginOf(index)}…${beginOf(index + 1)}`,
  );
}

/** The writer: drains the tickets that were taken, as far as they are. Returns owners by index. */
function drain({ follower, drained, acked, completed }: Shared, looks: number): number[] {
  const log = follower();
  const drainedTo = drained();
  const ackedTo = acked();
  const owners: number[] = [];
  for (let i = 0; i < looks; i++) {
    if (!log.look() || log.owner === NOBODY) continue;
    seesItsOwnWords(log);
    if (load(completed, log.index) === 0) continue;
    expect(log.index === owners.length, `the writer saw ticket ${log.index} after ${owners.length - 1}`);
    owners.push(log.owner);
    ackedTo.publish(log.end);
    log.index++;
    drainedTo.publish(log.index);
  }
  return owners;
}

/** Issues as long as there is room, at most `times` times. */
const issue = ({ issuer }: Shared, times: number): number => issueBy(issuer(), times);

function issueBy(own: TicketIssuer, times: number): number {
  for (let i = 0; i < times; i++) {
    if (own.loadRoom() <= 0) continue;
    own.issue(lengthOf(own.peekIssued()), 0);
    own.publish();
  }
  return own.peekIssued();
}

function oneOwnerEach({ handle }: Shared, { results }: Ending): void {
  const [first, second] = [(results.first ?? []) as number[], (results.second ?? []) as number[]];
  const taken = [...first, ...second].sort((a, b) => a - b);
  expectSame(
    'tickets taken',
    taken,
    taken.map((_, i) => i),
  );
  const owners = (results.writer ?? []) as number[];
  for (const [index, owner] of owners.entries()) {
    expect((owner === 0 ? first : second).includes(index), `the writer saw processor ${owner} with ticket ${index}`);
  }
  const last = new TicketFollower(handle);
  for (last.index = owners.length; last.look(beginOf(last.index)); last.index++) seesItsOwnWords(last);
}

interface Case {
  readonly capacity: number;
  /** Tickets in the log before the threads start. */
  readonly issued?: number;
  readonly issues?: number;
  readonly first?: number;
  readonly second?: number;
  readonly looks?: number;
  /** Looks of a follower that nobody waits for: a producer, or who asks for the head of line. */
  readonly observes?: number;
  readonly options?: Options;
  readonly long?: Options;
}

function ticketLog(name: string, { capacity, issued = 0, observes = 0, options, long, ...times }: Case) {
  const { issues = 0, first = 0, second = 0, looks = 0 } = times;
  const threads = {
    ...(issues > 0 && { coordinator: (log: Shared) => issue(log, issues) }),
    ...(first > 0 && { first: (log: Shared) => claim(log, 0, first) }),
    ...(second > 0 && { second: (log: Shared) => claim(log, 1, second) }),
    ...(looks > 0 && { writer: (log: Shared) => drain(log, looks) }),
    ...(observes > 0 && {
      observer({ observer }: Shared) {
        const log = observer();
        for (let i = 0; i < observes; i++) {
          const before = log.index;
          if (!log.look()) continue;
          expect(log.index >= before, `ticket ${log.index} was seen after ${before}`);
          seesItsOwnWords(log);
          log.index++;
        }
      },
    }),
  };
  return model<Shared>({
    name,
    setup: () => setup(capacity, issued, Object.keys(threads)),
    threads,
    after: oneOwnerEach,
    options,
    long,
  });
}

export const ticketLogs = [
  ticketLog('ticket log: two processors claim what is there', { capacity: 4, issued: 3, first: 2, second: 2 }),
  ticketLog('ticket log: issued while claimed', { capacity: 4, issued: 1, issues: 1, first: 2, second: 2 }),
  ticketLog('ticket log: a processor slept through a lap', {
    capacity: 1,
    issued: 1,
    issues: 1,
    first: 1,
    second: 2,
    looks: 2,
    options: { preemptions: 3 },
    long: { preemptions: 5 },
  }),
  ticketLog('ticket log: an entry is filled again while others follow', {
    capacity: 1,
    issued: 1,
    issues: 2,
    first: 2,
    looks: 1,
    observes: 2,
    options: { preemptions: 3 },
    long: { preemptions: 5 },
  }),
  ticketLog('ticket log: three laps of two entries', {
    capacity: 2,
    issued: 2,
    issues: 3,
    first: 2,
    second: 2,
    looks: 4,
    options: { preemptions: 2 },
    long: { preemptions: 3 },
  }),
];

/** A coordinator that dies at any step, and the one after it, which knows nothing but the log. */
const issuers = model<Shared>({
  name: 'ticket log: the coordinator dies, and the next one cuts where it ended',
  setup: () => setup(2, 1, ['coordinator', 'heir', 'first', 'writer']),
  threads: {
    coordinator: (log) => issue(log, 2),
    heir: ({ handle }) => (joinThread('coordinator') === 'died' ? issueBy(new TicketIssuer(handle), 2) : 0),
    first: (log) => claim(log, 0, 3),
    writer: (log) => drain(log, 2),
  },
  after: oneOwnerEach,
  options: { preemptions: 3, deaths: { threads: ['coordinator'] } },
  long: { preemptions: 4 },
});

/** The processor before had completed ticket 0: its entry may serve ticket 2 by the time at which its successor looks. */
const takenBack = model<Shared>({
  name: 'ticket log: a successor does not take back what was done before it',
  setup: () => setup(2, 2, ['coordinator', 'first', 'writer'], 1),
  threads: {
    coordinator: (log) => issue(log, 1),
    first(log) {
      const claimer = new TicketClaimer(log.handle, 0);
      claimer.resume(beginOf(1));
      const taken = claimBy(claimer, log, 3);
      expect(!claimer.takenBack, 'a ticket was taken back');
      return [0, ...taken];
    },
    writer: (log) => drain(log, 1),
  },
  after: oneOwnerEach,
});

export const succession = [issuers, takenBack];
