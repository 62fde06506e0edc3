import { shown } from './batch-rule.ts';

/** When a writer with a `commit` commits: what its module says, and what `.write(…)` says, which comes first. */
export interface CommitOptions {
  /**
   * Milliseconds from the end of one commit to the next one under load, 0 or more. After a commit that took longer than this, as
   * long as it took. When everything that has arrived is delivered, a commit follows at once. Default 5.
   */
  readonly commitMs?: number | undefined;
  /** A commit follows the `write` with which so many items are written and not committed, from 1 on. Default: no limit. */
  readonly commitItems?: number | undefined;
  /** The same for the bytes of the items, as `bytes` of their batches counts them. Default: no limit. */
  readonly commitBytes?: number | undefined;
}

/** The same, every default filled in. */
export interface CommitRule {
  readonly ms: number;
  readonly items: number;
  readonly bytes: number;
}

const COMMIT_MS = 5;

export const COMMIT_OPTIONS = ['commitMs', 'commitItems', 'commitBytes'] as const;

/** What `given` does not say, the module says. */
export function commitRule(module: CommitOptions, given: CommitOptions = {}): CommitRule {
  return {
    ms: given.commitMs ?? module.commitMs ?? COMMIT_MS,
    items: given.commitItems ?? module.commitItems ?? Number.POSITIVE_INFINITY,
    bytes: given.commitBytes ?? module.commitBytes ?? Number.POSITIVE_INFINITY,
  };
}

/** What is wrong with a module's own options, one text for each. */
export function commitFaults(module: CommitOptions & { readonly commit?: unknown }): string[] {
  const faults: string[] = [];
  for (const name of COMMIT_OPTIONS) {
    const value = module[name];
    if (value === undefined) continue;
    const isRight =
      name === 'commitMs' ? Number.isFinite(value) && value >= 0 : Number.isSafeInteger(value) && value >= 1;
    const remedy = name === 'commitMs' ? 'give milliseconds, 0 or more' : 'give an integer, 1 or more';
    if (!isRight) faults.push(`${name} is ${shown(value)}; ${remedy}`);
    else if (module.commit === undefined)
      faults.push(`${name} is ${value}, but it has no \`commit\`: add one, or leave this out`);
  }
  return faults;
}
