/** What the journal uses of `node:fs`, over the disk of the world on stage. Only what other processes can notice waits for its release. */
import { basename } from 'node:path';
import { HEADER_FILE, isTemporary } from '../../../src/format/names.ts';
import type { Inode } from './disk.ts';
import { type Footprint, worldOnStage } from './world.ts';

export const MODEL_DIR = '/journal';

type Callback<T = void> = (error: NodeJS.ErrnoException | null, value?: T) => void;

interface Opened {
  readonly name: string;
  /** Undefined for the folder. */
  readonly inode: Inode | undefined;
}

const ofName = (name: string): string => `name ${name}`;
const ofBytes = (name: string): string => `bytes ${name}`;
const LISTING = 'listing';
/** A process that looks at a segment may ask whether its owner lives. */
export const LIVES = 'lives';
/** After these steps a commit may be acknowledged. */
export const PROMISES = 'promises';

const opened: (Opened | undefined)[] = [];

export function forgetOpened(): void {
  opened.length = 0;
}

function fdOf(name: string, inode?: Inode): number {
  return opened.push({ name, inode }) - 1;
}

function fileOf(fd: number): Opened & { readonly inode: Inode } {
  const file = opened[fd];
  if (file?.inode === undefined) throw failure('EBADF', String(fd));
  return file as Opened & { readonly inode: Inode };
}

const failure = (code: string, path: string): NodeJS.ErrnoException =>
  Object.assign(new Error(`${code}: ${path}`), { code });

/** Never changes once it has this name. */
const isFixed = (name: string): boolean => name === HEADER_FILE || isTemporary(name);

function call<T>(promise: Promise<T>, done: Callback<T>): void {
  promise.then(
    (value) => done(null, value),
    (error: NodeJS.ErrnoException) => done(error),
  );
}

function find(path: string): Inode {
  const inode = worldOnStage().disk.names.get(basename(path));
  if (inode === undefined) throw failure('ENOENT', path);
  return inode;
}

function open(path: string, flags: string | number): Promise<number> {
  const world = worldOnStage();
  const name = basename(path);
  if (path === MODEL_DIR) return world.step('open the folder', () => [fdOf(name), '']);
  if (flags !== 'wx') {
    // A file that is opened to keep its number is its own.
    const footprint = isTemporary(name) ? undefined : { reads: [ofName(name), ofBytes(name)] };
    return world.step(
      `open ${name}`,
      () => {
        const inode = find(path);
        return [fdOf(name, inode), `${inode.number} ${isFixed(name) ? inode.content : ''}`];
      },
      footprint,
    );
  }
  return world.step(
    `make ${name}`,
    () => {
      if (world.disk.names.has(name)) throw failure('EEXIST', path);
      return [fdOf(name, world.disk.make(name, nextNumber())), ''];
    },
    { writes: [ofName(name), LISTING] },
  );
}

/** The smallest that no file has which has a name, or is open. */
function nextNumber(): number {
  const { disk, current } = worldOnStage();
  const inUse = new Set([...disk.names.values(), ...opened.map((file) => file?.inode)].map((inode) => inode?.number));
  let number = current.number * 1000;
  while (inUse.has(number)) number++;
  return number;
}

function read(fd: number, into: Uint8Array, at: number, length: number, position: number): Promise<number> {
  const { name, inode } = fileOf(fd);
  return worldOnStage().step(
    `read ${name}`,
    () => [copy(inode, into, at, length, position), String(inode.content)],
    isFixed(name) ? undefined : { reads: [ofBytes(name), LIVES] },
  );
}

const copy = ({ bytes }: Inode, into: Uint8Array, at: number, length: number, position: number): number =>
  bytes.copy(into, at, position, position + length);

function flush(fd: number): Promise<void> {
  const { name, inode } = fileOf(fd);
  const world = worldOnStage();
  const flushed = (): [undefined, string] => {
    world.disk.flush(inode);
    return [undefined, ''];
  };
  return world.step(`flush ${name}`, flushed, world.hasPowerCuts ? { writes: [ofBytes(name)] } : undefined);
}

interface Stats {
  readonly size: number;
  readonly nlink: number;
  readonly ino: bigint;
  readonly dev: bigint;
}

const statsOf = ({ bytes, links, number }: Inode): Stats => ({
  size: bytes.length,
  nlink: links,
  ino: BigInt(number),
  dev: 1n,
});

function stat(fd: number, footprint?: Footprint): Promise<Stats> {
  const { name, inode } = fileOf(fd);
  return worldOnStage().step(
    `fstat ${name}`,
    () => [statsOf(inode), `${inode.bytes.length} ${inode.links > 0}`],
    isFixed(name) ? undefined : footprint,
  );
}

