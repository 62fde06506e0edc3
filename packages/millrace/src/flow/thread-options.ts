/** Options of the threads that a stage runs on. */
import { SHARE_ENV } from 'node:worker_threads';
import * as v from 'valibot';
import type { ThreadOptions } from './hosted-thread.ts';

type Entry<Name extends keyof ThreadOptions> = v.OptionalSchema<
  v.GenericSchema<NonNullable<ThreadOptions[Name]>>,
  undefined
>;

export const threadEntries: Readonly<{ [Name in keyof Required<ThreadOptions>]: Entry<Name> }> = {
  resourceLimits: v.optional(
    v.record(v.string(), v.number(), 'has to be an object of numbers, as worker_threads takes it'),
  ),
  execArgv: v.optional(v.array(v.string(), 'has to be an array of strings')),
  env: v.optional(
    v.union([v.literal(SHARE_ENV), v.record(v.string(), v.any())], 'has to be an object of strings, or SHARE_ENV'),
  ),
};

/** What a stage says of its threads. What is undefined is left out: Node's Worker takes an undefined `env` for an empty one. */
export const threadOptionsOf = ({ resourceLimits, execArgv, env }: ThreadOptions): ThreadOptions =>
  Object.fromEntries(
    Object.entries({ resourceLimits, execArgv, env }).filter(([, value]) => value !== undefined),
  ) as ThreadOptions;
