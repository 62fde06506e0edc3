import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { now } from '../clock.ts';
import { NODE_FLAGS } from './module-setup.ts';

/** A deliberate mistake in the code under test, which some model has to find. */
export interface Mutant {
  /** What is broken, in words. */
  readonly name: string;
  /** End of the path of the module to change, as it is loaded: usually `dist/….js`. */
  readonly file: string;
  /** Text that occurs exactly once in it; white space matches any white space. */
  readonly find: string;
  readonly replace: string;
  /** Names of the models that may reject it; one is enough. They are tried in this order. */
  readonly models: readonly string[];
}

/** Checks the shape of a list of mutants. */
export function mutants(list: readonly Mutant[]): readonly Mutant[] {
  for (const { name, find, replace, models } of list) {
    if (find === replace) throw new Error(`mutant "${name}" changes nothing`);
    if (models.length === 0) throw new Error(`mutant "${name}" names no model`);
  }
  return list;
}

export interface MutantResult {
  readonly name: string;
  readonly rejected: boolean;
  /** The model that rejected it, with the kind of failure; or why it was not rejected. */
  readonly why: string;
  readonly seconds: number;
}

export interface MutantOptions {
  /** Files that export the models. */
  readonly models: readonly string[];
  /** Processes at a time. Default 1. */
  readonly jobs?: number;
  /** For one mutant. A mutant that hangs is not rejected. Default 300. */
  readonly timeoutSeconds?: number;
  readonly print?: (line: string) => void;
}

/** Runs each mutant in a process of its own, in which that one module is changed while it is loaded. */
export async function runMutants(list: readonly Mutant[], options: MutantOptions): Promise<MutantResult[]> {
  const { jobs = 1, print = () => {} } = options;
  const results: MutantResult[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < list.length) {
      const at = next++;
      const result = await runMutant(list[at], options);
      results[at] = result;
      print(
        `${result.rejected ? 'rejected' : 'SURVIVED'}  ${result.name}: ${result.why}, ${result.seconds.toFixed(1)} s`,
      );
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, jobs) }, work));
  return results;
}

/** What the child prints as its last line. */
export interface ChildAnswer {
  readonly rejected: boolean;
  readonly why: string;
}

async function runMutant(mutant: Mutant, options: MutantOptions): Promise<MutantResult> {
  const { timeoutSeconds = 300 } = options;
  const start = now();
  const child = fileURLToPath(new URL('./mutant-child.js', import.meta.url));
  const task = JSON.stringify({ mutant, models: options.models });
  const ended = await capture([...NODE_FLAGS, child, task], timeoutSeconds);
  return { name: mutant.name, ...answerOf(ended, timeoutSeconds), seconds: (now() - start) / 1000 };
}

/** How a child ended. Its answer is on standard output alone: Node writes its own warnings to standard error. */
interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

function answerOf({ stdout, stderr, code }: Ended, timeoutSeconds: number): ChildAnswer {
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  if (last.startsWith('{')) return JSON.parse(last) as ChildAnswer;
  return {
    rejected: false,
    why: code === null ? `no answer within ${timeoutSeconds} s` : `the process failed: ${stdout}${stderr}`,
  };
}

function capture(args: readonly string[], seconds: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: seconds * 1000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ stdout, stderr, code }));
  });
}
