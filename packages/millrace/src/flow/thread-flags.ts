/**
 * Flags and environment of threads. A thread of the user's code inherits those of the process, as any worker does; but where the
 * main program is given as text (`node --input-type=module -e …`), no worker's file can be loaded with its flags.
 */

/** Flags that say what the main program is, and whether the argument that follows belongs to them. */
const MAIN_FLAGS: Readonly<Record<string, boolean>> = {
  '--input-type': true,
  '-e': true,
  '--eval': true,
  '-p': true,
  '-pe': true,
  '--print': true,
  '-i': false,
  '--interactive': false,
};
const INPUT_TYPE = /--input-type[= ]\S+/g;

/** What threads of the user's code are given where they cannot inherit; empty where they can. */
export function inheritedFlags(): { execArgv?: string[]; env?: NodeJS.ProcessEnv } {
  const { execArgv, env } = process;
  const nodeOptions = env.NODE_OPTIONS ?? '';
  if (![...execArgv, ...nodeOptions.split(' ')].some((flag) => flag.startsWith('--input-type'))) return {};
  return {
    execArgv: withoutMainFlags(execArgv),
    env: { ...env, NODE_OPTIONS: nodeOptions.replaceAll(INPUT_TYPE, '') },
  };
}

/** What a thread is given that runs no code of the user's: nothing that the user gave to the process is for it. */
export function libraryFlags(): { execArgv: string[]; env: NodeJS.ProcessEnv } {
  const { NODE_OPTIONS: _, ...env } = process.env;
  return { execArgv: [], env };
}

/** Exported for its test. */
export function withoutMainFlags(flags: readonly string[]): string[] {
  const kept: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i]!;
    const takesNext = MAIN_FLAGS[flag];
    if (takesNext === true) i++;
    else if (takesNext === undefined && MAIN_FLAGS[flag.slice(0, flag.indexOf('='))] === undefined) kept.push(flag);
  }
  return kept;
}

/** Of flags that a thread was refused with, those that it may have: the rest is the whole process's, and in force anyway. */
export const withoutRefused = (flags: readonly string[], refusal: string): string[] =>
  flags.filter((flag) => !refusal.includes(flag));
