import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Schema } from '@millrace/codec';
import { CHUNK } from './chunk-descriptor.ts';
import {
  chunksBelow,
  type Database,
  growFile,
  isWeakerThan,
  LOCK_FILE_BYTES,
  openDatabase,
  packProgress,
  readPosition,
  readTrimmed,
  transactionBytes,
  transactionFailure,
  usedBytes,
} from './database.ts';
import type { Durability } from './durability.ts';
import { JournalError } from './errors.ts';
import {
  clearUnsynced,
  expectHeader,
  FILES,
  FORMAT,
  FORMAT_VERSION,
  inspect,
  type JournalHeader,
  type JournalKind,
  markUnsynced,
  syncFolder,
  writeDurably,
} from './files.ts';
import { CHUNK_KEY_BYTES, chunkKey, ID_KEY, OWNER_KEY, POSITION_KEY, TRIMMED_KEY } from './keys.ts';
import { isAlive, type Owner, thisThread } from './owner.ts';
import type { Progress } from './progress.ts';

export interface StoreOptions {
  readonly dir: string;
  readonly kind: JournalKind;
  readonly schema: Schema;
  readonly durability: Durability;
  /** The store grows to so many bytes and refuses more. */
  readonly maxBytes: number;
  /** The thread on whose behalf the store is written. */
  readonly owner: Owner;
}

/** Chunks removed in one transaction. */
const TRIM_CHUNKS = 256;

/** A journal, open for writing. Its calls block; it lives on the store's thread. */
export class Store {
  readonly dir: string;
  private readonly options: StoreOptions;
  private readonly database: Database;
  private readonly data: number;
  private readonly doorbell: number;
  /** Owner as it stands in the store while this one may write. */
  private readonly token: Buffer;
  private fileBytes: number;
  private readonly keys: Buffer[] = [];

  constructor(options: StoreOptions) {
    this.options = options;
    this.dir = options.dir;
    const { dir, durability } = options;
    const found = inspect(dir);
    const header = found === 'absent' ? create(options) : found;
    expectHeader(dir, header, options.kind, options.schema);
    if (durability === 'none') markUnsynced(dir);
    this.database = openDatabase(dir, durability);
    this.token = Buffer.from(JSON.stringify({ ...options.owner, claim: randomUUID() }));
    try {
      if (isWeakerThan(this.database, durability)) {
        throw new JournalError(
          'IN_USE',
          `${dir} is still open in this process at a weaker durability than "${durability}": close its readers and writers first`,
        );
      }
      this.claim(header);
    } catch (error) {
      void this.database.close();
      throw error;
    }
    this.data = openSync(join(dir, FILES.data), 'r+');
    this.doorbell = openSync(join(dir, FILES.doorbell), 'r+');
    this.fileBytes = fstatSync(this.data).size;
    if (durability !== 'none') {
      // What a writer at `none` left may be in the system's memory alone.
      fsyncSync(this.data);
      clearUnsynced(dir);
    }
  }

  position(): Progress {
    this.database.resetReadTxn();
    return readPosition(this.database);
  }

  trimmed(): number {
    return readTrimmed(this.database);
  }

  /** Puts the chunks that lie back to back in `bytes`, and the position, in one transaction. Fills in the checksums. */
  commit(bytes: Buffer, position: Progress): void {
    const { maxBytes } = this.options;
    const used = usedBytes(this.database);
    if (bytes.length > 0 && used + bytes.length > maxBytes) {
      throw new JournalError(
        'STORE_FULL',
        `the journal ${this.dir} has ${used} bytes, and ${bytes.length} more would pass its limit, maxBytes ${maxBytes}; ` +
          'what was committed is whole. Trim it, or raise the limit, and start again: it resumes there',
      );
    }
    this.transact(used, bytes.length, () => {
      let chunks = 0;
      for (let at = 0; at < bytes.length; chunks++) {
        const length = bytes.readUInt32LE(at + CHUNK.bytes);
        const chunk = bytes.subarray(at, at + length);
        chunk.writeUInt32LE(crc32(chunk.subarray(CHUNK.bytes)), CHUNK.crc);
        this.keys[chunks] ??= Buffer.alloc(CHUNK_KEY_BYTES);
        const first = { sequence: chunk.readDoubleLE(CHUNK.records), items: chunk.readDoubleLE(CHUNK.records + 8) };
        this.database.putSync(chunkKey(first, this.keys[chunks]), chunk);
        at += length;
      }
      this.database.putSync(POSITION_KEY, packProgress(position));
    });
  }

