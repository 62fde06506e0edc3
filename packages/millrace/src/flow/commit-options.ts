/** Options of commits, as `.write(…)` and a package's writer give them. */
import * as v from 'valibot';
import { COMMIT_OPTIONS, type CommitOptions } from '../thread/commit-rule.ts';
import { integer, milliseconds, type OptionalNumber } from './option-schemas.ts';

export const commitEntries: Readonly<Record<(typeof COMMIT_OPTIONS)[number], OptionalNumber>> = {
  commitMs: milliseconds(0),
  commitItems: integer(1, Number.MAX_SAFE_INTEGER),
  commitBytes: integer(1, Number.MAX_SAFE_INTEGER),
};

export const commitSchema: v.ObjectSchema<typeof commitEntries, undefined> = v.object(commitEntries);

/** What is said of commits, by whoever says it first. */
export const commitOf = (...given: (CommitOptions | undefined)[]): CommitOptions =>
  Object.fromEntries(
    COMMIT_OPTIONS.flatMap((name) => {
      const value = given.find((options) => options?.[name] !== undefined)?.[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** The faults of a function or a ring that is given some. */
export const commitsOfNone = (write: CommitOptions | undefined): string[] =>
  COMMIT_OPTIONS.filter((name) => write?.[name] !== undefined).map(
    (name) =>
      `write.${name} is for a writer module with a \`commit\`: a function and a ring have none, so leave it out`,
  );
