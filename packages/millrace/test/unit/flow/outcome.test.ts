import { describe, expect, it } from 'vitest';
import { Outcome } from '../../../src/flow/outcome.ts';
import { ToldPromise } from '../../../src/flow/told-promise.ts';
import { MillraceError } from '../../../src/thread/errors.ts';

const failure = new Error('what the flow failed of');

/** A flow's outcome with one pending call, and what was thrown at the process. */
function flow() {
  const thrown: unknown[] = [];
  const outcome = new Outcome((error) => thrown.push(error));
  let reject!: (error: unknown) => void;
  let resolve!: () => void;
  const call = outcome.watch(
    new Promise<void>((...settle) => {
      [resolve, reject] = settle;
    }),
  );
  const down = async (error: unknown = failure): Promise<readonly unknown[]> => {
    outcome.fail(failure);
    reject(error);
    outcome.down();
    for (let i = 0; i < 3; i++) await new Promise(setImmediate);
    return thrown;
  };
  return { outcome, call, down, resolve, thrown };
}

describe('a failure is thrown unless it was taken', () => {
  it.each<[string, (call: Promise<void>) => unknown, unknown[]]>([
    ['nobody looks', () => {}, [failure]],
    ['a chain ends in nothing', (call) => call.then(() => {}).finally(() => {}), [failure]],
    ['a chain goes on with another call', (call) => call.then(() => call), [failure]],
    ['a call is what a handler returns', (call) => call.finally(() => call), [failure]],
    ['it is caught', (call) => call.catch(() => {}), []],
    [
      'the end of a chain is caught',
      (call) =>
        call
          .then(() => {})
          .finally(() => {})
          .catch(() => {}),
      [],
    ],
    ['it is awaited', (call) => (async () => await call)().catch(() => {}), []],
    ['it is awaited among others', (call) => Promise.all([1, call]).catch(() => {}), []],
    ['it is awaited by name of its end alone', (call) => Promise.allSettled([call]), []],
  ])('%s', async (_, look, thrown) => {
    const { call, down } = flow();
    look(call);
    expect(await down()).toEqual(thrown);
  });

  it('a loop in the middle is waited for, and the last one that leaves gives the flow up', async () => {
    const { outcome, call, down, thrown } = flow();
    outcome.expect();
    expect(await down()).toEqual([]);
    expect(() => outcome.rethrow()).toThrow(failure);
    outcome.done();
    await new Promise(setImmediate);
    expect(thrown).toEqual([]);
    await expect(call).rejects.toBe(failure);

    const left = flow();
    left.outcome.expect();
    await left.down();
    left.outcome.giveUp();
    left.outcome.done();
    await new Promise(setImmediate);
    expect(left.thrown).toEqual([]);
  });

  it('one that is not gone on with is told when the process has nothing else to do, by one listener for all flows', async () => {
    const flows = Array.from({ length: 12 }, flow);
    const listeners: number[] = [];
    for (const { outcome, down } of flows) {
      outcome.expect();
      await down();
      listeners.push(process.listenerCount('beforeExit'));
    }
    expect(new Set(listeners).size).toBe(1);
    process.emit('beforeExit', 0);
    await new Promise(setImmediate);
    expect(flows.map(({ thrown }) => thrown)).toEqual(flows.map(() => [failure]));
  });

  it('a stop is no failure, and the end of a call by it nothing that has to be taken', async () => {
    const { outcome } = flow();
    void outcome.watch(Promise.reject(new MillraceError('FLOW_STOPPED', 'stopped')));
    outcome.down();
    await new Promise(setImmediate);
  });
});

describe('the promise of a call', () => {
  it('is a promise like any other', async () => {
    const { call, resolve } = flow();
    expect(call).toBeInstanceOf(Promise);
    resolve();
    expect(await call).toBe(undefined);
    const told = <T>(inner: Promise<T>): Promise<T> => ToldPromise.of(inner, new Outcome(() => {}));
    expect(await told(Promise.resolve(1)).then((n) => told(Promise.resolve(n + 1)))).toBe(2);
    expect(await told(Promise.resolve(1)).then(null)).toBe(1);
    const other = new Error('of this call alone');
    await expect(told(Promise.reject(other)).finally(() => {})).rejects.toBe(other);
    await expect(
      told(Promise.resolve(1)).finally(() => {
        throw other;
      }),
    ).rejects.toBe(other);
    expect(await told(Promise.reject(other)).catch(() => told(Promise.resolve(3)))).toBe(3);
  });

  it('that rejects with something of its own is an unhandled rejection where nobody takes it', async () => {
    const { outcome } = flow();
    const unhandled: unknown[] = [];
    const take = (reason: unknown): number => unhandled.push(reason);
    const others = process.rawListeners('unhandledRejection') as (() => void)[];
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', take);
    void outcome.watch(Promise.reject(failure));
    await new Promise(setImmediate);
    process.off('unhandledRejection', take);
    for (const other of others) process.on('unhandledRejection', other);
    expect(unhandled).toEqual([failure]);
  });
});
