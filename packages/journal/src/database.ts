/** The one module that knows lmdb. */
import { ftruncateSync } from 'node:fs';
import * as lmdb from 'lmdb';
import { type Durability, SYNC_OPTIONS } from './durability.ts';
import { JournalError, storeFailure } from './errors.ts';
import { CHUNKS_BEGIN, CHUNKS_END, chunkKey, POSITION_KEY, positionOfKey, TRIMMED_KEY } from './keys.ts';
import { type Progress, START } from './progress.ts';

export type Database = lmdb.RootDatabase<Buffer, Buffer>;

/** lmdb's reader table is made for as many as fit this file, which is written before lmdb maps it: a full disk cannot fault it later. */
export const LOCK_FILE_BYTES = 16_384;

const PAGE_BYTES = 4096;
/** The data file is kept longer than what the newest page needs, so that a shorter one is known to be cut off. */
const GROW_STEP_BYTES: number = 8 * 1024 * 1024;
/** Pages that a transaction may need beside its data: its tree's, and those that list free pages. */
const SPARE_PAGES = 1024;

const NO_SYNC = 0x10000;
const NO_META_SYNC = 0x40000;
const EIO = 5;
const ENOSPC = 28;
const EDQUOT = 122;

/**
 * Opens lmdb. Only for a folder that was looked at: lmdb makes what is not there. Readers open it the same way: within one process all
 * who open a store share one environment, and a read-only one would stop a writer that comes later.
 */
export function openDatabase(dir: string, durability: Durability): Database {
  try {
    const database = lmdb.open<Buffer, Buffer>({
      path: dir,
      noSubdir: false,
      pageSize: PAGE_BYTES,
      encoding: 'binary',
      keyEncoding: 'binary',
      overlappingSync: false,
      maxDbs: 1,
      ...SYNC_OPTIONS[durability],
    } as lmdb.RootDatabaseOptionsWithPath);
    return database;
  } catch (cause) {
    throw storeFailure(cause, dir);
  }
}

/** The environment's flags are those of whoever in this process opened it first; a weaker one must not go unnoticed. */
export function isWeakerThan(database: Database, durability: Durability): boolean {
  const { nativeAddon } = lmdb as unknown as { nativeAddon: { getEnvFlags(address: number): number } };
  const flags = nativeAddon.getEnvFlags((database as unknown as { env: { address: number } }).env.address);
  const { noSync, noMetaSync } = SYNC_OPTIONS[durability];
  return ((flags & NO_SYNC) !== 0 && !noSync) || ((flags & NO_META_SYNC) !== 0 && !noMetaSync && !noSync);
}

/** Bytes that the store uses of its file. */
export function usedBytes(database: Database): number {
  const { lastPageNumber } = database.getStats() as { lastPageNumber: number };
  return (lastPageNumber + 1) * PAGE_BYTES;
}

/** Bytes of a transaction's pages, at most. */
export const transactionBytes = (bytes: number): number => 2 * bytes + SPARE_PAGES * PAGE_BYTES;

/** Makes the file longer, without using disk, when the next transaction may need it. Returns its length. */
export function growFile(fd: number, length: number, used: number, bytes: number): number {
  const needed = used + transactionBytes(bytes);
  if (needed <= length) return length;
  const grown = Math.ceil(needed / GROW_STEP_BYTES) * GROW_STEP_BYTES;
  ftruncateSync(fd, grown);
  return grown;
}

/** What a failed transaction means. lmdb tells a short write by EIO: on a full disk that is what it sees. */
export function transactionFailure(cause: unknown, dir: string, freeBytes: () => number, bytes: number): JournalError {
  if (cause instanceof JournalError) return cause;
  const { code } = cause as { code?: unknown };
  const isFull =
    code === ENOSPC || code === EDQUOT || code === 'ENOSPC' || (code === EIO && freeBytes() < transactionBytes(bytes));
  if (!isFull) return storeFailure(cause, dir);
  return new JournalError(
    'STORE_FULL',
    `the disk of the journal ${dir} is full; what was committed is whole. Free space, or trim the journal, and start again: it resumes there`,
    { cause },
  );
}

export function readPosition(database: Database): Progress {
  return unpackProgress(database.getBinary(POSITION_KEY)) ?? START;
}

/** What is below is gone. */
export function readTrimmed(database: Database): number {
  return unpackProgress(database.getBinary(TRIMMED_KEY))?.sequence ?? 0;
}

export function packProgress({ sequence, items }: Progress): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeDoubleLE(sequence, 0);
  bytes.writeDoubleLE(items, 8);
  return bytes;
}

function unpackProgress(bytes: Buffer | undefined): Progress | undefined {
  if (bytes === undefined) return undefined;
  return { sequence: bytes.readDoubleLE(0), items: bytes.readDoubleLE(8) };
}

/** Key of the chunk that a position lies in: the last that begins at or before it. Undefined when all begin later. */
export function chunkKeyAt(database: Database, position: Progress): Buffer | undefined {
  const range = { start: chunkKey(position), end: CHUNKS_BEGIN, reverse: true, inclusiveEnd: true, limit: 1 };
  for (const key of database.getKeys(range)) return key;
  return undefined;
}

/**
 * Keys of the oldest chunks that hold nothing from `below` on, at most `most`. A chunk is known to end where the next one
 * begins, so the newest chunk stays.
 */
export function chunksBelow(database: Database, below: number, most: number): Buffer[] {
  const keys: Buffer[] = [];
  let previous: Buffer | undefined;
  for (const key of database.getKeys({ start: CHUNKS_BEGIN, end: CHUNKS_END, limit: most + 1 })) {
    const { sequence, items } = positionOfKey(key);
    if (sequence > below || (sequence === below && items > 0)) break;
    if (previous !== undefined) keys.push(previous);
    if (sequence === below) return keys;
    previous = key;
  }
  return keys;
}
