import { describe, expect, test } from 'vitest';
import { type FlowEvent, type FlowState, isDown, transition } from '../../../src/flow/lifecycle.ts';

const EVENTS: readonly FlowEvent[] = ['drain', 'finished', 'stop', 'fail', 'down'];

/** The state after each event of EVENTS; undefined: it cannot happen, and throws. */
const TABLE: Record<FlowState, readonly (FlowState | undefined)[]> = {
  running: ['draining', undefined, 'stopping', 'failing', undefined],
  draining: ['draining', 'ended', 'stopping', 'failing', undefined],
  ended: ['ended', undefined, 'ended', undefined, undefined],
  stopping: ['stopping', undefined, 'stopping', 'stopping', 'stopped'],
  stopped: ['stopped', undefined, 'stopped', 'stopped', undefined],
  failing: ['failing', undefined, 'failing', 'failing', 'failed'],
  failed: ['failed', undefined, 'failed', 'failed', undefined],
};

const cases = Object.entries(TABLE).flatMap(([state, row]) =>
  row.map((next, i) => ({ state: state as FlowState, event: EVENTS[i]!, next })),
);

describe('a flow', () => {
  test.each(cases.filter(({ next }) => next !== undefined))(
    'that is $state is $next after "$event"',
    ({ state, event, next }) => {
      expect(transition(state, event)).toBe(next);
    },
  );

  test.each(cases.filter(({ next }) => next === undefined))(
    'that is $state never gets "$event"',
    ({ state, event }) => {
      expect(() => transition(state, event)).toThrow(`a flow that is ${state} got "${event}"`);
    },
  );

  test('delivers nothing more when it stops or fails, and has delivered all when it has ended', () => {
    const down = (Object.keys(TABLE) as FlowState[]).filter(isDown);
    expect(down).toEqual(['stopping', 'stopped', 'failing', 'failed']);
  });
});
