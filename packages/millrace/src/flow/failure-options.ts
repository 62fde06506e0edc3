/** The options that say what happens on failure: as given, their schemas, and with every default filled in. */
import * as v from 'valibot';
import type { DeadLetter, FailurePolicy } from '../thread/failure-policy.ts';
import type { Settles } from '../thread/settles.ts';
import { anObject } from './option-schemas.ts';

/**
 * What to do about an event on which the processor throws (`onError`), or a batch that the writer nacks (`onNack`):
 *
 *   'stop'         the flow fails
 *   'retry'        tries again, up to 10 times over about 4 seconds; then stops
 *   'dead-letter'  gives it up at once, and goes on after it; needs `deadLetters`
 *   an object      how often and when to try again, and what follows
 *
 * While it is tried again, the head of line waits: order is kept.
 */
export type FailureOption = 'stop' | 'retry' | 'dead-letter' | Partial<FailurePolicy>;

/** How often threads that died are replaced before the flow fails instead. */
export interface RestartOptions {
  /** So many deaths, of all threads together, within `withinMs` are borne. Default 10; 0: the first death fails the flow. */
  max?: number;
  /** Default 60,000; Infinity: as long as the flow lives. */
  withinMs?: number;
  /** Pause before the second restart within that time, doubled with each further one, 1,000 at most. Default 10. */
  delayMs?: number;
  /** An event that killed its thread so many times is given up: a dead letter, or without `deadLetters` the end of the flow. Default 3. */
  perEvent?: number;
}

/**
 * Takes what was given up. Its sequence is published when this has returned, or its promise has resolved; after a death at
 * that moment the same letter may come again. Throwing fails the flow.
 */
export type TakeDeadLetter = (letter: DeadLetter) => Settles;

export type CompiledRestarts = Readonly<Required<RestartOptions>>;

const RETRY: FailurePolicy = {
  attempts: 10,
  delayMs: 10,
  factor: 2,
  maxDelayMs: 1_000,
  jitter: 0.5,
  otherwise: 'stop',
};
const BY_NAME = {
  stop: { ...RETRY, attempts: 0 },
  retry: RETRY,
  'dead-letter': { ...RETRY, attempts: 0, otherwise: 'dead-letter' },
} as const satisfies Record<string, FailurePolicy>;

const RESTARTS: CompiledRestarts = { max: 10, withinMs: 60_000, delayMs: 10, perEvent: 3 };

/** Infinity where nothing else is said: as often, or as long, as it takes. */
const from = (least: number, most = Number.POSITIVE_INFINITY) => {
  const range = most >= Number.MAX_VALUE ? `${least} or more` : `${least} to ${most}`;
  const message = (issue: v.BaseIssue<unknown>): string => `is ${String(issue.input)}; give a number, ${range}`;
  return v.optional(v.pipe(v.number(message), v.minValue(least, message), v.maxValue(most, message)));
};

const policySchema = v.pipe(
  anObject,
  v.strictObject({
    attempts: from(0),
    delayMs: from(0, Number.MAX_VALUE),
    factor: from(1, Number.MAX_VALUE),
    maxDelayMs: from(0),
    jitter: from(0, 1),
    otherwise: v.optional(v.picklist(['stop', 'dead-letter'], "has to be 'stop' or 'dead-letter'")),
  }),
);

export const failureSchema: v.GenericSchema<FailureOption | undefined> = v.optional(
  v.union(
    [v.picklist(['stop', 'retry', 'dead-letter']), policySchema],
    "has to be 'stop', 'retry', 'dead-letter', or an object with attempts, delayMs, factor, maxDelayMs, jitter and otherwise",
  ),
);

export const restartsSchema: v.GenericSchema<RestartOptions | undefined> = v.optional(
  v.pipe(
    anObject,
    v.strictObject({ max: from(0), withinMs: from(0), delayMs: from(0, Number.MAX_VALUE), perEvent: from(1) }),
  ),
);

export const deadLettersSchema: v.GenericSchema<TakeDeadLetter | undefined> = v.optional(
  v.custom<TakeDeadLetter>((input) => typeof input === 'function', 'has to be a function that takes a dead letter'),
);

/** `what` is used where nothing was given. */
export function compileFailure(given: FailureOption | undefined, what: 'stop' | 'retry'): FailurePolicy {
  if (given === undefined) return BY_NAME[what];
  return typeof given === 'string' ? BY_NAME[given] : { ...RETRY, ...given };
}

export const compileRestarts = (given: RestartOptions = {}): CompiledRestarts => ({ ...RESTARTS, ...given });
