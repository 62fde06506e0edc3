/**
 * The files of a journal, and the look at them before lmdb gets them: lmdb takes an empty file for a new store, and dies of a
 * page that is not there.
 *
 *     journal.json       what this is: format, version, kind, schema, id. Written last when a journal is made
 *     data.mdb lock.mdb  of lmdb
 *     doorbell           one byte, written after each commit: readers watch it
 *     unsynced           there while a journal is open at durability `none`: in which run of the system that is
 *     creating           there while a journal is being made: whatever else is there may go
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { codecFromSchema, describeSchema, type Schema, sameSchema } from '@millrace/codec';
import { JournalError } from './errors.ts';
import { bootId, isSameBoot } from './owner.ts';

export const FORMAT = 'millrace-journal';
export const FORMAT_VERSION = 1;

/** `items`: what a flow delivered. `events`: what is to be published. */
export type JournalKind = 'items' | 'events';

export interface JournalHeader {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly kind: JournalKind;
  readonly schema: Schema;
  readonly id: string;
}

export const FILES = {
  header: 'journal.json',
  data: 'data.mdb',
  lock: 'lock.mdb',
  doorbell: 'doorbell',
  unsynced: 'unsynced',
  creating: 'creating',
} as const;

/** What a file system puts into its root by itself. */
const IGNORED = new Set(['lost+found', '.DS_Store']);

/** Looks at the folder. `absent`: nothing is there, or what an interrupted start left. Throws for what is no whole journal. */
export function inspect(dir: string): JournalHeader | 'absent' {
  const entries = list(dir);
  if (entries === undefined || entries.length === 0) return 'absent';
  if (!entries.includes(FILES.header)) {
    if (entries.includes(FILES.creating)) return 'absent';
    throw new JournalError(
      'FOREIGN_STORE',
      `${dir} holds ${entries.slice(0, 3).join(', ')}${entries.length > 3 ? ', …' : ''} and no ${FILES.header}: it is not a journal. ` +
        `Give a new or an empty folder; if it was a journal, restore ${FILES.header} from a copy`,
    );
  }
  const header = readHeader(join(dir, FILES.header));
  checkData(dir);
  checkUnsynced(dir);
  return header;
}

function list(dir: string): string[] | undefined {
  try {
    return readdirSync(dir).filter((name) => !IGNORED.has(name));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'ENOTDIR') {
      throw new JournalError('FOREIGN_STORE', `${dir} is a file, and a journal is a folder: give another path`);
    }
    throw new JournalError('STORE_FAILED', `the folder ${dir} cannot be read: see the cause`, { cause: error });
  }
}

function readHeader(path: string): JournalHeader {
  const text = readFileSync(path, 'utf8');
  let header: Partial<Record<keyof JournalHeader, unknown>>;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw new JournalError('TORN_STORE', `${path} is cut off or damaged: ${RESTORE}`, { cause });
  }
  if (typeof header !== 'object' || header === null || header.format !== FORMAT) {
    throw new JournalError('FOREIGN_STORE', `${path} is not the header of a journal: give another folder`);
  }
  if (typeof header.version !== 'number' || header.version > FORMAT_VERSION) {
    throw new JournalError(
      'NEWER_STORE',
      `${path} is of format version ${header.version}, and this version of @millrace/journal reads up to ${FORMAT_VERSION}: upgrade it`,
    );
  }
  if ((header.kind !== 'items' && header.kind !== 'events') || typeof header.id !== 'string') {
    throw new JournalError('TORN_STORE', `${path} is damaged: ${RESTORE}`);
  }
  try {
    codecFromSchema(header.schema as Schema);
  } catch (cause) {
    throw new JournalError('TORN_STORE', `${path} has a schema that is none: ${RESTORE}`, { cause });
  }
  return header as JournalHeader;
}

const RESTORE = 'restore the folder from a copy, or move it away and start a new journal';

