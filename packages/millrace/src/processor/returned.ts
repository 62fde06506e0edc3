/** What a processor's `process` returned: nothing, a promise, items, or something that nobody would see. */
import { types } from 'node:util';
import { MillraceError } from '../thread/errors.ts';
import type { ProcessorDefinition } from './definition.ts';
import type { Output } from './output.ts';

/** `process` declares an output to emit to, or has none: what it returns is no item by itself. */
export const takesOutput = ({ process, output }: ProcessorDefinition<unknown, unknown, unknown>): boolean =>
  process.length >= 2 || output === undefined;

/**
 * Emits the items in what `process` returned, here and now; for a promise, an async generator and the like the result is a
 * promise to wait for. `isBeside`: items go to the output, and what is returned beside is only looked at.
 */
export function takeReturned(
  result: unknown,
  output: Output<unknown>,
  isBeside: boolean,
): PromiseLike<void> | undefined {
  if (typeof result !== 'object' || result === null) {
    if (result === undefined) return undefined;
    if (!isBeside) output.emit(result);
    else if (typeof result !== 'boolean' && typeof result !== 'number' && result !== null) refuse(result, output);
    return undefined;
  }
  if (Array.isArray(result)) return emitAll(result, output);
  if (isThenable(result)) return takeSettled(result, output, isBeside);
  if (Symbol.asyncIterator in result) return emitAllAsync(result as AsyncIterable<unknown>, output);
  if (Symbol.iterator in result && !isOneValue(result)) return emitAll(result as Iterable<unknown>, output);
  if (isBeside) refuse(result, output);
  output.emit(result);
  return undefined;
}

function emitAll(items: Iterable<unknown>, output: Output<unknown>): undefined {
  for (const item of items) output.emit(item);
}

async function emitAllAsync(items: AsyncIterable<unknown>, output: Output<unknown>): Promise<void> {
  for await (const item of items) output.emit(item);
}

async function takeSettled(promise: PromiseLike<unknown>, output: Output<unknown>, isBeside: boolean): Promise<void> {
  const result = await promise;
  if (result !== undefined) await takeReturned(result, output, isBeside);
}

const isThenable = (value: object): value is PromiseLike<unknown> =>
  typeof (value as { then?: unknown }).then === 'function';

/** Can be iterated, and is what a codec takes as one item. */
const isOneValue = (value: object): boolean =>
  ArrayBuffer.isView(value) || types.isMap(value) || types.isSet(value) || types.isBoxedPrimitive(value);

function refuse(result: unknown, { sequence }: Output<unknown>): never {
  const what = typeof result === 'object' ? 'an object' : `a ${typeof result}`;
  throw new MillraceError(
    'EMIT_REFUSED',
    `\`process\` returned ${what} for sequence ${sequence}, which would be lost: emit it, return it in an array, or leave out ` +
      'the parameter `output` and name the codec `output`, so that what is returned is the item',
    { sequence },
  );
}
