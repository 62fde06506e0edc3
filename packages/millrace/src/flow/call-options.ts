import { constants } from 'node:os';
import { isDuration } from 'native-free-rings/waits';
import { MillraceError } from '../thread/errors.ts';

type Check = (value: unknown) => string | undefined;

const isFunction: Check = (value) => (typeof value === 'function' ? undefined : 'give a function');

/** What each option of a call has to be; a check returns what to give instead. */
const CHECKS: Readonly<Record<string, Check>> = {
  // One of another realm is one, so its class is not looked at.
  signal: (value) =>
    has(value, 'throwIfAborted') && has(value, 'addEventListener')
      ? undefined
      : 'give the `signal` of an AbortController',
  deadlineMs: (value) => (isDuration(value) ? undefined : 'give milliseconds, 0 or more, or Infinity for no deadline'),
  onStep: isFunction,
  onReport: isFunction,
  exit: (value) => (typeof value === 'boolean' ? undefined : 'give true or false'),
  signals: (value) =>
    Array.isArray(value) && value.every((name) => Object.hasOwn(constants.signals, name))
      ? undefined
      : "give an array of names of signals, such as ['SIGTERM']",
};

/** Refuses options of a call that it does not have, or that are not what they have to be: all of them at once. */
export function expectOptions(call: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw badOptions([`${call} got ${show(given)} as its options; give an object with ${known.join(', ')}`]);
  }
  const faults: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) {
      faults.push(`${call}.${name} is not an option; the options are: ${known.join(', ')}`);
      continue;
    }
    const remedy = value === undefined ? undefined : CHECKS[name]!(value);
    if (remedy !== undefined) faults.push(`${call}: ${name} is ${show(value)}; ${remedy}`);
  }
  if (faults.length > 0) throw badOptions(faults);
}

/** Refuses what is given as a flow and is none. */
export function expectFlow(call: string, flow: unknown): void {
  if (has(flow, 'drain') && has(flow, 'stop') && has(flow, 'stats')) return;
  throw badOptions([`${call} got ${show(flow)}; give a flow that was started`]);
}

const badOptions = (faults: readonly string[]): MillraceError => new MillraceError('BAD_OPTIONS', faults.join('; '));

const has = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[name] === 'function';

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value);
}
