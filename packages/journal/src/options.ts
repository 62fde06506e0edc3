import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { JournalError } from './errors.ts';
import { DURABILITIES, type Durability } from './store/durability.ts';

export interface JournalOptions {
  /** The folder of the journal; made when it is not there. One folder, one journal. */
  dir: string;
  /** What a commit waits for, and so what a power cut may take. Default `batch`. */
  durability?: Durability | undefined;
  /** The journal grows to so many bytes of disk, and then refuses more with STORE_FULL. Default: no limit. */
  maxBytes?: number | undefined;
  /**
   * Memory in which items are gathered, twice so many bytes. Also the limit of what an event gives in one piece. Default 4 MiB,
   * at least 64 KiB.
   */
  stagingBytes?: number | undefined;
}

export interface CompiledJournalOptions {
  readonly dir: string;
  readonly durability: Durability;
  readonly maxBytes: number;
  readonly stagingBytes: number;
}

const MIN_STAGING_BYTES: number = 64 * 1024;
const MAX_STAGING_BYTES: number = 1024 * 1024 * 1024;
const DEFAULT_STAGING_BYTES: number = 4 * 1024 * 1024;
/** Some pages, and room for events in them. */
const MIN_BYTES: number = 64 * 1024;

/** Checks what was given, reports every fault at once, and fills in the defaults. `more` are options of the caller's own. */
export function compileOptions(
  where: string,
  given: JournalOptions,
  more: readonly string[] = [],
): CompiledJournalOptions {
  const faults: string[] = [];
  const known = ['dir', 'durability', 'maxBytes', 'stagingBytes', ...more];
  const options: Partial<JournalOptions> = typeof given === 'object' && given !== null ? given : {};
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) faults.push(`${key} is not an option; the options are: ${known.join(', ')}`);
  }
  const { dir, durability = 'batch', maxBytes, stagingBytes = DEFAULT_STAGING_BYTES } = options;
  const fault = pathFault(dir);
  if (fault !== undefined) faults.push(`dir ${fault}`);
  if (!DURABILITIES.includes(durability))
    faults.push(`durability is ${show(durability)}; give ${DURABILITIES.join(', ')}`);
  if (maxBytes !== undefined && !isInteger(maxBytes, MIN_BYTES, Number.MAX_SAFE_INTEGER)) {
    faults.push(`maxBytes is ${show(maxBytes)}; give an integer from ${MIN_BYTES} on, or leave it out`);
  }
  if (!isInteger(stagingBytes, MIN_STAGING_BYTES, MAX_STAGING_BYTES)) {
    faults.push(
      `stagingBytes is ${show(stagingBytes)}; give an integer from ${MIN_STAGING_BYTES} to ${MAX_STAGING_BYTES}`,
    );
  }
  if (faults.length > 0) throw new JournalError('BAD_OPTIONS', `${where}: ${faults.join('; ')}`);
  return {
    dir: resolve(dir as string),
    durability,
    maxBytes: maxBytes ?? Number.MAX_SAFE_INTEGER,
    stagingBytes: Math.ceil(stagingBytes / 8) * 8,
  };
}

/** The path of a folder, absolute; refused where it is none. */
export function compilePath(where: string, dir: unknown): string {
  const fault = pathFault(dir);
  if (fault !== undefined) throw new JournalError('BAD_OPTIONS', `${where}: dir ${fault}`);
  return resolve(dir as string);
}

function pathFault(dir: unknown): string | undefined {
  if (typeof dir !== 'string' || dir === '') return 'is missing: give the path of a folder';
  return dir.includes('\0') ? 'has a NUL character: give the path of a folder' : undefined;
}

const isInteger = (value: unknown, least: number, most: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

/** What was given, for a message. Never throws: anything may have been given. */
export function show(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? inspect(value, {
        depth: 1,
        breakLength: Infinity,
        maxArrayLength: 3,
        maxStringLength: 80,
        customInspect: false,
        getters: false,
      })
    : typeof value === 'string'
      ? JSON.stringify(value)
      : String(value);
}
