import { createLane, LaneConsumer, LaneProducer } from 'native-free-rings';
import { describe, expect, test } from 'vitest';
import { WriterBell } from '../../../src/processor/writer-bell.ts';
import { Cadence } from '../../../src/thread/cadence.ts';
import { CAUSES } from '../../../src/thread/causes.ts';
import { Clock } from '../../../src/thread/clock.ts';
import { Control, createControl, WRITER } from '../../../src/thread/control-block.ts';
import { COUNTER, Counters, createCounters } from '../../../src/thread/counters.ts';

const PROCESSORS = 2;
const LANE_BYTES = 1_024;
const LONG_MS = 1_000;

/** A bell of processor 1 and a writer that sleeps for the items of `wanted`. */
function bellAndSleeper(wanted = 1) {
  const control = new Control(createControl(PROCESSORS, 0));
  const sleeper = control.eventcount(WRITER);
  const counters = new Counters(createCounters(5), 4);
  const handle = createLane({ capacityBytes: LANE_BYTES });
  const lane = new LaneProducer(handle);
  const clock = new Clock();
  const cadence = new Cadence(1, 1);
  cadence.eachMs = 1;
  const ringing = new WriterBell(control, 1, lane, counters, clock);
  const bell = {
    /** An event takes a millisecond, and each processor has one of them. */
    learn: (backlogMs: number): void => ringing.learn(PROCESSORS * backlogMs, cadence),
    shown(at: number): void {
      clock.now = at;
      ringing.shown();
    },
    settle: (): void => ringing.settle(),
  };
  const isAwake = (): boolean => sleeper.loadCause() === 0;
  const sleep = (): void => void sleeper.arm(CAUSES.items, wanted);
  sleep();
  /** True when `act` woke the writer, which sleeps again then. */
  const wakes = (act: () => void): boolean => {
    act();
    const woke = isAwake();
    if (woke) sleep();
    return woke;
  };
  const fill = (bytes: number): void => {
    lane.tryClaim(bytes);
    lane.commit(bytes, 0, 1, 0);
    lane.publish();
  };
  return { bell, wakes, fill, counters, cadence, consumer: new LaneConsumer(handle) };
}

describe('a processor that has caught up', () => {
  test('wakes the writer for all that it shows', () => {
    const { bell, wakes, counters } = bellAndSleeper();
    bell.learn(0);
    for (let i = 0; i < 3; i++) expect(wakes(() => bell.shown(0))).toBe(true);
    expect(counters.get(COUNTER.wakes)).toBe(3);
  });

  test('wakes nobody who waits for another processor', () => {
    const { bell, wakes, counters } = bellAndSleeper(0);
    bell.learn(0);
    expect(wakes(() => bell.shown(0))).toBe(false);
    expect(counters.get(COUNTER.wakes)).toBe(0);
  });
});

test('nothing is held back while it is not known how long events take', () => {
  const { bell, wakes, cadence } = bellAndSleeper();
  cadence.eachMs = 0;
  bell.learn(LONG_MS);
  for (let i = 0; i < 3; i++) expect(wakes(() => bell.shown(0))).toBe(true);
});

describe('under backlog', () => {
  test('output waits for a quarter of what an event waits', () => {
    const { bell, wakes } = bellAndSleeper();
    bell.learn(8);
    expect(wakes(() => bell.shown(100))).toBe(true);
    expect(wakes(() => bell.shown(101.9))).toBe(false);
    expect(wakes(() => bell.shown(102))).toBe(true);
    expect(wakes(() => bell.shown(103.9))).toBe(false);
  });

  test.each([LONG_MS, Number.POSITIVE_INFINITY])('but no longer than 4 ms, however long that is: %d', (events) => {
    const { bell, wakes } = bellAndSleeper();
    bell.learn(events);
    wakes(() => bell.shown(100));
    expect(wakes(() => bell.shown(103.9))).toBe(false);
    expect(wakes(() => bell.shown(104))).toBe(true);
  });

  test('what was shown and not rung for is made good before the processor sleeps, once', () => {
    const { bell, wakes } = bellAndSleeper();
    bell.learn(LONG_MS);
    wakes(() => bell.shown(100));
    expect(wakes(() => bell.settle())).toBe(false);
    bell.shown(101);
    expect(wakes(() => bell.settle())).toBe(true);
    expect(wakes(() => bell.settle())).toBe(false);
  });

  test('a wake-up from before the backlog does not count', () => {
    const { bell, wakes } = bellAndSleeper();
    bell.learn(LONG_MS);
    wakes(() => bell.shown(100));
    bell.learn(0);
    wakes(() => bell.shown(101));
    bell.learn(LONG_MS);
    expect(wakes(() => bell.shown(102))).toBe(true);
  });

  test('a quarter of the lane in use is rung for at once, until the writer has taken it', () => {
    const { bell, wakes, fill, consumer } = bellAndSleeper();
    bell.learn(LONG_MS);
    wakes(() => bell.shown(100));
    fill(LANE_BYTES / 4);
    expect(wakes(() => bell.shown(100))).toBe(false);
    fill(8);
    expect(wakes(() => bell.shown(100))).toBe(true);
    while (consumer.next());
    consumer.release();
    expect(wakes(() => bell.shown(100))).toBe(false);
  });

  test('and so is a quarter of its records, however short they are', () => {
    const { bell, wakes, fill, consumer } = bellAndSleeper();
    bell.learn(LONG_MS);
    wakes(() => bell.shown(100));
    const quarter = Math.floor(consumer.maxRecords / 4);
    for (let i = 0; i < quarter; i++) {
      fill(0);
      expect(wakes(() => bell.shown(100))).toBe(false);
    }
    fill(0);
    expect(wakes(() => bell.shown(100))).toBe(true);
  });
});
