import { onAbort } from './abort.ts';

/** Lets somebody give up waits: an AbortSignal, a flow that ends, a reader that leaves. One wait at a time. */
export class Interrupt {
  private reason: { readonly error: unknown } | undefined;
  private reject: ((error: unknown) => void) | undefined;
  private readonly letGo: () => void = () => {};

  constructor(signal?: AbortSignal) {
    if (signal === undefined) return;
    const abort = (): void => this.now(signal.reason);
    if (signal.aborted) abort();
    else this.letGo = onAbort(signal, abort);
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
   * What `value` is or settles to, or the interruption, whichever comes first. (`Promise.race` with one long promise would
   * keep a reaction for each wait.)
   */
  async or<T>(value: T | PromiseLike<T>): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      // Of whatever kind: a foreign promise's `then` may do anything.
      Promise.resolve(value).then(resolve, reject);
      this.reject = reject;
      if (this.reason !== undefined) reject(this.reason.error);
    });
  }

  /** Lets go of the signal. */
  dispose(): void {
    this.letGo();
  }
}
