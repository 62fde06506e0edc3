/**
 * What a store does with its folder: the steps of the protocol by which one of several writers becomes the owner. Each is one
 * that the file system does as a whole, and each may be the last one of a process that is killed.
 */
import fs from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { JournalError } from '../errors.ts';
import { RESTORE } from '../format/header.ts';
import { type FileContent, isAbsence, isFile, READ_NOW } from '../format/look.ts';
import { isTemporary, temporaryName } from '../format/names.ts';

// Looked up at each call, so that a test, or a benchmark, may put a slower disk in its place.
const flushData = (fd: number): Promise<void> =>
  new Promise((resolve, reject) => {
    fs.fdatasync(fd, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  });
const writeAt = (fd: number, bytes: Uint8Array, at: number, length: number, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    fs.write(fd, bytes, at, length, position, (error, written) => (error === null ? resolve(written) : reject(error)));
  });
const openFile = promisify(fs.open);
const closeFile = promisify(fs.close);

/** A segment's file, open for writing. */
export interface SegmentFile {
  write(bytes: Uint8Array, position: number): Promise<void>;
  flush(): Promise<void>;
  /** Whether it still is the file of its name. */
  isThere(): Promise<boolean>;
  /** Gives back what lies behind a byte. */
  truncate(bytes: number): Promise<void>;
  close(): Promise<void>;
}

/** A file that this owner has put in place. Another one in its place ends the ownership. */
export interface Fence {
  /** Whether it is still there, and if not, whether another one is. */
  look(): Promise<'holds' | 'replaced' | 'gone'>;
  close(): Promise<void>;
}

/** A folder, as a store uses it. */
export interface Folder {
  names(): Promise<string[]>;
  /** The first bytes of a file, at most so many; undefined where there is no such file. */
  read(name: string, most: number): Promise<FileContent | undefined>;
  /** Makes a file that is whole from the start. False where there is one of that name already. */
  create(name: string, bytes: Uint8Array): Promise<boolean>;
  /** Puts a file in the place of the one of that name. Undefined where an owner has cleared it away before it had that name. */
  replace(name: string, bytes: Uint8Array): Promise<Fence | undefined>;
  /** What was written to a file survives a power cut from here on; nothing where there is no such file. */
  flush(name: string): Promise<void>;
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>;
  open(name: string): Promise<SegmentFile>;
}

/** A folder of the file system. `isDurable`: what is made, replaced or removed survives a power cut. */
export class NodeFolder implements Folder {
  private readonly dir: string;
  private readonly isDurable: boolean;

  constructor(dir: string, isDurable: boolean) {
    this.dir = dir;
    this.isDurable = isDurable;
  }

  async names(): Promise<string[]> {
    try {
      return await fs.promises.readdir(this.dir);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? isFile(this.dir) : error;
    }
  }

  async read(name: string, most: number): Promise<FileContent | undefined> {
    let file: fs.promises.FileHandle;
    try {
      file = await fs.promises.open(join(this.dir, name), READ_NOW);
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
    try {
      const buffer = Buffer.alloc(Math.min((await file.stat()).size, most));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
      return { bytes: buffer.subarray(0, bytesRead), size: (await file.stat()).size };
    } finally {
      await file.close();
    }
  }

  async create(name: string, bytes: Uint8Array): Promise<boolean> {
    const path = await this.write(bytes);
    try {
      await fs.promises.link(path, join(this.dir, name));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // ENOENT: an owner has cleared the unfinished file away.
      if (code === 'EEXIST' || code === 'ENOENT') return false;
      throw error;
    } finally {
      await fs.promises.rm(path, { force: true });
    }
    await this.sync();
    return true;
  }

  async replace(name: string, bytes: Uint8Array): Promise<Fence | undefined> {
    const temporary = await this.write(bytes);
    const path = join(this.dir, name);
    let fd: number | undefined;
    try {
      // Kept open, so that no other file gets its number.
      fd = await openFile(temporary, 'r');
      const { ino, dev } = fs.fstatSync(fd, { bigint: true });
      await fs.promises.rename(temporary, path);
      await this.sync();
      return new FileFence(fd, path, ino, dev);
    } catch (error) {
      if (fd !== undefined) await closeFile(fd);
      if (isAbsence(error)) return undefined;
      throw error;
    }
  }

  async flush(name: string): Promise<void> {
    if (!this.isDurable) return;
    try {
      const fd = await openFile(join(this.dir, name), 'r+');
      await flushData(fd).finally(() => closeFile(fd));
    } catch (error) {
      if (!isAbsence(error)) throw error;
    }
  }

  async remove(name: string): Promise<void> {
    await fs.promises.rm(join(this.dir, name), { force: true });
  }

  async open(name: string): Promise<SegmentFile> {
    const path = join(this.dir, name);
    return new OpenSegment(await openFile(path, 'r+'), path);
  }

  /** Into a file that has no name yet. */
  private async write(bytes: Uint8Array): Promise<string> {
    const path = join(this.dir, temporaryName());
    const fd = await openFile(path, 'wx');
    try {
      await writeAll(fd, bytes, 0);
      if (this.isDurable) await flushData(fd);
    } catch (error) {
      await fs.promises.rm(path, { force: true });
      throw error;
    } finally {
      await closeFile(fd);
    }
    return path;
  }

  private async sync(): Promise<void> {
    if (this.isDurable) await syncFolder(this.dir);
  }
}

class FileFence implements Fence {
  private readonly fd: number;
  private readonly path: string;
  private readonly ino: bigint;
  private readonly dev: bigint;

