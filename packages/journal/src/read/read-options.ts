import { JournalError } from '../errors.ts';
import { show } from '../options.ts';
import type { Position, Progress } from '../progress.ts';

export interface ReadOptions {
  /** Where to begin: a sequence, or `{ sequence, items }`. Default: the oldest that is there. */
  from?: Position | undefined;
  /** Wait at the end for more, until `signal` is aborted. Default false: end with what is committed now. */
  follow?: boolean | undefined;
  /** Ends the reading; the loop then throws its reason. */
  signal?: AbortSignal | undefined;
}

export interface CompiledReadOptions {
  /** Undefined: the oldest that is there. */
  readonly from: Progress | undefined;
  readonly follow: boolean;
  readonly signal: AbortSignal | undefined;
}

const KNOWN = ['from', 'follow', 'signal'];

/** Checks what was given and reports every fault at once. */
export function compileReadOptions(where: string, given: unknown): CompiledReadOptions {
  if (typeof given !== 'object' || given === null) {
    throw new JournalError('BAD_OPTIONS', `${where} got ${show(given)}; give an object with ${KNOWN.join(', ')}`);
  }
  const { from, follow = false, signal } = given as ReadOptions;
  const faults = Object.keys(given)
    .filter((name) => !KNOWN.includes(name))
    .map((name) => `${name} is not an option; the options are: ${KNOWN.join(', ')}`);
  const position = from === undefined ? undefined : positionOf(from);
  if (typeof position === 'string') faults.push(position);
  if (typeof follow !== 'boolean') faults.push(`follow is ${show(follow)}; give true or false`);
  // One of another realm is one, so its class is not looked at.
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.throwIfAborted !== 'function')
    faults.push(`signal is ${show(signal)}; give the signal of an AbortController`);
  if (faults.length > 0) throw new JournalError('BAD_OPTIONS', `${where}: ${faults.join('; ')}`);
  return { from: position as Progress | undefined, follow, signal };
}

/** The position, or what is wrong with it. */
function positionOf(from: Position): Progress | string {
  const position = typeof from === 'number' ? { sequence: from, items: 0 } : from;
  const { sequence, items = 0 } = position ?? { sequence: from };
  if ([sequence, items].every((value) => Number.isSafeInteger(value) && value >= 0)) return { sequence, items };
  return `from is ${show(from)}; give a sequence, an integer from 0 on, or { sequence, items }`;
}
