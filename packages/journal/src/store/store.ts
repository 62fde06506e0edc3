import { JournalError, storeFailure } from '../errors.ts';
import type { Segment } from '../format/chain.ts';
import { type JournalHeader, RESTORE } from '../format/header.ts';
import { isAbsence } from '../format/look.ts';
import { segmentName } from '../format/names.ts';
import { type End, encodeMark, MARK_OFFSET, type Mark, PAGE_BYTES } from '../format/page.ts';
import { isBefore, type Progress } from '../progress.ts';
import { type ClaimOptions, claim, claimNext, giveUp, takenOver } from './claim.ts';
import type { Durability } from './durability.ts';
import { clearUnfinished, type Fence, type Folder, makeFolder, NodeFolder, type SegmentFile } from './folder.ts';

export interface StoreOptions extends ClaimOptions {
  readonly durability: Durability;
  /** The store grows to so many bytes and refuses more. */
  readonly maxBytes: number;
}

/** A segment that is longer is followed by a new one. Trimming removes whole segments. */
const MOST_SEGMENT_BYTES: number = 32 * 1024 * 1024;
/** Of a journal with a limit no segment takes more than this part. */
const PART_OF_LIMIT = 8;
const LEAST_SEGMENT_BYTES: number = 2 * PAGE_BYTES;
/** A segment of which everything is trimmed is left for a new one when it is longer. */
const WORTH_LEAVING_BYTES: number = 64 * 1024;

/** A journal, open for writing. One call at a time; none of them blocks the thread. */
export class Store {
  readonly dir: string;
  private readonly options: StoreOptions;
  private readonly folder: Folder;
  private readonly segmentBytes: number;
  private header: JournalHeader;
  private fence: Fence;
  private file: SegmentFile;
  private mark: Mark;
  /** Segments that are complete, the oldest first. */
  private older: readonly Segment[];
  /** Of those, what was not flushed. */
  private unflushed: SegmentFile[] = [];
  /** At durability `batch`: the flush of the last commit. */
  private flushing: Promise<void> | undefined;
  /** What the last flush that is done has covered. */
  private flushed: End;
  private failure: unknown;

  private constructor(
    options: StoreOptions,
    folder: Folder,
    owned: { header: JournalHeader; fence: Fence; file: SegmentFile; mark: Mark; older: readonly Segment[] },
  ) {
    this.dir = options.dir;
    this.options = options;
    this.folder = folder;
    this.segmentBytes = Math.max(
      LEAST_SEGMENT_BYTES,
      Math.min(MOST_SEGMENT_BYTES, Math.floor(options.maxBytes / PART_OF_LIMIT)),
    );
    this.header = owned.header;
    this.fence = owned.fence;
    this.file = owned.file;
    this.mark = owned.mark;
    this.older = owned.older;
    this.flushed = owned.mark.flushed;
  }

  /** Opens a journal for writing, and makes it where there is none. */
  static async open(options: StoreOptions, folder?: Folder): Promise<Store> {
    const { dir, durability } = options;
    const isDurable = durability !== 'none';
    try {
      if (folder === undefined) await makeFolder(dir, isDurable);
      return await openStore(options, folder ?? new NodeFolder(dir, isDurable));
    } catch (error) {
      throw failureOf(error, dir);
    }

    async function openStore(given: StoreOptions, at: Folder): Promise<Store> {
      const { header, fence, sight } = await claim(at, given);
      const { chain } = sight;
      let file: SegmentFile | undefined;
      let mark: Mark | undefined;
      try {
        // An owner that died may have left them in the system's memory alone.
        if (chain.top?.mark.state !== 'closed')
          for (const { generation } of chain.segments) await at.flush(segmentName(generation));
        // A segment without chunks is left out.
        const older = chain.segments.slice(0, chain.segments.findLastIndex(({ end }) => end.byte > PAGE_BYTES) + 1);
        const last = older.at(-1);
        const end: End = { byte: PAGE_BYTES, ...positionOf(chain.position) };
        mark = {
          begin: chain.position,
          previous: last?.generation ?? 0,
          previousEnd: last?.end.byte ?? 0,
          flushed: end,
          committed: end,
          trimmed: chain.trimmed,
          state: 'open',
        };
        file = await at.open(segmentName(header.generation));
        await file.write(encodeMark(mark), MARK_OFFSET);
        if (isDurable) await file.flush();
        if ((await fence.look()) !== 'holds') throw takenOver(dir);
        const kept = new Set(older.map((segment) => segment.generation));
        for (const { generation } of sight.pages)
          if (generation < header.generation && !kept.has(generation)) await at.remove(segmentName(generation));
        await clearUnfinished(at);
        return new Store(given, at, { header, fence, file, mark, older });
      } catch (error) {
        // Another owner removes the segment of one that has acknowledged nothing.
        const isOvertaken = isAbsence(error) && (await fence.look()) === 'replaced';
        await file?.close();
        await fence.close();
        await giveUp(at, header.generation, mark);
        throw isOvertaken ? takenOver(dir) : error;
      }
    }
  }

