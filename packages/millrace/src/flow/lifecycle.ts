/**
 * The states of a flow, and the one function that changes them.
 *
 *   running   events are accepted and computed
 *   draining  no more events are accepted; what is there is computed and delivered
 *   ended     everything was delivered, every thread has ended
 *   stopping  told to stop; threads end as soon as they look
 *   stopped   every thread has ended; what was not delivered is lost to this flow
 *   failing   an error was thrown or a thread died; threads end as soon as they look
 *   failed    every thread has ended; `ended` rejects with the error
 */
export type FlowState = 'running' | 'draining' | 'ended' | 'stopping' | 'stopped' | 'failing' | 'failed';

export type FlowEvent =
  /** The user, or a source with an end, said that no event follows. */
  | 'drain'
  /** The writer has delivered everything and every thread has ended. */
  | 'finished'
  /** The user or a signal said stop. */
  | 'stop'
  /** Something threw, or a thread died. */
  | 'fail'
  /** The last thread has ended after `stop` or `fail`. */
  | 'down';

const TABLE: Readonly<Record<FlowState, Partial<Record<FlowEvent, FlowState>>>> = {
  running: { drain: 'draining', stop: 'stopping', fail: 'failing' },
  draining: { drain: 'draining', finished: 'ended', stop: 'stopping', fail: 'failing' },
  ended: { drain: 'ended', stop: 'ended' },
  stopping: { drain: 'stopping', stop: 'stopping', fail: 'stopping', down: 'stopped' },
  stopped: { drain: 'stopped', stop: 'stopped', fail: 'stopped' },
  failing: { drain: 'failing', stop: 'failing', fail: 'failing', down: 'failed' },
  failed: { drain: 'failed', stop: 'failed', fail: 'failed' },
};

/** The state after `event`. Throws for a transition that cannot happen. */
export function transition(state: FlowState, event: FlowEvent): FlowState {
  const next = TABLE[state][event];
  if (next === undefined) throw new Error(`a flow that is ${state} got "${event}"`);
  return next;
}

/** True in the states in which nothing more is delivered. */
export const isDown = (state: FlowState): boolean => state !== 'running' && state !== 'draining' && state !== 'ended';
