import { parseArgs } from 'node:util';
import { integer, newSeed } from '../command-line.ts';

export const PARTS = ['races', 'full', 'flips', 'terminations', 'cuts'] as const;
export type Part = (typeof PARTS)[number];

export interface JournalOptions {
  /** How many of each part. */
  readonly counts: Readonly<Record<Part, number>>;
  readonly seed: number;
  /** This one alone, again and again. */
  readonly only: number | undefined;
  /** The Node that runs the processes. */
  readonly node: string;
  readonly verbose: boolean;
}

const DEFAULTS: Readonly<Record<Part, number>> = { races: 40, full: 10, flips: 200, terminations: 10, cuts: 6 };

/** `--races N --full N --flips N --terminations N --cuts N --seed S`. Where some parts are named, the others are left out. */
export function journalOptions(args: readonly string[]): JournalOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      races: { type: 'string' },
      full: { type: 'string' },
      flips: { type: 'string' },
      terminations: { type: 'string' },
      cuts: { type: 'string' },
      seed: { type: 'string', default: newSeed() },
      only: { type: 'string' },
      node: { type: 'string', default: process.execPath },
      verbose: { type: 'boolean', default: false },
    },
  });
  const areAllMissing = PARTS.every((part) => values[part] === undefined);
  const countOf = (part: Part): number => {
    const text = values[part];
    if (text !== undefined) return integer(`--${part}`, text);
    return areAllMissing ? DEFAULTS[part] : 0;
  };
  return {
    counts: {
      races: countOf('races'),
      full: countOf('full'),
      flips: countOf('flips'),
      terminations: countOf('terminations'),
      cuts: countOf('cuts'),
    },
    seed: integer('--seed', values.seed),
    only: values.only === undefined ? undefined : integer('--only', values.only),
    node: values.node,
    verbose: values.verbose,
  };
}