const META_BYTES = 256;
const MDB_MAGIC = 0xbeefc0de;
const MDB_DATA_VERSION = 2;
/** The page header before lmdb's meta record, by build. */
const PAGE_HEADERS = [24, 16];
/** From the magic on. */
const META = { version: 4, pageSize: 24, lastPage: 120, transaction: 128 };

/** The file has lmdb's two meta pages, and every page that the newer of them speaks of. */
function checkData(dir: string): void {
  const path = join(dir, FILES.data);
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (cause) {
    throw new JournalError('TORN_STORE', `${path} is missing or cannot be read: ${RESTORE}`, { cause });
  }
  try {
    const { size } = statSync(path);
    const first = readMeta(fd, 0);
    const second = first && readMeta(fd, first.pageSize);
    if (first === undefined || second === undefined) {
      throw new JournalError(
        'TORN_STORE',
        `${path}, of ${size} bytes, does not begin like a store of lmdb: ${RESTORE}`,
      );
    }
    if (first.version !== MDB_DATA_VERSION) {
      throw new JournalError(
        'NEWER_STORE',
        `${path} has data version ${first.version} of lmdb, and ${MDB_DATA_VERSION} can be read: use the version of lmdb that wrote it`,
      );
    }
    const newest = first.transaction > second.transaction ? first : second;
    const needed = (newest.lastPage + 1) * newest.pageSize;
    if (size < needed) {
      throw new JournalError(
        'TORN_STORE',
        `${path} is cut off: it has ${size} bytes of at least ${needed}: ${RESTORE}`,
      );
    }
  } finally {
    closeSync(fd);
  }
}

interface Meta {
  readonly version: number;
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
}

function readMeta(fd: number, offset: number): Meta | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  if (readSync(fd, bytes, 0, META_BYTES, offset) < META_BYTES) return undefined;
  const at = PAGE_HEADERS.find((header) => bytes.readUInt32LE(header) === MDB_MAGIC);
  if (at === undefined) return undefined;
  return {
    version: bytes.readUInt32LE(at + META.version) & 0xffff,
    pageSize: bytes.readUInt32LE(at + META.pageSize),
    lastPage: Number(bytes.readBigUInt64LE(at + META.lastPage)),
    transaction: Number(bytes.readBigUInt64LE(at + META.transaction)),
  };
}

/** At durability `none` only the system that wrote the files has them whole. */
function checkUnsynced(dir: string): void {
  const path = join(dir, FILES.unsynced);
  let boot: string;
  try {
    boot = readFileSync(path, 'utf8').trim();
  } catch {
    return;
  }
  if (isSameBoot(boot, bootId())) return;
  throw new JournalError(
    'TORN_STORE',
    `${dir} was open at durability "none" when the machine went down, so its files may be torn: ${RESTORE}, and use "batch" to be ` +
      `safe from power cuts. (To trust the files as they are, delete ${path}.)`,
  );
}

export function markUnsynced(dir: string): void {
  writeDurably(dir, FILES.unsynced, bootId());
}

export function clearUnsynced(dir: string): void {
  rmSync(join(dir, FILES.unsynced), { force: true });
}

/** Refuses a journal that is not the one which is meant. */
export function expectHeader(dir: string, header: JournalHeader, kind: JournalKind, schema: Schema): void {
  if (header.kind !== kind) {
    const [has, wanted] = header.kind === 'items' ? ['items', 'events'] : ['events', 'items'];
    throw new JournalError(
      'FOREIGN_STORE',
      `${dir} is a journal of ${has}, not of ${wanted}: give each a folder of its own`,
    );
  }
  if (!sameSchema(header.schema, schema)) {
    throw new JournalError(
      'SCHEMA_MISMATCH',
      `${dir} holds ${describeSchema(header.schema)}, and ${describeSchema(schema)} is to be written: ` +
        'use the codec that it was made with, or a new folder',
    );
  }
}

/** Written whole or not at all, and there after a power cut. */
export function writeDurably(dir: string, name: string, text: string): void {
  const path = join(dir, name);
  const fd = openSync(`${path}.new`, 'w');
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
  syncFolder(dir);
}

export function syncFolder(dir: string): void {
  if (process.platform === 'win32') return;
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
