/** Destinations: what `.write(…)` got, told apart, checked and compiled. */
import type { ModuleRef } from '../thread/messages.ts';
import { check } from './check-options.ts';
import { commitOf, commitSchema, commitsOfNone } from './commit-options.ts';
import type { ThreadOptions } from './hosted-thread.ts';
import { checkModule } from './module-options.ts';
import { type CompiledRing, checkRing } from './ring-options.ts';
import { threadOptionsOf } from './thread-options.ts';
import type { RingSpec } from './to-ring.ts';
import type { CloseFunction, GivenWrite, WriteFunction, WriterSpec } from './write-options.ts';

/** A destination, every default filled in. */
export type CompiledWriter =
  | CompiledRing
  | { readonly kind: 'module'; readonly module: ModuleRef; readonly thread: ThreadOptions }
  | { readonly kind: 'function'; readonly write: WriteFunction<unknown>; readonly close: CloseFunction | undefined };

export function checkDestination(
  destination: unknown,
  write: GivenWrite | undefined,
  faults: string[],
): CompiledWriter | undefined {
  if (typeof destination === 'function' || isRingSpec(destination)) faults.push(...commitsOfNone(write));
  if (typeof destination === 'function')
    return { kind: 'function', write: destination as WriteFunction<unknown>, close: write?.close };
  if (write?.close !== undefined)
    faults.push('write.close is for a writer that is a function: a module has its own `close`, and a ring none');
  if (isRingSpec(destination)) return checkRing(destination.options, faults);
  if (isWriterSpec(destination)) {
    const { module: url, export: exportName = 'default', data } = destination;
    const own = check('destination', commitSchema, destination, faults);
    return { kind: 'module', module: { url, exportName, data, commit: commitOf(write, own) }, thread: {} };
  }
  const module = checkModule('write', destination, faults);
  if (module === undefined || write === undefined) return undefined;
  return {
    kind: 'module',
    module: { ...module, exportName: write.export ?? 'default', data: write.data, commit: commitOf(write) },
    thread: threadOptionsOf(write),
  };
}

const isRingSpec = (value: unknown): value is RingSpec<unknown> =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'ring';

const isWriterSpec = (value: unknown): value is WriterSpec =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'writer';
