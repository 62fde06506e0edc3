/** What batches a writer is given: what its module says, and what `.write(…)` says, which comes first. */
export interface BatchOptions {
  /**
   * What a batch holds. `block`: the items of many sequences, as many as there are, up to `blockBytes`. `sequence`: items of one
   * sequence. Default `block`.
   */
  readonly batches?: 'block' | 'sequence' | undefined;
  /** A batch has at most so many items, from 1 on. Default: no limit but `blockBytes`. */
  readonly maxItems?: number | undefined;
  /**
   * Collects a batch over several tickets and lanes, for so many milliseconds from its first item on at most: until it has
   * `maxItems`, or without those the bytes of a block. 0: what is there already, and no waiting. What was collected is handed
   * over before its time where somebody waits for the memory that it holds, and at the end of the flow. Default: nothing is
   * collected, and a batch is one piece of one lane.
   */
  readonly lingerMs?: number | undefined;
  /**
   * So many batches may be handed over and not be acknowledged, 1 to 1,024. Their promises may settle in any order; what is
   * published goes up to the first one that is pending. Default 1.
   */
  readonly maxInFlight?: number | undefined;
  /** With `demand: 'credit'`: nothing is written before so many items are granted, from 1 on. Default 1. */
  readonly readyAt?: number | undefined;
}

/** The same, every default filled in. */
export interface BatchRule {
  readonly isBySequence: boolean;
  readonly maxItems: number;
  /** Undefined: nothing is collected. */
  readonly lingerMs: number | undefined;
  readonly maxInFlight: number;
  readonly readyAt: number;
}

export const MAX_IN_FLIGHT = 1_024;
export const MAX_LINGER_MS: number = 2 ** 31 - 1;

export const BATCH_OPTIONS = ['batches', 'maxItems', 'lingerMs', 'maxInFlight', 'readyAt'] as const;

/** What `given` does not say, the module says. */
export function batchRule(module: BatchOptions, given: BatchOptions = {}): BatchRule {
  const said = <Name extends keyof BatchOptions>(name: Name): BatchOptions[Name] => given[name] ?? module[name];
  return {
    isBySequence: said('batches') === 'sequence',
    maxItems: said('maxItems') ?? Number.POSITIVE_INFINITY,
    lingerMs: said('lingerMs'),
    maxInFlight: said('maxInFlight') ?? 1,
    readyAt: said('readyAt') ?? 1,
  };
}

/** Of a destination that takes what comes: nothing is collected, and nothing is in flight. */
export const PLAIN_BATCHES: BatchRule = batchRule({});

const isCount = (value: unknown, most: number = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most;

/** What each option has to be, and what to give instead. */
const CHECKS: Readonly<Record<(typeof BATCH_OPTIONS)[number], readonly [(value: unknown) => boolean, string]>> = {
  batches: [(value) => value === 'block' || value === 'sequence', "give 'block' or 'sequence'"],
  maxItems: [(value) => isCount(value), 'give an integer, 1 or more'],
  lingerMs: [
    (value) => typeof value === 'number' && value >= 0 && value <= MAX_LINGER_MS,
    'give milliseconds, from 0 to 2,147,483,647',
  ],
  maxInFlight: [(value) => isCount(value, MAX_IN_FLIGHT), 'give an integer from 1 to 1,024'],
  readyAt: [(value) => isCount(value), 'give a number of items, an integer, 1 or more'],
};

/** What is wrong with such options, one text for each: "maxItems is 0; give an integer, 1 or more". */
export function batchFaults(options: BatchOptions): string[] {
  return BATCH_OPTIONS.flatMap((name) => {
    const value: unknown = options[name];
    const [isRight, remedy] = CHECKS[name];
    return value === undefined || isRight(value) ? [] : [`${name} is ${shown(value)}; ${remedy}`];
  });
}

/** What does not go together, of options that are right each by itself: "lingerMs …". */
export function batchConflicts(
  module: BatchOptions & { readonly demand?: unknown },
  given: BatchOptions = {},
): string[] {
  const faults: string[] = [];
  const { lingerMs, isBySequence } = batchRule(module, given);
  if (lingerMs !== undefined && isBySequence)
    faults.push(
      "lingerMs collects the items of many sequences, and batches: 'sequence' wants one: leave one of them out",
    );
  if ((given.readyAt ?? module.readyAt) !== undefined && module.demand !== 'credit')
    faults.push("readyAt is for a writer with demand: 'credit': add that, or leave readyAt out");
  return faults;
}

/** A module may say anything. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
