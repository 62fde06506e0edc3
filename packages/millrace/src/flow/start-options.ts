/** Options of `start`: as given, and checked. */
import * as v from 'valibot';
import { check } from './check-options.ts';
import { show } from './option-schemas.ts';

export interface StartOptions {
  /** Stops the flow when it is aborted; `ended`, `publish` and `results` then reject with its reason. */
  signal?: AbortSignal;
  /** `inline` runs everything on this thread, for tests and breakpoints. Default `threads`. */
  mode?: 'threads' | 'inline';
}

const startSchema = v.strictObject({
  mode: v.optional(v.picklist(['threads', 'inline'], (issue) => `is ${show(issue.input)}; give 'threads' or 'inline'`)),
  signal: v.optional(v.custom(isSignal, (issue) => `is ${show(issue.input)}; give an AbortSignal`)),
});

/** Adds the faults of what `start` was given. */
export function checkStart(given: unknown, faults: string[]): void {
  check('start', startSchema, given, faults);
}

/** Of any realm or package. */
function isSignal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener } = value as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}
