/** What a promise needs to know of the flow that made it. */
export interface Teller {
  /** The flow went down of it, and not this call: somebody is told of it in another way too, where nobody takes it here. */
  isEndOfFlow(reason: unknown): boolean;
  /** Code of the user's got it. */
  told(reason: unknown): void;
}

/**
 * The promise of a call to a flow, or one that was made of it by `then`. It notes when code of the user's is given what the
 * flow went down of, and makes no unhandled rejection of it: a flow has many calls and one failure. Whatever else it rejects
 * with is an unhandled rejection as of any promise, where nobody takes it.
 *
 * `await` and `then` subscribe to a plain promise inside, so that a promise which is returned from a `then` is not taken for
 * one that was looked at.
 */
export class ToldPromise<T> extends Promise<T> {
  /** What `super.then` makes is plain; it is wrapped here. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  declare private readonly inner: Promise<T>;
  declare private readonly teller: Teller;

  static of<T>(inner: Promise<T>, teller: Teller): ToldPromise<T> {
    const promise: ToldPromise<T> = new ToldPromise((resolve, reject) => {
      inner.then(resolve, (reason: unknown) => {
        if (teller.isEndOfFlow(reason)) promise.markHandled();
        reject(reason);
      });
    });
    return Object.defineProperties(promise, { inner: { value: inner }, teller: { value: teller } });
  }

  /** One that has resolved. To `await` it is a plain promise, which costs less; what is made of it by `then` is as of any other. */
  static resolved(teller: Teller): Promise<void> {
    return Object.defineProperty(ToldPromise.of(Promise.resolve(), teller), 'constructor', { value: Promise });
  }

  // biome-ignore lint/suspicious/noThenProperty: a promise has one.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    const fulfilled = typeof onFulfilled === 'function' ? (value: T) => unwrap(onFulfilled(value)) : undefined;
    if (typeof onRejected !== 'function') return this.pass<A>(fulfilled);
    return this.pass<A | B>(fulfilled, (reason) => {
      this.teller.told(reason);
      return unwrap(onRejected(reason));
    });
  }

  /** Looks at nothing: what this rejects with goes on to what is returned. */
  override finally(onFinally?: (() => void) | null): Promise<T> {
    if (typeof onFinally !== 'function') return this.pass();
    const call = async (): Promise<void> => await unwrap(onFinally() as unknown as Promise<void>);
    return this.pass(
      async (value) => {
        await call();
        return value;
      },
      async (reason) => {
        await call();
        throw reason;
      },
    );
  }

  private pass<R = T>(
    onFulfilled?: (value: T) => R | PromiseLike<R>,
    onRejected?: (reason: unknown) => R | PromiseLike<R>,
  ): Promise<R> {
    this.markHandled();
    return ToldPromise.of(this.inner.then(onFulfilled, onRejected) as Promise<R>, this.teller);
  }

  private markHandled(): void {
    super.then(undefined, () => {});
  }
}

const unwrap = <R>(value: R | PromiseLike<R>): R | PromiseLike<R> =>
  value instanceof ToldPromise ? innerOf(value as ToldPromise<R>) : value;

const innerOf = <R>(promise: ToldPromise<R>): Promise<R> => (promise as unknown as { inner: Promise<R> }).inner;