  constructor(fd: number, path: string, ino: bigint, dev: bigint) {
    this.fd = fd;
    this.path = path;
    this.ino = ino;
    this.dev = dev;
  }

  async look(): Promise<'holds' | 'replaced' | 'gone'> {
    try {
      const { ino, dev } = await fs.promises.stat(this.path, { bigint: true });
      return ino === this.ino && dev === this.dev ? 'holds' : 'replaced';
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
      throw error;
    }
  }

  close(): Promise<void> {
    return closeFile(this.fd);
  }
}

class OpenSegment implements SegmentFile {
  private readonly fd: number;
  private readonly path: string;
  private readonly ino: bigint;
  private readonly dev: bigint;

  constructor(fd: number, path: string) {
    const { ino, dev } = fs.fstatSync(fd, { bigint: true });
    this.fd = fd;
    this.path = path;
    this.ino = ino;
    this.dev = dev;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    // What is written behind the end of a file leaves a gap of zeros.
    const { size } = fs.fstatSync(this.fd);
    if (size < position) {
      const fault = `was cut off while it was open: it has ${size} of ${position} bytes`;
      throw new JournalError('TORN_STORE', `${this.path} ${fault}: ${RESTORE}`);
    }
    await writeAll(this.fd, bytes, position);
  }

  flush(): Promise<void> {
    return flushData(this.fd);
  }

  async isThere(): Promise<boolean> {
    try {
      const { ino, dev } = await fs.promises.stat(this.path, { bigint: true });
      return ino === this.ino && dev === this.dev;
    } catch (error) {
      if (isAbsence(error)) return false;
      throw error;
    }
  }

  truncate(bytes: number): Promise<void> {
    return promisify(fs.ftruncate)(this.fd, bytes);
  }

  close(): Promise<void> {
    return closeFile(this.fd);
  }
}

async function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += await writeAt(fd, bytes, at, bytes.length - at, position + at);
}

/** What was made in a folder, or removed from it, survives a power cut from here on. */
async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const fd = await openFile(dir, 'r');
  try {
    await promisify(fs.fsync)(fd);
  } finally {
    await closeFile(fd);
  }
}

/**
 * Makes a folder and those above it. (The one of `node:fs` goes on for ever where a folder is there in which nothing can be made,
 * as in `/proc`.)
 */
export async function makeFolder(dir: string, isDurable: boolean): Promise<void> {
  const missing: string[] = [];
  for (let path = dir; !fs.existsSync(path) && path !== dirname(path); path = dirname(path)) missing.push(path);
  for (const path of missing.reverse()) {
    try {
      await fs.promises.mkdir(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    if (isDurable) await syncFolder(dirname(path));
  }
}

/** Takes away what processes that were killed have left unfinished. */
export async function clearUnfinished(folder: Folder): Promise<void> {
  for (const name of (await folder.names()).filter(isTemporary)) await folder.remove(name);
}
