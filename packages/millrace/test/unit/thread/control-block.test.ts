import { describe, expect, test } from 'vitest';
import { CAUSES, causeName } from '../../../src/thread/causes.ts';
import {
  Control,
  createControl,
  DRAINING,
  FIRST_PROCESSOR,
  MAIN,
  RUNNING,
  STOPPING,
  WRITER,
} from '../../../src/thread/control-block.ts';
import { COUNTER, COUNTERS, Counters, createCounters } from '../../../src/thread/counters.ts';

describe.each([0, 7, 2 ** 31 - 1, 2 ** 32 - 1, 2 ** 44])('a control block of a flow that starts at %d', (start) => {
  test('says that it runs and has no end, then where it drains to, then that it stops', () => {
    const handle = createControl(2, start);
    const main = new Control(handle);
    const thread = new Control(handle);
    expect(thread.threads).toBe(FIRST_PROCESSOR + 2);
    expect([thread.loadState(), thread.loadEnd()]).toEqual([RUNNING, Number.POSITIVE_INFINITY]);
    main.drain(start + 10);
    expect([thread.loadState(), thread.loadEnd()]).toEqual([DRAINING, start + 10]);
    expect(thread.isStopping()).toBe(false);
    main.stop();
    expect([thread.loadState(), thread.isStopping(), thread.mayHaveToRest()]).toEqual([STOPPING, true, true]);
    expect(thread.loadEnd()).toBe(start + 10);
    main.drain(start + 11);
    expect(thread.isStopping()).toBe(true);
  });

  test('has no end where it is stopped without one', () => {
    const handle = createControl(1, start);
    const thread = new Control(handle);
    new Control(handle).stop();
    expect(thread.loadEnd()).toBeGreaterThan(2 ** 52);
  });

  test('has a position for each thread, which starts at the start', () => {
    const handle = createControl(2, start);
    const other = new Control(handle);
    new Control(handle).position(FIRST_PROCESSOR + 1).publish(start + 5);
    expect(other.position(FIRST_PROCESSOR + 1).load()).toBe(start + 5);
    expect(other.position(FIRST_PROCESSOR).load()).toBe(start);
    expect(other.position(WRITER).load()).toBe(start);
  });
});

test('an end far away is told whole', () => {
  const control = new Control(createControl(1, 0));
  control.drain(2 ** 50 + 1);
  expect(control.loadEnd()).toBe(2 ** 50 + 1);
});

test.each(['drain', 'stop'] as const)('%s wakes every thread that sleeps, whatever for', (what) => {
  const control = new Control(createControl(3, 0));
  const sleepers = Array.from({ length: control.threads }, (_, i) => control.eventcount(i));
  sleepers.forEach((sleeper, i) => {
    sleeper.arm(1 + i, 1_000);
  });
  if (what === 'drain') control.drain(1);
  else control.stop();
  expect(sleepers.map((sleeper) => sleeper.loadCause())).toEqual(sleepers.map(() => 0));
});

test('shows for what each thread waits, and since when', () => {
  const control = new Control(createControl(1, 0));
  expect(control.loadWaiting(MAIN).cause).toBe(CAUSES.none);
  control.showWaiting(WRITER, CAUSES.demand);
  const { cause, forMs } = control.loadWaiting(WRITER);
  expect(causeName(cause)).toBe('demand');
  expect(forMs).toBeGreaterThanOrEqual(0);
  expect(control.loadWaiting(FIRST_PROCESSOR).cause).toBe(CAUSES.none);
});

test('every cause has its own number and name, and fits an eventcount', () => {
  for (const [name, number] of Object.entries(CAUSES)) {
    expect(causeName(number)).toBe(name);
    expect(number).toBeLessThanOrEqual(15);
  }
  expect(causeName(99)).toBe('none');
});

test('counters are counted by each thread in its own block and read by all', () => {
  const buffer = createCounters(3);
  const [a, b] = [new Counters(buffer, 0), new Counters(buffer, 2)];
  COUNTERS.forEach((_, i) => {
    a.add(i, i + 0.5);
    a.add(i, 1);
  });
  b.add(COUNTER.items, 2 ** 40);
  expect(Object.values(new Counters(buffer, 0).read())).toEqual(COUNTERS.map((_, i) => i + 1.5));
  expect(new Counters(buffer, 2).get(COUNTER.items)).toBe(2 ** 40);
  expect(Object.values(new Counters(buffer, 1).read()).every((value) => value === 0)).toBe(true);
});
