import { parseArgs } from 'node:util';

export interface ChaosOptions {
  /** Goes on until so many were killed. */
  readonly kills: number;
  readonly seed: number;
  /** This one alone, again and again. */
  readonly only: number | undefined;
  /** So many flows run side by side. */
  readonly jobs: number;
  readonly verbose: boolean;
  /** Threads of the user's that publish and read are terminated, in place of the flow's. */
  readonly producers: boolean;
}

/** `--kills N --seed S`, `--only I` to repeat one flow, `--jobs J` for several at a time, and `--producers`. */
export function chaosOptions(args: readonly string[], kills: number): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: String(kills) },
      seed: { type: 'string', default: newSeed() },
      only: { type: 'string' },
      jobs: { type: 'string', default: '1' },
      verbose: { type: 'boolean', default: false },
      producers: { type: 'boolean', default: false },
    },
  });
  return {
    kills: integer('--kills', values.kills),
    seed: integer('--seed', values.seed),
    only: values.only === undefined ? undefined : integer('--only', values.only),
    jobs: Math.max(integer('--jobs', values.jobs), 1),
    verbose: values.verbose,
    producers: values.producers,
  };
}

export const newSeed = (): string => String(Date.now() % 1_000_000_007);

/** An option that is an integer; ends the process where it is none. */
export function integer(name: string, text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < 0) {
    console.error(`${name} ${text}: give an integer from 0 on`);
    process.exit(2);
  }
  return number;
}
