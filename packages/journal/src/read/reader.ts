import { type Codec, codecFromSchema, type Schema } from '@millrace/codec';
import { leavable } from 'native-free-rings/waits';
import { JournalError } from '../errors.ts';
import type { Chain, SegmentPage } from '../format/chain.ts';
import { itemsBelow, partsOf } from '../format/chunk-reader.ts';
import { type JournalHeader, type JournalKind, RESTORE } from '../format/header.ts';
import { lookSync } from '../format/look.ts';
import { compilePath } from '../options.ts';
import { type Progress, START } from '../progress.ts';
import { ChunkStream } from './chunk-stream.ts';
import { PartBatch } from './part-batch.ts';
import { type CompiledReadOptions, compileReadOptions, type ReadOptions } from './read-options.ts';
import { FolderWatch } from './watch.ts';

/**
 * Items of sequences that follow each other, in order: what was written together. Its items stand on their own and may be kept;
 * the batch itself is valid until the next one.
 */
export interface JournalBatch<Item> extends Iterable<Item> {
  /** Sequence of the first item. */
  readonly sequence: number;
  /** Index of the first item within its sequence's output. */
  readonly first: number;
  readonly length: number;
  /** Where a reader that has all of this batch goes on. */
  readonly end: Progress;
  /** The last item is the last of its sequence. */
  readonly last: boolean;
  at(index: number): Item;
  toArray(): Item[];
  /** Sequence of item `index`. */
  sequenceAt(index: number): number;
  /**
   * A run is what the batch has of one sequence. `runs` says how many there are, at least 1; the others take the index of a run,
   * from 0: of which sequence it is, its first item and the one behind its last (indexes of the batch, as `at` takes them), the
   * index of its first item within the sequence's output, and whether the sequence ends with it.
   */
  readonly runs: number;
  runSequence(run: number): number;
  runBegin(run: number): number;
  runEnd(run: number): number;
  runFirst(run: number): number;
  runEnds(run: number): boolean;
}

/** A loop over a journal, and how it is ended from outside. */
export class ReadLoop {
  readonly options: CompiledReadOptions;
  /** Rings when there is more, while the loop waits. */
  watch: FolderWatch | undefined;
  private isLeft = false;
  private reason: unknown;

  constructor(options: CompiledReadOptions) {
    this.options = options;
  }

  /** Whoever reads wants no more. */
  leave(): void {
    this.isLeft = true;
    this.watch?.ring();
  }

  /** Nothing more will come: what is committed is still read, and then this is thrown. */
  endWith(reason: unknown): void {
    this.reason = reason;
    // The loop may stand where nobody goes on, and it must not keep the process alive.
    this.watch?.close();
  }

  /** To be looked at before the store is: what to do when that has no more. */
  look(): { readonly isLeft: boolean; readonly reason: unknown } {
    return { isLeft: this.isLeft, reason: this.reason };
  }
}

/** Reads a journal, also while another process writes it. */
export class JournalReader<Item = unknown> implements AsyncDisposable {
  readonly dir: string;
  readonly kind: JournalKind;
  readonly schema: Schema;
  readonly codec: Codec<Item, never>;
  private readonly id: string;
  /** Pages of segments that are complete. */
  private readonly known = new Map<number, SegmentPage>();
  private readonly watches = new Set<FolderWatch>();
  private readonly streams = new Set<ChunkStream>();
  private isClosed = false;

  constructor(dir: string, header: JournalHeader) {
    this.dir = dir;
    this.kind = header.kind;
    this.schema = header.schema;
    this.id = header.id;
    this.codec = codecFromSchema(header.schema) as Codec<Item, never>;
  }

  /** How far the journal has come: where a flow resumes. */
  position(): Progress {
    return this.look().position;
  }

  /** The sequence below which it was trimmed. */
  begin(): number {
    return this.look().trimmed;
  }

  /** Items one by one. */
  items(options: ReadOptions = {}): AsyncGenerator<Item, void, undefined> {
    const loop = new ReadLoop(compileReadOptions('items', options));
    return leavable(this.readItems(loop), () => loop.leave());
  }

