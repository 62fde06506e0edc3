import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** Pairs of antithetic paths for each priced day: the amount of work, about 7 ms a day for each thousand. */
const PATH_PAIRS = 2_000;
const QUICK_PATH_PAIRS = 130;

const DEFAULT_OUT = resolve(import.meta.dirname, '../../out/volatility-surface');

const USAGE = `Prices S&P 500 option surfaces, first on one thread, then on all cores, and compares the two.

  npm start -- [options]

  --quick        a fifteenth of the work (also: MILLRACE_QUICK=1)
  --threads N    processor threads, 1 to 64 (default: ${availableParallelism()}, all cores)
  --out DIR      folder for the CSV files and the chart
  --journal DIR  deliver into a journal there: kill it (kill -9), start it again, and it goes on where it was
  --help         this text`;

export interface Settings {
  readonly pathPairs: number;
  readonly threads: number;
  /** Where the user stands, which is not where a package's script runs: paths are given and shown relative to this folder. */
  readonly calledIn: string;
  readonly singleThreadFile: string;
  readonly allCoresFile: string;
  readonly chartFile: string;
  readonly outFolder: string;
  /** Where the run on all cores is journaled; undefined where it is not. */
  readonly journalFolder: string | undefined;
}

/** Reads the command line. A wrong one, or --help, prints the usage and ends the process. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings {
  try {
    return parseSettings(args, env);
  } catch (error) {
    const help = error instanceof HelpRequest;
    if (help) console.log(USAGE);
    else console.error(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(help ? 0 : 2);
  }
}

export function parseSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: env.MILLRACE_QUICK === '1' },
      threads: { type: 'string', default: String(availableParallelism()) },
      out: { type: 'string', default: DEFAULT_OUT },
      journal: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) throw new HelpRequest();
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new RangeError(`--threads ${values.threads}: expected a whole number from 1 to 64`);
  }
  const calledIn = env.INIT_CWD ?? process.cwd();
  const outFolder = resolve(calledIn, values.out);
  const pathPairs = values.quick ? QUICK_PATH_PAIRS : PATH_PAIRS;
  return {
    pathPairs,
    threads,
    calledIn,
    outFolder,
    // One folder for each amount of work: the quotes of another one are other quotes.
    journalFolder:
      values.journal === undefined ? undefined : resolve(calledIn, values.journal, `${2 * pathPairs}-paths`),
    singleThreadFile: join(outFolder, 'quotes-single-thread.csv'),
    allCoresFile: join(outFolder, 'quotes-all-cores.csv'),
    chartFile: join(outFolder, 'implied-volatility.svg'),
  };
}

class HelpRequest extends Error {}