  /** Removes what lies below a sequence, by whole chunks. Returns the sequence below which readers are refused. */
  trim(below: number): number {
    const end = Math.min(below, this.position().sequence);
    if (end <= this.trimmed()) return this.trimmed();
    for (;;) {
      this.database.resetReadTxn();
      const keys = chunksBelow(this.database, end, TRIM_CHUNKS);
      this.transact(usedBytes(this.database), 0, () => {
        for (const key of keys) this.database.removeSync(key);
        this.database.putSync(TRIMMED_KEY, packProgress({ sequence: end, items: 0 }));
      });
      if (keys.length < TRIM_CHUNKS) return end;
    }
  }

  /** Flushes everything and gives the journal free. */
  close(): void {
    try {
      this.database.transactionSync(() => {
        if (this.database.getBinary(OWNER_KEY)?.equals(this.token)) this.database.removeSync(OWNER_KEY);
      });
      fsyncSync(this.data);
      clearUnsynced(this.dir);
    } finally {
      closeSync(this.data);
      closeSync(this.doorbell);
      void this.database.close();
    }
  }

  private transact(used: number, bytes: number, write: () => void): void {
    try {
      this.fileBytes = growFile(this.data, this.fileBytes, used, bytes);
      this.database.transactionSync(() => {
        if (!this.database.getBinary(OWNER_KEY)?.equals(this.token)) {
          throw new JournalError(
            'IN_USE',
            `another writer has taken over the journal ${this.dir}; this one is refused from now on: stop one of the two`,
          );
        }
        write();
      });
    } catch (error) {
      throw transactionFailure(error, this.dir, () => freeBytes(this.dir), bytes);
    }
    writeSync(this.doorbell, '!', 0);
  }

  /** Becomes the owner, in a transaction: of two that try at one time, one is refused. */
  private claim(header: JournalHeader): void {
    this.database.transactionSync(() => {
      const id = this.database.getBinary(ID_KEY)?.toString();
      if (id !== header.id) {
        throw new JournalError(
          'TORN_STORE',
          `${join(this.dir, FILES.data)} does not belong to the ${FILES.header} beside it: restore the folder from one copy`,
        );
      }
      const written = this.database.getBinary(OWNER_KEY);
      const owner = written === undefined ? undefined : (JSON.parse(written.toString()) as Owner);
      if (owner !== undefined && isAlive(owner)) {
        throw new JournalError(
          'IN_USE',
          `process ${owner.pid} on ${owner.host} (thread ${owner.tid}) writes the journal ${this.dir}: stop it first, or give this flow a folder of its own`,
        );
      }
      this.database.putSync(OWNER_KEY, this.token);
    });
  }
}

function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

/** Makes an empty journal. The header comes last: without it the folder is an unfinished one, which may be made again. */
function create({ dir, kind, schema }: StoreOptions): JournalHeader {
  const header: JournalHeader = { format: FORMAT, version: FORMAT_VERSION, kind, schema, id: randomUUID() };
  try {
    mkdirSync(dir, { recursive: true });
    claimCreation(dir);
    for (const name of [FILES.data, FILES.lock, FILES.doorbell, FILES.unsynced])
      rmSync(join(dir, name), { force: true });
    writeFileSync(join(dir, FILES.lock), Buffer.alloc(LOCK_FILE_BYTES));
    writeFileSync(join(dir, FILES.doorbell), '!');
    const database = openDatabase(dir, 'always');
    try {
      database.transactionSync(() => database.putSync(ID_KEY, Buffer.from(header.id)));
    } finally {
      void database.close();
    }
    writeDurably(dir, FILES.header, `${JSON.stringify(header, undefined, 2)}\n`);
    rmSync(join(dir, FILES.creating), { force: true });
    syncFolder(dir);
    syncFolder(dirname(resolve(dir)));
  } catch (error) {
    throw transactionFailure(error, dir, () => freeBytes(dir), transactionBytes(0));
  }
  return header;
}

/** Of two that make the same journal at one time, one is refused. What a killed one left is taken over. */
function claimCreation(dir: string): void {
  const path = join(dir, FILES.creating);
  const own = JSON.stringify(thisThread());
  for (;;) {
    try {
      const fd = openSync(path, 'wx');
      writeSync(fd, own);
      fsyncSync(fd);
      closeSync(fd);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const maker = readOwner(readFileSync(path, 'utf8'));
    if (maker !== undefined && isAlive(maker)) {
      throw new JournalError(
        'IN_USE',
        `process ${maker.pid} on ${maker.host} is making the journal ${dir}: start one writer alone`,
      );
    }
    rmSync(path, { force: true });
  }
}

/** Undefined for what is cut off. */
function readOwner(text: string): Owner | undefined {
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined;
  }
}
