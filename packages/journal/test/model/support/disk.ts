/**
 * A folder of a file system, in memory: what its processes see, and beside it what a power cut leaves.
 *
 * The rule for a power cut: of the writes to a file since its last flush, each is kept or lost as a whole, in any combination. Of the
 * changes of names since the folder was last flushed, the first ones are kept, up to any of them: a file system with a journal
 * keeps their order.
 */

interface Write {
  readonly position: number;
  readonly bytes: Buffer;
}

export interface Inode {
  readonly number: number;
  /** Replaced at each write, never changed. */
  bytes: Buffer;
  /** A number for these bytes: equal bytes that came about by equal writes have equal numbers. */
  content: number;
  links: number;
  flushed: Buffer;
  unflushed: Write[];
}

/** Names that change together. */
type NameChange = readonly (readonly [name: string, inode: Inode | undefined])[];

const numbers = new Map<string, number>();

/** A small number for a text. */
export function intern(text: string): number {
  const number = numbers.get(text) ?? numbers.size + 1;
  numbers.set(text, number);
  return number;
}

export class Disk {
  readonly names: Map<string, Inode> = new Map<string, Inode>();
  private flushedNames: ReadonlyMap<string, Inode> = new Map<string, Inode>();
  private unflushedNames: NameChange[] = [];
  private readonly hasPowerCuts: boolean;

  /** Without power cuts it does not matter what is flushed, and nothing of it is kept. */
  constructor(hasPowerCuts = false) {
    this.hasPowerCuts = hasPowerCuts;
  }

  make(name: string, number: number): Inode {
    const bytes = Buffer.alloc(0);
    const inode = { number, bytes, content: 0, links: 0, flushed: bytes, unflushed: [] };
    this.change([[name, inode]]);
    return inode;
  }

  /** Gives names to files, or takes them away, in one step. */
  change(names: NameChange): void {
    for (const [name, inode] of names) {
      const before = this.names.get(name);
      if (before !== undefined) before.links--;
      if (inode === undefined) this.names.delete(name);
      else {
        inode.links++;
        this.names.set(name, inode);
      }
    }
    if (this.hasPowerCuts) this.unflushedNames.push(names);
  }

  write(inode: Inode, position: number, bytes: Buffer): void {
    if (this.hasPowerCuts) inode.unflushed.push({ position, bytes });
    inode.content = intern(`${inode.content} ${position} ${bytes.toString('latin1')}`);
    inode.bytes = written(inode.bytes, position, bytes);
  }

  flush(inode: Inode): void {
    inode.flushed = inode.bytes;
    inode.unflushed = [];
  }

  flushNames(): void {
    this.flushedNames = new Map(this.names);
    this.unflushedNames = [];
  }

  /** The same for equal disks. */
  key(): string {
    const files = [...this.names].map(
      ([name, { number, content, unflushed }]) => `${name} ${number} ${content} ${unflushed.length}`,
    );
    const flushed = [...this.flushedNames].map(([name, { number }]) => `${name} ${number}`);
    const unflushed = this.unflushedNames.flat().map(([name, inode]) => `${name} ${inode?.number}`);
    return `${files.sort().join()}|${flushed.sort().join()}|${unflushed.join()}`;
  }

  /** As processes that come later see it. */
  copy(hasPowerCuts = false): Disk {
    return diskOf(this.names, hasPowerCuts, ({ bytes, content }) => ({ bytes, content }));
  }

  /** What a power cut at this moment may leave. */
  *afterPowerCut(): Generator<Disk> {
    for (const changes of this.unflushedNames.map((_, i, all) => all.slice(0, i)).concat([this.unflushedNames])) {
      const names = new Map(this.flushedNames);
      for (const [name, inode] of changes.flat()) {
        if (inode === undefined) names.delete(name);
        else names.set(name, inode);
      }
      const touched = [...new Set(names.values())].filter(({ unflushed }) => unflushed.length > 0);
      for (const kept of products(touched.map(({ unflushed }) => [...subsets(unflushed)]))) {
        const writes = new Map(touched.map((inode, i) => [inode, kept[i]!]));
        yield diskOf(names, false, (inode) => {
          let bytes = inode.flushed;
          for (const write of writes.get(inode) ?? []) bytes = written(bytes, write.position, write.bytes);
          return { bytes, content: intern(bytes.toString('latin1')) };
        });
      }
    }
  }
}

function diskOf(
  names: ReadonlyMap<string, Inode>,
  hasPowerCuts: boolean,
  contentOf: (inode: Inode) => { readonly bytes: Buffer; readonly content: number },
): Disk {
  const disk = new Disk(hasPowerCuts);
  const copies = new Map<Inode, Inode>();
  for (const [name, inode] of names) {
    const { bytes, content } = contentOf(inode);
    const copy = copies.get(inode) ?? { number: inode.number, bytes, content, links: 0, flushed: bytes, unflushed: [] };
    copies.set(inode, copy);
    disk.change([[name, copy]]);
  }
  disk.flushNames();
  return disk;
}

function written(before: Buffer, position: number, bytes: Buffer): Buffer {
  const after = Buffer.alloc(Math.max(before.length, position + bytes.length));
  after.set(before);
  after.set(bytes, position);
  return after;
}

/** Every way to keep some of these, in order. */
function* subsets<T>(all: readonly T[]): Generator<T[]> {
  for (let bits = 2 ** all.length - 1; bits >= 0; bits--) yield all.filter((_, i) => (bits >> i) & 1);
}

/** Every way to take one of each. */
function* products<T>(all: readonly (readonly T[])[]): Generator<T[]> {
  const [first, ...others] = all;
  if (first === undefined) yield [];
  else for (const rest of products(others)) for (const one of first) yield [one, ...rest];
}
