/** What a writer is given: options of batches and of commits, as `.write(…)` and a package's writer give them. */
import * as v from 'valibot';
import { BATCH_OPTIONS, type BatchOptions, MAX_IN_FLIGHT, MAX_LINGER_MS } from '../thread/batch-rule.ts';
import { COMMIT_OPTIONS, type CommitOptions } from '../thread/commit-rule.ts';
import type { WritingOptions } from '../writer/destination.ts';
import { integer, milliseconds, type OptionalNumber, picked } from './option-schemas.ts';

const WRITING_OPTIONS = [...BATCH_OPTIONS, ...COMMIT_OPTIONS] as const;

type WritingEntries = Readonly<
  Record<Exclude<keyof BatchOptions, 'batches'> | keyof CommitOptions, OptionalNumber> & {
    batches: v.OptionalSchema<v.GenericSchema<'block' | 'sequence'>, undefined>;
  }
>;

export const writingEntries: WritingEntries = {
  batches: picked('block', 'sequence'),
  maxItems: integer(1, Number.MAX_SAFE_INTEGER),
  lingerMs: milliseconds(0, MAX_LINGER_MS),
  maxInFlight: integer(1, MAX_IN_FLIGHT),
  readyAt: integer(1, Number.MAX_SAFE_INTEGER),
  commitMs: milliseconds(0),
  commitItems: integer(1, Number.MAX_SAFE_INTEGER),
  commitBytes: integer(1, Number.MAX_SAFE_INTEGER),
};

export const writingSchema: v.ObjectSchema<WritingEntries, undefined> = v.object(writingEntries);

/** What is said, by whoever says it first. */
export const writingOf = (...given: (WritingOptions | undefined)[]): WritingOptions =>
  Object.fromEntries(
    WRITING_OPTIONS.flatMap((name) => {
      const value = given.find((options) => options?.[name] !== undefined)?.[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** The faults of a ring that is given some. */
export const writingsOfNone = (write: WritingOptions | undefined): string[] =>
  WRITING_OPTIONS.filter((name) => write?.[name] !== undefined).map(
    (name) => `write.${name} is for a writer that is a module or a function, and toRing is neither: leave it out`,
  );

/** The faults of a function that is given options of commits and does not commit. */
export const commitsOfNone = (write: CommitOptions & { readonly commit?: unknown }): string[] =>
  write.commit !== undefined
    ? []
    : COMMIT_OPTIONS.filter((name) => write[name] !== undefined).map(
        (name) => `write.${name} is for a writer with a \`commit\`: give one beside it, or leave it out`,
      );
