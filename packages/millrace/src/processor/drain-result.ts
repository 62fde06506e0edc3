import type { Output } from './output.ts';

/**
 * Takes what `process` returned. The items of a generator are emitted here and now; for a promise or an async generator
 * the result is a promise to wait for. Anything else a function may return is nothing to us.
 */
export function drainResult(result: unknown, output: Output<unknown>): PromiseLike<void> | undefined {
  if (typeof result !== 'object' || result === null) return undefined;
  if (Symbol.iterator in result) {
    for (const item of result as Iterable<unknown>) output.emit(item);
    return undefined;
  }
  if (Symbol.asyncIterator in result) return drainAsync(result as AsyncIterable<unknown>, output);
  return typeof (result as { then?: unknown }).then === 'function' ? (result as PromiseLike<void>) : undefined;
}

async function drainAsync(items: AsyncIterable<unknown>, output: Output<unknown>): Promise<void> {
  for await (const item of items) output.emit(item);
}