function close(fd: number): Promise<void> {
  return worldOnStage().step('close', () => {
    if (opened[fd] === undefined) throw failure('EBADF', String(fd));
    opened[fd] = undefined;
    return [undefined, ''];
  });
}

export const modelFs = {
  constants: { O_RDONLY: 0 },
  promises: {
    readdir: (): Promise<string[]> =>
      worldOnStage().step(
        'list names',
        () => {
          const names = [...worldOnStage().disk.names.keys()].sort();
          return [names, names.filter((name) => !isTemporary(name)).join()];
        },
        { reads: [LISTING, LIVES] },
      ),

    async open(path: string, flags: string | number) {
      const fd = await open(path, flags);
      let asked = 0;
      return {
        // The first time, for room for the bytes, it is one step with opening the file.
        stat: () => (asked++ === 0 ? stat(fd) : stat(fd, { reads: [ofBytes(basename(path)), LIVES] })),
        read: async (into: Uint8Array, at: number, length: number, position: number) => ({
          bytesRead: await read(fd, into, at, length, position),
        }),
        close: () => close(fd),
      };
    },

    link: (from: string, to: string): Promise<void> =>
      worldOnStage().step(
        `link ${basename(to)}`,
        () => {
          const inode = find(from);
          const { disk } = worldOnStage();
          if (disk.names.has(basename(to))) throw failure('EEXIST', to);
          disk.change([[basename(to), inode]]);
          return [undefined, ''];
        },
        { writes: [ofName(basename(from)), ofName(basename(to)), LISTING] },
      ),

    rename: (from: string, to: string): Promise<void> =>
      worldOnStage().step(
        `rename to ${basename(to)}`,
        () => {
          const inode = find(from);
          worldOnStage().disk.change([
            [basename(to), inode],
            [basename(from), undefined],
          ]);
          return [undefined, ''];
        },
        { writes: [ofName(basename(from)), ofName(basename(to)), LISTING] },
      ),

    rm: (path: string): Promise<void> =>
      worldOnStage().step(
        `remove ${basename(path)}`,
        () => {
          const { disk } = worldOnStage();
          if (disk.names.has(basename(path))) disk.change([[basename(path), undefined]]);
          return [undefined, ''];
        },
        { writes: [ofName(basename(path)), LISTING] },
      ),

    stat: (path: string): Promise<Stats> =>
      worldOnStage().step(
        `stat ${basename(path)}`,
        () => {
          const inode = find(path);
          return [statsOf(inode), String(inode.number)];
        },
        { reads: [ofName(basename(path))], writes: [PROMISES] },
      ),
  },

  open: (path: string, flags: string, done: Callback<number>): void => call(open(path, flags), done),
  close: (fd: number, done: Callback): void => call(close(fd), done),
  fdatasync: (fd: number, done: Callback): void => call(flush(fd), done),

  write(fd: number, bytes: Uint8Array, at: number, length: number, position: number, done: Callback<number>): void {
    const { name, inode } = fileOf(fd);
    const copied = Buffer.from(bytes.subarray(at, at + length));
    const world = worldOnStage();
    const write = (): [number, string] => {
      world.disk.write(inode, position, copied);
      return [length, ''];
    };
    call(
      world.step(`write ${name} at ${position}`, write, isTemporary(name) ? undefined : { writes: [ofBytes(name)] }),
      done,
    );
  },

  fstat: (fd: number, done: Callback<Stats>): void =>
    call(stat(fd, { reads: [ofName(fileOf(fd).name)], writes: [PROMISES] }), done),

  /** Of the folder: it is the only thing that is flushed so. */
  fsync(_: number, done: Callback): void {
    const world = worldOnStage();
    const flushed = (): [undefined, string] => {
      world.disk.flushNames();
      return [undefined, ''];
    };
    call(world.step('flush the folder', flushed, world.hasPowerCuts ? { writes: [LISTING] } : undefined), done);
  },

  // At once: for looks at a moment, and the scan after a power cut, when nobody else is there.
  openSync: (path: string): number => fdOf(basename(path), find(path)),
  fstatSync: (fd: number): Stats => statsOf(fileOf(fd).inode),
  readSync: (fd: number, into: Uint8Array, at: number, length: number, position: number): number =>
    copy(fileOf(fd).inode, into, at, length, position),
  closeSync: (fd: number): void => {
    opened[fd] = undefined;
  },
  readdirSync: (): string[] => [...worldOnStage().disk.names.keys()].sort(),
};