  get position(): Progress {
    return positionOf(this.mark.committed);
  }

  /** Adds the chunks that lie back to back in `chunks`, which end at `position`. */
  async commit(chunks: Uint8Array, position: Progress): Promise<void> {
    this.expectRoom(chunks.length);
    await this.guarded(async () => {
      const { byte } = this.mark.committed;
      if (byte > PAGE_BYTES && byte + chunks.length > this.segmentBytes) await this.roll();
      // At most one commit that was acknowledged is not flushed.
      await this.flushing;
    });
    await this.write(chunks);
    await this.guarded(() => this.confirm(chunks.length, position));
  }

  /** Refuses readers below a sequence from here on, and removes what lies below it, by whole segments. */
  async trim(below: number): Promise<void> {
    await this.guarded(async () => {
      const { sequence, items } = this.position;
      const trimmed = Math.max(Math.min(below, sequence), this.mark.trimmed);
      if (trimmed > this.mark.trimmed) {
        await this.setMark({ ...this.mark, trimmed });
        // No reader may miss a segment of which it is not said that it was trimmed.
        if (this.isDurable) await this.file.flush();
      }
      await this.expectOwner();
      const isWorthIt = this.mark.committed.byte > Math.min(WORTH_LEAVING_BYTES, this.segmentBytes);
      if (trimmed === sequence && items === 0 && isWorthIt) await this.roll();
      await this.removeBelow(trimmed);
    });
  }

  /** Flushes everything and gives the journal free. */
  async close(): Promise<void> {
    try {
      if (this.failure === undefined) await this.guarded(() => this.release());
      // What was acknowledged stays so, and another owner may come.
      else await this.setMark({ ...this.mark, state: 'failed' }).catch(() => undefined);
    } finally {
      // The number of a file that was closed may be another file's already.
      this.failure = new JournalError('CLOSED', `the journal ${this.dir} was closed: open it again`);
      await this.flushing?.catch(() => undefined);
      for (const file of [...this.unflushed, this.file]) await file.close();
      await this.fence.close();
    }
  }

  private get isDurable(): boolean {
    return this.options.durability !== 'none';
  }

  /** Behind what counts. Where the disk is full, the store is as it was, and has given back what it took. */
  private async write(chunks: Uint8Array): Promise<void> {
    const { byte } = this.mark.committed;
    try {
      await this.file.write(chunks, byte);
    } catch (error) {
      const failure = failureOf(error, this.dir);
      const isUnharmed = await this.file.truncate(byte).then(
        () => failure.code === 'STORE_FULL',
        () => false,
      );
      if (!isUnharmed) this.failure = failure;
      throw failure;
    }
  }

  /** What was written counts from here on. */
  private async confirm(bytes: number, position: Progress): Promise<void> {
    const { file, options, mark } = this;
    const committed: End = { byte: mark.committed.byte + bytes, ...positionOf(position) };
    if (options.durability === 'always') {
      await file.flush();
      this.flushed = committed;
    }
    await this.setMark({ ...mark, committed, flushed: this.flushed });
    await this.expectOwner();
    if (options.durability === 'batch') this.flushBehind(committed);
  }

  private flushBehind(end: End): void {
    this.flushing = this.file.flush().then(() => {
      this.flushed = end;
      this.flushing = undefined;
    });
    // Who waits for it next is told.
    this.flushing.catch(() => undefined);
  }

