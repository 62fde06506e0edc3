import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import {
  after,
  closeUnread,
  Interrupt,
  interruptible,
  isDuration,
  leavable,
  onAbort,
  settlesWithin,
} from 'native-free-rings/waits';
import { afterEach, describe, expect, it, vi } from 'vitest';

const mine = new Error('mine');
const collect = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

describe('onAbort', () => {
  it('calls all that wait, in order, behind one listener, which goes with the last of them', () => {
    const controller = new AbortController();
    const { signal } = controller;
    const called: number[] = [];
    const letGo = Array.from({ length: 20 }, (_, i) => onAbort(signal, () => called.push(i)));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const each of letGo) each();
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    onAbort(signal, () => called.push(20));
    onAbort(signal, () => called.push(21));
    letGo[0]();
    controller.abort();
    expect(called).toEqual([20, 21]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('interruptible', () => {
  it('takes what for await takes, a plain object as well, and a promise of any kind', async () => {
    let n = 0;
    const steps = [
      { value: 1, done: false },
      Promise.resolve({ value: 2, done: false }),
      // biome-ignore lint/suspicious/noThenProperty: a foreign promise, which calls back at once, twice, and returns nothing.
      { then: (resolve: (value: unknown) => void) => void [resolve({ value: 3 }), resolve({ value: 4 })] },
      { value: undefined, done: true },
    ];
    const source = { [Symbol.asyncIterator]: () => ({ next: () => steps[n++] }) } as unknown as AsyncIterable<number>;
    expect(await collect(interruptible(source, new Interrupt()))).toEqual([1, 2, 3]);
    expect(await collect(interruptible(ReadableStream.from([1, 2]), new Interrupt()))).toEqual([1, 2]);
  });

  it.each([null, undefined, 5])('refuses, as for await does, a next that gives no object: %s', async (given) => {
    const source = { [Symbol.asyncIterator]: () => ({ next: () => given }) } as unknown as AsyncIterable<number>;
    await expect(collect(interruptible(source, new Interrupt()))).rejects.toThrow(/next\(\) of an async iterator gave/);
  });

  it('is left while it waits, and while its source closes', async () => {
    const interrupt = new Interrupt();
    let returned = 0;
    const silent = {
      next: () => new Promise<IteratorResult<number>>(() => {}),
      return: () => {
        returned++;
        return new Promise<IteratorResult<number>>(() => {});
      },
    };
    const waiting = collect(interruptible({ [Symbol.asyncIterator]: () => silent }, interrupt));
    interrupt.now(mine);
    await expect(waiting).rejects.toBe(mine);
    expect(returned).toBe(1);

    const closing = new Interrupt();
    const source = { [Symbol.asyncIterator]: () => ({ ...silent, next: async () => ({ value: 1, done: false }) }) };
    const reading = interruptible(source, closing);
    await reading.next();
    const left = reading.return();
    await new Promise(setImmediate);
    closing.now(mine);
    await expect(left).rejects.toBe(mine);
  });
});

describe('leavable', () => {
  it('tells of return and throw, where a generator has not begun as well', () => {
    const left: string[] = [];
    function* generate() {
      yield 1;
    }
    const returned = leavable(generate(), () => left.push('return'));
    expect(returned.return(undefined as never)).toEqual({ value: undefined, done: true });
    const thrown = leavable(generate(), () => left.push('throw'));
    expect(() => thrown.throw(mine)).toThrow(mine);
    for (const item of leavable(generate(), () => left.push('break'))) if (item === 1) break;
    expect(left).toEqual(['return', 'throw', 'break']);
  });
});

describe('closeUnread', () => {
  it('closes streams and iterators, and takes anything', async () => {
    const closed: string[] = [];
    const node = Readable.from([1]).once('close', () => closed.push('node'));
    const web = new ReadableStream({ cancel: () => void closed.push('web') });
    const iterator = { next: () => ({ done: true, value: 0 }), return: () => closed.push('iterator') };
    const throws = { [Symbol.iterator]: () => ({ return: () => expect.fail() }) };
    const locked = new ReadableStream();
    locked.getReader();
    const async = { [Symbol.asyncIterator]: () => iterator };
    for (const source of [
      node,
      web,
      async,
      { [Symbol.iterator]: () => iterator },
      throws,
      locked,
      [1],
      'text',
      null,
      {},
    ])
      closeUnread(source);
    await new Promise(setImmediate);
    expect(closed.sort()).toEqual(['iterator', 'iterator', 'node', 'web']);
  });
});

describe('durations', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('may be longer than a timer takes, or have no end', () => {
    vi.useFakeTimers();
    const called: string[] = [];
    after(2 ** 31, () => called.push('24 days'));
    after(1e11, () => called.push('3 years'));
    after(Number.POSITIVE_INFINITY, () => called.push('never'));
    after(5, () => called.push('taken back'))();
    vi.advanceTimersByTime(2 ** 31 - 1);
    expect(called).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(called).toEqual(['24 days']);
    vi.advanceTimersByTime(1e11 - 2 ** 31);
    expect(called).toEqual(['24 days', '3 years']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('end a wait, which else ends as its promise does, and leaves no timer', async () => {
    vi.useFakeTimers();
    const late = settlesWithin(new Promise(() => {}), 10);
    vi.advanceTimersByTime(10);
    expect(await late).toBe(false);
    expect(await settlesWithin(Promise.reject(mine), 2 ** 40)).toBe(true);
    expect(await settlesWithin(Promise.resolve(), Number.POSITIVE_INFINITY)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are numbers from 0 on, and Infinity', () => {
    expect([0, 0.5, 2 ** 40, Number.POSITIVE_INFINITY].every(isDuration)).toBe(true);
    expect([-1, Number.NaN, '5', null, undefined, 5n].some(isDuration)).toBe(false);
  });
});
