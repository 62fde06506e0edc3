import { type UserDestination, userDestination } from '../writer/destination.ts';
import type { CompiledWriter } from './destination-options.ts';
import { inside } from './inside.ts';
import type { CompiledOptions } from './options.ts';

/** The destination of a flow whose writer is a function on this thread. */
export function writerFunction(
  flow: CompiledOptions,
  { write, close }: CompiledWriter & { kind: 'function' },
): UserDestination {
  if (close === undefined) return userDestination({ write: inside(flow, write) });
  const closing = inside(flow, (_none: undefined) => close());
  return userDestination({ write: inside(flow, write), close: () => closing(undefined) });
}
