import type { Interrupt } from './interrupt.ts';

/** As much of a Node stream and of a Web stream as is used here. Known by it, since each may be of another realm or package. */
interface NodeStream {
  pipe(...parameters: never[]): unknown;
  destroy(error?: Error): unknown;
}
interface WebStream<T> {
  readonly locked: boolean;
  getReader(): { read(): Promise<IteratorResult<T>>; cancel(): Promise<void> };
  cancel(): Promise<void>;
}

const has = (value: object, ...names: readonly string[]): boolean =>
  names.every((name) => typeof (value as Record<string, unknown>)[name] === 'function');
const isNodeStream = (value: object): value is NodeStream => has(value, 'pipe', 'destroy');
const isWebStream = <T>(value: object): value is WebStream<T> => has(value, 'getReader', 'cancel');

/**
 * The elements of an async iterable or a stream. An interruption ends the wait for the next one at once, and closes the
 * source: an iterator's own `return` would come to nothing until its pending `next` has settled.
 */
export async function* interruptible<T>(
  source: AsyncIterable<T>,
  interrupt: Interrupt,
): AsyncGenerator<T, void, undefined> {
  const iterator = isWebStream<T>(source) ? readerOf<T>(source) : source[Symbol.asyncIterator]();
  let isOpen = true;
  try {
    for (;;) {
      let next: IteratorResult<T>;
      try {
        next = await interrupt.or(iterator.next());
        if (typeof next !== 'object' || next === null)
          throw new TypeError(`next() of an async iterator gave ${String(next)} and no object: { done, value }`);
      } catch (error) {
        isOpen = interrupt.interrupted;
        throw error;
      }
      if (next.done === true) {
        isOpen = false;
        return;
      }
      yield next.value;
    }
  } finally {
    if (isOpen) {
      if (isNodeStream(source)) source.destroy();
      const closed = Promise.resolve(iterator.return?.());
      closed.catch(() => {});
      // Who was interrupted waits for nothing more, also in here.
      if (!interrupt.interrupted) await interrupt.or(closed);
    }
  }
}

/**
 * Closes what was given to be read to its end, where nothing of it is read at all: a stream, an iterator, an iterable that
 * opens something. Never throws: why it is not read is what its owner is told.
 */
export function closeUnread(source: unknown): void {
  if (typeof source !== 'object' || source === null) return;
  try {
    if (isNodeStream(source)) source.destroy();
    else if (isWebStream(source)) source.cancel().catch(() => {});
    else {
      const { [Symbol.asyncIterator]: readAsync, [Symbol.iterator]: read } = source as AsyncIterable<unknown> &
        Iterable<unknown>;
      const iterator = readAsync === undefined ? read?.call(source) : readAsync.call(source);
      Promise.resolve(iterator?.return?.()).catch(() => {});
    }
  } catch {
    // Its owner is about to be told of something else.
  }
}

/** A Web stream's own iterator cannot be cancelled while it waits; a reader can. */
function readerOf<T>(stream: WebStream<T>): AsyncIterator<T> {
  const reader = stream.getReader();
  return {
    next: () => reader.read(),
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}
