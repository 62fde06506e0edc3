import { createLane, LaneConsumer, LaneProducer } from 'native-free-rings';
import { expect, test } from 'vitest';
import { TicketIssuer } from '../../../src/order/ticket-issuer.ts';
import { ackedCursor, createTicketLog, drainedCursor } from '../../../src/order/ticket-log-descriptor.ts';
import { CAUSES } from '../../../src/thread/causes.ts';
import { createCheckpoints, WriterCheckpoint } from '../../../src/thread/checkpoints.ts';
import { Clock } from '../../../src/thread/clock.ts';
import {
  COORDINATOR,
  Control,
  createControl,
  FIRST_PROCESSOR,
  MAIN,
  WRITER,
} from '../../../src/thread/control-block.ts';
import { Counters, createCounters } from '../../../src/thread/counters.ts';
import { RECORD } from '../../../src/thread/lane-layout.ts';
import { Parker } from '../../../src/thread/parker.ts';
import { type CommitLimits, Committer } from '../../../src/writer/committer.ts';
import { InFlight } from '../../../src/writer/in-flight.ts';
import type { LaneBatch } from '../../../src/writer/lane-batch.ts';
import { Place } from '../../../src/writer/place.ts';

/** A clock that is set. */
class SetClock extends Clock {
  ms = 0;
  override read(): void {
    this.now = this.ms;
  }
}

const LANE_BYTES = 1_024;
/** More than there are bytes for, unless a test says otherwise. */
const MANY_RECORDS = 512;
const ITEM_BYTES = 8;

/** A writer that commits, played by hand, with two lanes; each commit takes `takesMs`. */
function committing(given: Partial<CommitLimits> = {}, records = MANY_RECORDS) {
  const clock = new SetClock();
  clock.now = 0;
  const control = new Control(createControl(2, 0));
  control.drain(1_000);
  const counters = new Counters(createCounters(4), WRITER);
  const handles = [0, 1].map(() => createLane({ capacityBytes: LANE_BYTES, records }));
  const producers = handles.map((handle) => new LaneProducer(handle));
  const lanes = handles.map((handle) => new LaneConsumer(handle));
  const checkpoints = createCheckpoints(2, 0, 0);
  const tickets = createTicketLog(0);
  const commits: { sequence: number; items: number }[] = [];
  const made = { takesMs: 0 };
  const note = { destinationEnd: 0, sequence: 0, items: 0, lane: -1, laneItems: 0 };
  const makePlace = (): Place => new Place(note, [0, 0], 0);
  const inFlight = new InFlight(makePlace(), makePlace);
  const place = inFlight.ahead;
  const limits = { ms: 5, items: Infinity, bytes: Infinity, itemBytes: 4, tickets: 8, ...given };
  const destination = {
    ackEveryMs: 0.02,
    ackBatches: 64,
    commits: limits,
    peekEnd: () => 0,
    flush({ sequence, items }: Place) {
      commits.push({ sequence, items });
      clock.ms += made.takesMs;
    },
  };
  const acks = new Committer(
    {
      destination: destination as never,
      checkpoint: new WriterCheckpoint(checkpoints),
      lanes,
      processors: [0, 1].map((i) => control.eventcount(FIRST_PROCESSOR + i)),
      coordinator: control.eventcount(COORDINATOR),
      main: control.eventcount(MAIN),
      acked: ackedCursor(tickets),
      drained: drainedCursor(tickets),
      source: undefined,
      counters,
      parker: new Parker(control, counters, WRITER, { name: 'park', spin: () => false } as never, clock),
      control,
    },
    inFlight,
    limits,
  );
  /** A run of one item comes to a lane, is read and delivered. True when it is time to commit. */
  const deliver = (processor = 0): boolean => {
    const producer = producers[processor]!;
    producer.tryClaim(ITEM_BYTES);
    producer.commit(ITEM_BYTES, place.sequence, 1, RECORD.last);
    producer.publish();
    acks.processor = processor;
    const lane = lanes[processor]!;
    expect(lane.next()).toBe(true);
    acks.begin();
    const pieces = [{ view: { lane: processor }, to: lane.peekPosition() }];
    const batch = { pieces, length: 1, bytes: ITEM_BYTES, endSequence: place.sequence + 1, endItems: 0, rest: 0 };
    const isTime = acks.delivered(batch as unknown as LaneBatch);
    acks.endRun();
    return isTime;
  };
  return { acks, clock, made, place, commits, deliver, lanes, tickets, control, checkpoints };
}

test('a commit is due commitMs after the last one ended, or as long after it as it took', () => {
  const { acks, clock, made, deliver, commits } = committing();
  const dueAfter = (): number => {
    const from = clock.ms;
    deliver();
    while (!acks.isOwed()) clock.ms += 0.5;
    expect(acks.isLate()).toBe(true);
    return clock.ms - from;
  };
  expect(dueAfter()).toBe(5);
  for (const [takesMs, wanted] of [
    [0, 5],
    [20, 20],
    [300, 300],
    [2, 5],
  ] as const) {
    made.takesMs = takesMs;
    void acks.acknowledge();
    expect(dueAfter()).toBe(wanted);
  }
  expect(commits).toHaveLength(4);
});