  /** Items in batches: faster, and each says where it stands. */
  batches(options: ReadOptions = {}): AsyncGenerator<JournalBatch<Item>, void, undefined> {
    const loop = new ReadLoop(compileReadOptions('batches', options));
    return leavable(this.readBatches(loop), () => loop.leave());
  }

  /** @internal The same as `items`, for a loop that somebody else may end. */
  async *readItems(loop: ReadLoop): AsyncGenerator<Item, void, undefined> {
    for await (const batch of this.readBatches(loop)) yield* batch;
  }

  private async *readBatches(loop: ReadLoop): AsyncGenerator<JournalBatch<Item>, void, undefined> {
    const { from, follow, signal } = loop.options;
    signal?.throwIfAborted();
    const watch = follow ? this.watch() : undefined;
    loop.watch = watch;
    const chunks = new ChunkStream(this.dir);
    this.streams.add(chunks);
    try {
      let reached = from;
      for (;;) {
        watch?.listen();
        const { isLeft, reason } = loop.look();
        if (isLeft) return;
        const chain = this.look();
        let at: Progress = reached ?? { sequence: chain.trimmed, items: 0 };
        this.expectThere(chain, at);
        for await (const chunk of chunks.read(chain, at, () => this.expectThere(this.look(), at))) {
          for (const part of partsOf(chunk.memory, chunk.offset)) {
            const skip = itemsBelow(part, at);
            if (skip === part.index.items) continue;
            const batch = new PartBatch(chunk.memory, this.codec, part, skip);
            at = batch.end;
            yield batch;
            signal?.throwIfAborted();
            this.expectOpen();
          }
        }
        reached = at;
        if (watch === undefined) return;
        if (reason !== undefined) throw reason;
        await watch.wait(signal);
      }
    } finally {
      this.streams.delete(chunks);
      await chunks.close();
      if (watch !== undefined) {
        this.watches.delete(watch);
        watch.close();
      }
    }
  }

  /** Ends the reading. A loop that waits for more then throws CLOSED. */
  async close(): Promise<void> {
    this.isClosed = true;
    // Of loops that nobody has ended, too: they must not keep the process alive.
    for (const watch of this.watches) watch.close();
    await Promise.all([...this.streams].map((stream) => stream.close()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private watch(): FolderWatch {
    const watch = new FolderWatch(this.dir);
    this.watches.add(watch);
    return watch;
  }

  private look(): Chain {
    this.expectOpen();
    const sight = lookSync(this.dir, this.known);
    if (sight !== 'absent' && sight.header.id === this.id) return sight.chain;
    const what = sight === 'absent' ? 'was deleted or moved' : 'was replaced by another one';
    throw new JournalError('TORN_STORE', `the journal ${this.dir} ${what} while it was read: ${RESTORE}`);
  }

  private expectThere({ trimmed }: Chain, at: Progress): void {
    if (at.sequence >= trimmed) return;
    throw new JournalError(
      'TRIMMED',
      `sequence ${at.sequence} of the journal ${this.dir} is gone: it was trimmed below ${trimmed}. Read from there on, or trim later`,
    );
  }

  private expectOpen(): void {
    if (this.isClosed)
      throw new JournalError('CLOSED', `the reader of the journal ${this.dir} was closed: open another one`);
  }
}

/** Opens a journal for reading, in any process. `Item` is what the caller knows of its records; the schema stands in the journal. */
export function openJournal<Item = unknown>(dir: string): JournalReader<Item> {
  const path = compilePath('openJournal', dir);
  const sight = lookSync(path);
  if (sight === 'absent') {
    throw new JournalError('NO_JOURNAL', `there is no journal at ${path}: give the folder that a writer has opened`);
  }
  return new JournalReader<Item>(path, sight.header);
}

/** Where a flow that writes this journal resumes; the start when there is none yet. */
export async function journalPosition(dir: string): Promise<Progress> {
  const sight = lookSync(compilePath('journalPosition', dir));
  return sight === 'absent' ? START : sight.chain.position;
}
