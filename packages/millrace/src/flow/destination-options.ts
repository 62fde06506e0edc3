/** Destinations: what `.write(…)` got, told apart, checked and compiled. */
import { batchConflicts } from '../thread/batch-rule.ts';
import type { ModuleRef } from '../thread/messages.ts';
import type { WriterDefinition } from '../writer/definition.ts';
import { check } from './check-options.ts';
import type { ThreadOptions } from './hosted-thread.ts';
import { checkModule } from './module-options.ts';
import { type CompiledRing, checkRing } from './ring-options.ts';
import { threadOptionsOf } from './thread-options.ts';
import { type RingSpec, toRing } from './to-ring.ts';
import { FUNCTION_PARTS, type GivenWrite, type WriteFunction, type WriterSpec } from './write-options.ts';
import { commitsOfNone, writingOf, writingSchema, writingsOfNone } from './writing-options.ts';

/** A destination, every default filled in. */
export type CompiledWriter =
  | CompiledRing
  | { readonly kind: 'module'; readonly module: ModuleRef; readonly thread: ThreadOptions }
  | { readonly kind: 'function'; readonly definition: WriterDefinition<unknown> };

export function checkDestination(
  destination: unknown,
  write: GivenWrite | undefined,
  faults: string[],
): CompiledWriter | undefined {
  if (destination === toRing) faults.push('write got toRing itself; call it: .write(toRing())');
  if (typeof destination === 'function') return checkFunction(destination as WriteFunction<unknown>, write, faults);
  for (const name of FUNCTION_PARTS) {
    if (write?.[name] !== undefined)
      faults.push(
        `write.${name} is for a writer that is a function: a module has its own \`${name}\`, and a ring none`,
      );
  }
  if (isRingSpec(destination)) {
    faults.push(...writingsOfNone(write));
    return checkRing(destination.options, faults);
  }
  if (isWriterSpec(destination)) {
    const { export: exportName = 'default', data } = destination;
    const own = check('destination', writingSchema, destination, faults);
    const module = checkModule('write', destination.module, faults);
    return (
      module && { kind: 'module', module: { ...module, exportName, data, writing: writingOf(write, own) }, thread: {} }
    );
  }
  // Its demand only the module knows.
  if (write !== undefined) faults.push(...conflictsOf({ ...write, demand: 'credit' }));
  const module = checkModule('write', destination, faults);
  if (module === undefined || write === undefined) return undefined;
  return {
    kind: 'module',
    module: { ...module, exportName: write.export ?? 'default', data: write.data, writing: writingOf(write) },
    thread: threadOptionsOf(write),
  };
}

function checkFunction(
  write: WriteFunction<unknown>,
  given: GivenWrite | undefined,
  faults: string[],
): CompiledWriter | undefined {
  if (given === undefined) return undefined;
  for (const name of MODULE_OPTIONS) {
    if (given[name] !== undefined)
      faults.push(`write.${name} is for a writer that is a module, on a thread of its own: leave it out`);
  }
  faults.push(...commitsOfNone(given), ...conflictsOf(given));
  const parts = FUNCTION_PARTS.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]));
  return { kind: 'function', definition: { write, ...writingOf(given), ...Object.fromEntries(parts) } };
}

const conflictsOf = (given: GivenWrite): string[] => batchConflicts(given).map((fault) => `write.${fault}`);

const MODULE_OPTIONS = ['export', 'data', 'resourceLimits', 'execArgv', 'env'] as const;

const isRingSpec = (value: unknown): value is RingSpec<unknown> =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'ring';

const isWriterSpec = (value: unknown): value is WriterSpec =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'writer';