test('nobody sleeps longer than until the next commit while something is not committed', () => {
  const { acks, clock, deliver } = committing();
  expect([acks.mostMs(undefined), acks.mostMs(8)]).toEqual([undefined, 8]);
  deliver();
  expect(acks.isOwed()).toBe(false);
  expect([acks.mostMs(undefined), acks.mostMs(8), acks.mostMs(2)]).toEqual([5, 5, 2]);
  clock.ms = 3;
  expect(acks.isOwed()).toBe(false);
  expect(acks.mostMs(undefined)).toBe(2);
  void acks.acknowledge();
  expect(acks.mostMs(undefined)).toBeUndefined();
});

test('a commit gives everything back that was read: of all lanes, and of all tickets', () => {
  const { acks, deliver, lanes, tickets, checkpoints, commits } = committing();
  const issuer = new TicketIssuer(tickets);
  for (let i = 0; i < 3; i++) issuer.issue(1, 0);
  issuer.publish();
  for (const [index, processor] of [0, 1, 0].entries()) {
    deliver(processor);
    expect(acks.ticketRead(index + 1)).toBe(false);
  }
  const unreleased = (): number[] => lanes.map((lane) => lane.peekPosition() - lane.peekReleased());
  expect(unreleased()).toEqual([2, 1]);
  expect([ackedCursor(tickets).peek(), drainedCursor(tickets).peek(), commits.length]).toEqual([0, 0, 0]);
  void acks.acknowledge();
  expect(unreleased()).toEqual([0, 0]);
  expect([ackedCursor(tickets).peek(), drainedCursor(tickets).peek()]).toEqual([3, 3]);
  expect(commits).toEqual([{ sequence: 3, items: 0 }]);
  const heir = new WriterCheckpoint(checkpoints);
  expect(heir.takeOver(() => true)).toMatchObject({ sequence: 3, lane: 0 });
  expect([heir.peekLane(0), heir.peekLane(1)]).toEqual([2, 1]);
  // With nothing to commit, a ticket without items is drained at once.
  acks.ticketRead(4);
  expect(drainedCursor(tickets).peek()).toBe(4);
});

test('a commit is due at a limit, when much of the ticket log is read, and when a processor has no room', () => {
  const few = committing({ items: 3 });
  for (let i = 0; i < 2; i++) expect(few.deliver()).toBe(false);
  expect([few.acks.isFull(), few.acks.itemsLeft(), few.acks.bytesLeft()]).toEqual([false, 1, Infinity]);
  expect(few.deliver()).toBe(true);
  expect(few.acks.isFull()).toBe(true);
  void few.acks.acknowledge();
  expect([few.acks.isFull(), few.acks.itemsLeft()]).toEqual([false, 3]);

  const small = committing({ bytes: 20 });
  for (let i = 0; i < 2; i++) expect(small.deliver()).toBe(false);
  expect([small.acks.bytesLeft(), small.acks.itemsLeft()]).toEqual([20 - 2 * ITEM_BYTES, Infinity]);
  expect([small.deliver(), small.acks.isFull()]).toEqual([true, true]);

  const log = committing();
  log.deliver();
  expect(Array.from({ length: 8 }, (_, i) => log.acks.ticketRead(i + 1)).lastIndexOf(false)).toBe(6);

  const full = committing();
  full.deliver();
  full.deliver(1);
  void full.acks.acknowledge();
  full.deliver(1);
  expect(full.acks.isOwed()).toBe(false);
  full.control.showWaiting(FIRST_PROCESSOR, CAUSES.room);
  expect(full.acks.isOwed()).toBe(false);
  // It may spin, and never sleep.
  full.control.showWaiting(FIRST_PROCESSOR + 1, CAUSES.room);
  expect([full.acks.isOwed(), full.acks.isWaitedFor()]).toEqual([true, true]);
});

test.each([
  ['bytes', MANY_RECORDS, LANE_BYTES / 2 / ITEM_BYTES],
  ['records', 16, 7],
])('a quick commit is due when half the %s of a lane are read, a slow one not for that', (_, records, half) => {
  const { made, acks, deliver, commits } = committing({}, records);
  for (let round = 1; round < 4; round++) {
    for (let i = 0; i < half; i++) expect(deliver()).toBe(false);
    expect(deliver()).toBe(true);
    if (round === 3) made.takesMs = 300;
    void acks.acknowledge();
    expect(commits).toHaveLength(round);
  }
  for (let i = 0; i <= half; i++) expect(deliver()).toBe(false);
});

test('a commit is due in the middle of a batch, and after a batch that took long', () => {
  const { acks, clock, deliver } = committing();
  deliver();
  expect(acks.isFull()).toBe(false);
  clock.ms = 5;
  expect(acks.isFull()).toBe(true);
  void acks.acknowledge();

  // Many quick batches have come, so that the next look is far away.
  for (let i = 0; i < 20; i++) expect(deliver()).toBe(false);
  clock.ms += 6;
  clock.read();
  expect(deliver()).toBe(true);
});

test('a commit is due when everything that has arrived is delivered, and not open in the middle of a stopped batch', () => {
  const { acks, control, place, deliver } = committing();
  deliver();
  expect([acks.isOwed(), acks.isOpen()]).toEqual([false, true]);
  place.sequence = control.loadEnd();
  expect(acks.isOwed()).toBe(true);
  acks.isLeft = true;
  expect(acks.isOpen()).toBe(false);
});
