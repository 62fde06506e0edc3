/** How a model is explored. All of it is optional. */
export interface Options {
  /**
   * - `dpor` (default): every class of equivalent interleavings once: source-set DPOR with sleep sets.
   * - `states`: every reachable state, depth first, each one once. The choice under a preemption bound and with `invariant`.
   * - `naive`: every interleaving, without any reduction. For tests of the checker.
   * - `random`: `samples` schedules, each step chosen evenly among the threads that can go on.
   * - `pct`: `samples` schedules by random priorities with `depth` - 1 changes (Burckhardt et al., ASPLOS 2010).
   */
  readonly search?: 'dpor' | 'states' | 'naive' | 'random' | 'pct';
  /** Only executions in which at most so many times a thread that could go on has to give way. Implies `states`. */
  readonly preemptions?: number;
  /** random, pct: how many executions. Default 10,000. */
  readonly samples?: number;
  /** random, pct: default 1. The same seed gives the same executions. */
  readonly seed?: number;
  /** pct: how many ordering decisions a bug may need. Default 3. */
  readonly depth?: number;

  /** True: a wait with a finite time-out may time out. False (default): it never does, so that a lost wake-up is a deadlock. */
  readonly timeouts?: boolean;
  /** How many waits of one execution may return `ok` without a notify. Default 0. */
  readonly spuriousWakes?: number;
  /** Which sleepers `notify(n)` wakes: the first ones (default, what the language says) or any. */
  readonly notifyOrder?: 'fifo' | 'any';
  /** Threads may die before any step, and while they sleep. Default: none does. */
  readonly deaths?: {
    /** Deaths in one execution. Default 1. */
    readonly atMost?: number;
    /** Names of the threads which may die. Default: all. */
    readonly threads?: readonly string[];
  };

  /** Check plain accesses for data races. Default true. */
  readonly races?: boolean;
  /** Endings which are outcomes instead of failures. */
  readonly allow?: readonly ('deadlock' | 'livelock')[];

  /** Steps of one execution; more is a failure, because the exploration would not be complete. Default 5,000. */
  readonly maxSteps?: number;
  /** Executions of one model; more is a failure. Default 20 million. */
  readonly maxExecutions?: number;
  /** States that a search by states may keep, some 10 to 27 bytes each; more is a failure. Default 2^26. */
  readonly maxStates?: number;
  /** Seconds for one model; more is a failure. Default: no limit. */
  readonly maxSeconds?: number;
}

/** Options with every default filled in. */
export interface Settings extends Required<Omit<Options, 'deaths' | 'preemptions'>> {
  readonly deaths: number;
  readonly mortal: readonly boolean[];
  readonly preemptions: number;
}

const KNOWN = new Set<string>([
  'search',
  'preemptions',
  'samples',
  'seed',
  'depth',
  'timeouts',
  'spuriousWakes',
  'notifyOrder',
  'deaths',
  'races',
  'allow',
  'maxSteps',
  'maxExecutions',
  'maxStates',
  'maxSeconds',
] satisfies (keyof Options)[]);

/** Fills in the defaults; an unknown option or thread name is an error. */
export function settle(options: Options, threads: readonly string[], hasInvariant: boolean): Settings {
  const unknown = Object.keys(options).filter((key) => !KNOWN.has(key));
  if (unknown.length > 0)
    throw new TypeError(`unknown option ${unknown.join(', ')}: known are ${[...KNOWN].join(', ')}`);
  const strangers = (options.deaths?.threads ?? []).filter((name) => !threads.includes(name));
  if (strangers.length > 0) throw new TypeError(`deaths.threads names ${strangers.join(', ')}, which is no thread`);
  const bounded = options.preemptions !== undefined;
  const search = options.search ?? (bounded || hasInvariant ? 'states' : 'dpor');
  if (search === 'dpor' && (bounded || hasInvariant)) {
    throw new TypeError('dpor explores orders of steps: a preemption bound and an invariant need `search: "states"`');
  }
  return {
    search,
    preemptions: options.preemptions ?? Number.POSITIVE_INFINITY,
    samples: options.samples ?? 10_000,
    seed: options.seed ?? 1,
    depth: options.depth ?? 3,
    timeouts: options.timeouts ?? false,
    spuriousWakes: options.spuriousWakes ?? 0,
    notifyOrder: options.notifyOrder ?? 'fifo',
    deaths: options.deaths === undefined ? 0 : (options.deaths.atMost ?? 1),
    mortal: threads.map((name) => options.deaths?.threads?.includes(name) ?? true),
    races: options.races ?? true,
    allow: options.allow ?? [],
    maxSteps: options.maxSteps ?? 5_000,
    maxExecutions: options.maxExecutions ?? 20_000_000,
    maxStates: options.maxStates ?? 2 ** 26,
    maxSeconds: options.maxSeconds ?? Number.POSITIVE_INFINITY,
  };
}
