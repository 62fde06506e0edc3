import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';

/** Lets somebody give up waits: an AbortSignal, or a flow that ends. One wait at a time. */
export class Interrupt {
  private reason: { readonly error: unknown } | undefined;
  private reject: ((error: unknown) => void) | undefined;
  private readonly signal: AbortSignal | undefined;
  private readonly onAbort = (): void => this.now(this.signal!.reason);

  constructor(signal?: AbortSignal) {
    this.signal = signal;
    if (signal?.aborted === true) this.now(signal.reason);
    else signal?.addEventListener('abort', this.onAbort, { once: true });
  }

  get interrupted(): boolean {
    return this.reason !== undefined;
  }

  /** Ends the wait that is pending, and every later one, with `error`. */
  now(error: unknown): void {
    this.reason ??= { error };
    this.reject?.(this.reason.error);
  }

  /**
   * What `promise` settles to, or the interruption, whichever comes first. (`Promise.race` with one long promise would keep
   * a reaction for each wait.)
   */
  async or<T>(promise: PromiseLike<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      promise.then(resolve, reject);
      this.reject = reject;
      if (this.reason !== undefined) reject(this.reason.error);
    });
  }

  /** Lets go of the signal. */
  dispose(): void {
    this.signal?.removeEventListener('abort', this.onAbort);
  }
}

/**
 * The elements of an async iterable or a stream. An interruption ends the wait for the next one at once, and closes the
 * source: an iterator's own `return` would come to nothing until its pending `next` has settled.
 */
export async function* interruptible<T>(
  source: AsyncIterable<T>,
  interrupt: Interrupt,
): AsyncGenerator<T, void, undefined> {
  const iterator = source instanceof ReadableStream ? readerOf<T>(source) : source[Symbol.asyncIterator]();
  let isOpen = true;
  try {
    for (;;) {
      let next: IteratorResult<T>;
      try {
        next = await interrupt.or(iterator.next());
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
      if (source instanceof Readable) source.destroy();
      const closed = Promise.resolve(iterator.return?.());
      if (interrupt.interrupted) closed.catch(() => {});
      else await closed;
    }
  }
}

/** A Web stream's own iterator cannot be cancelled while it waits; a reader can. */
function readerOf<T>(stream: ReadableStream<T>): AsyncIterator<T> {
  const reader = stream.getReader();
  return {
    next: async () => (await reader.read()) as IteratorResult<T>,
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}
