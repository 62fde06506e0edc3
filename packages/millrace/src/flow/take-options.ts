/**
 * Takes what `start` was given: from then on it is the flow's own, and what the user does with those objects changes nothing,
 * for no thread and no successor.
 */
import { messageOf } from '../thread/thrown.ts';

/** What the stages of a pipeline were given. */
export interface GivenOptions {
  readonly pipeline: unknown;
  readonly module: unknown;
  readonly process: unknown;
  readonly destination: unknown;
  readonly write: unknown;
  readonly start?: unknown;
  /** Faults that were found while taking them, and of what the last one is. */
  readonly faults?: readonly string[];
  readonly cause?: unknown;
}

/** Codecs and functions are used as they are; options are plain objects of plain objects and arrays. */
export function takeOptions({ pipeline, module, process, destination, write }: GivenOptions): GivenOptions {
  const faults = new Faults();
  return {
    pipeline: copy(pipeline, ['source']),
    module: urlOf(module),
    process: withData('process', copy(process, ['data']), faults),
    destination: takeDestination(destination, faults),
    write: withData('write', copy(write, ['data']), faults),
    faults: faults.texts,
    cause: faults.cause,
  };
}

class Faults {
  readonly texts: string[] = [];
  cause: unknown;
}

function takeDestination(destination: unknown, faults: Faults): unknown {
  const kind = typeof destination === 'object' && destination !== null ? (destination as { kind?: unknown }).kind : '';
  // A ring's `options` may have a codec.
  if (kind === 'ring') return copy(destination, ['codec']);
  return kind === 'writer' ? withData('write', copy(destination, ['data']), faults) : urlOf(destination);
}

/** Options have no more levels. */
const DEEPEST = 4;

/** A copy of plain objects and arrays; the properties of these names stay as they are, and so does whatever is no option. */
function copy(value: unknown, kept: readonly string[], depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth >= DEEPEST) return value;
  if (Array.isArray(value)) return value.map((item) => copy(item, kept, depth + 1));
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, kept.includes(key) ? item : copy(item, kept, depth + 1)]),
  );
}

/** `data` as threads get it, and as successors will: a structured clone, in which memory that is shared is shared. */
function withData(where: string, options: unknown, faults: Faults): unknown {
  const data = (options as { data?: unknown } | null | undefined)?.data;
  if (data === undefined) return options;
  try {
    return { ...(options as object), data: structuredClone(data) };
  } catch (error) {
    const remedy = 'give what structuredClone takes, and let `init` make the rest';
    faults.cause = error;
    faults.texts.push(`${where}.data cannot be given to threads: ${messageOf(error)}: ${remedy}`);
    return { ...(options as object), data: undefined };
  }
}

/** A URL object can be changed; its text cannot. */
const urlOf = (module: unknown): unknown =>
  Object.prototype.toString.call(module) === '[object URL]' ? ((module as URL).href ?? module) : module;
