interface Generator {
  return(value: never): unknown;
  throw(error: unknown): unknown;
}

/**
 * Lets a generator be left at any time, by `return` and by `throw`. It would by itself not run its `finally` before it has
 * begun, and, an async one, take neither before its pending `next` has settled. `leave` is called first, each time: it ends
 * that wait, and closes what the generator would have closed had it begun.
 */
export function leavable<G extends Generator>(generator: G, leave: () => void): G {
  const { return: end, throw: fail } = generator;
  return Object.assign(generator, {
    return(value: never): unknown {
      leave();
      return end.call(generator, value);
    },
    throw(error: unknown): unknown {
      leave();
      return fail.call(generator, error);
    },
  });
}