  private async setMark(mark: Mark): Promise<void> {
    await this.file.write(encodeMark(mark), MARK_OFFSET);
    this.mark = mark;
  }

  /** After the mark and before the acknowledgement: see claim.ts. */
  private async expectOwner(): Promise<void> {
    const [fence, isThere] = await Promise.all([this.fence.look(), this.file.isThere()]);
    if (fence === 'holds' && isThere) return;
    // Another owner removes the segment of one that has acknowledged nothing: after it has put up its fence.
    if (fence === 'replaced' || (await this.fence.look()) === 'replaced') throw takenOver(this.dir);
    throw new JournalError(
      'TORN_STORE',
      `the files of the journal ${this.dir} were deleted or moved while it was open: what was not acknowledged is not recorded; ` +
        RESTORE,
    );
  }

  private expectRoom(bytes: number): void {
    const { maxBytes } = this.options;
    const used = this.mark.committed.byte + this.older.reduce((sum, { end }) => sum + end.byte, 0);
    if (bytes === 0 || used + bytes <= maxBytes) return;
    throw new JournalError(
      'STORE_FULL',
      `the journal ${this.dir} has ${used} bytes, and ${bytes} more would pass its limit, maxBytes ${maxBytes}; ` +
        'what was committed is whole. Trim it, or raise the limit, and start again: it resumes there',
    );
  }

  /** Goes on in a new segment. */
  private async roll(): Promise<void> {
    const { folder, header, mark, file, fence } = this;
    await this.flushing;
    if (this.isDurable) await file.flush();
    const next = await claimNext(folder, header, this.options.owner);
    if (next === undefined) throw takenOver(this.dir);
    this.header = next.header;
    this.fence = next.fence;
    await fence.close();
    const { committed, trimmed } = mark;
    const end: End = { ...committed, byte: PAGE_BYTES };
    const nextFile = await this.openClaimed();
    this.file = nextFile;
    this.older = [...this.older, { generation: header.generation, begin: mark.begin, end: committed }];
    this.flushed = end;
    if (this.isDurable) await file.close();
    else this.unflushed.push(file);
    await this.setMark({
      begin: positionOf(committed),
      previous: header.generation,
      previousEnd: committed.byte,
      flushed: end,
      committed: end,
      trimmed,
      state: 'open',
    });
    if (this.isDurable) await nextFile.flush();
  }

  private async openClaimed(): Promise<SegmentFile> {
    const { folder, fence, header } = this;
    try {
      return await folder.open(segmentName(header.generation));
    } catch (error) {
      if (isAbsence(error) && (await fence.look()) === 'replaced') throw takenOver(this.dir);
      await giveUp(folder, header.generation);
      throw error;
    }
  }

  private async removeBelow(trimmed: number): Promise<void> {
    const begins = [...this.older.slice(1).map(({ begin }) => begin), this.mark.begin];
    const gone = this.older.filter((_, i) => !isBefore({ sequence: trimmed, items: 0 }, begins[i]!));
    for (const { generation } of gone) await this.folder.remove(segmentName(generation));
    this.older = this.older.slice(gone.length);
  }

  private async release(): Promise<void> {
    await this.flushing;
    await this.file.flush();
    for (const file of this.unflushed) await file.flush();
    const { committed } = this.mark;
    await this.setMark({ ...this.mark, flushed: committed, state: 'closed' });
    await this.file.flush();
  }

  /** After a failure nothing more is taken: what the disk has of it is not known. */
  private async guarded(work: () => Promise<void>): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    try {
      await work();
    } catch (error) {
      this.failure = failureOf(error, this.dir);
      throw this.failure;
    }
  }
}

const positionOf = ({ sequence, items }: Progress): Progress => ({ sequence, items });

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

function failureOf(cause: unknown, dir: string): JournalError {
  if (cause instanceof JournalError) return cause;
  if (!FULL.has((cause as NodeJS.ErrnoException | null)?.code ?? '')) return storeFailure(cause, dir);
  return new JournalError(
    'STORE_FULL',
    `the disk of the journal ${dir} is full; what was committed is whole. Free space, or trim the journal, and start again: it resumes there`,
    { cause },
  );
}
