import { resolve } from 'node:path';
import { type Codec, codecFromSchema, type Memory, type Schema } from '@millrace/codec';
import { leavable } from 'native-free-rings/waits';
import { chunkFault, ItemReader, privateMemory, type RecordView, recordsOf } from './chunk-reader.ts';
import { chunkKeyAt, type Database, openDatabase, readPosition, readTrimmed } from './database.ts';
import { Doorbell } from './doorbell.ts';
import { JournalError } from './errors.ts';
import { inspect, type JournalHeader, type JournalKind } from './files.ts';
import { CHUNKS_END, chunkKey } from './keys.ts';
import { isBefore, type Position, type Progress } from './progress.ts';

export interface ReadOptions {
  /** Where to begin: a sequence, or `{ sequence, items }`. Default: the oldest that is there. */
  from?: Position;
  /** Wait at the end for more, until `signal` is aborted. Default false: end with what is committed now. */
  follow?: boolean;
  /** Ends the reading; the loop then throws its reason. */
  signal?: AbortSignal;
}

/** A run of items, in order. Its items stand on their own and may be kept; the batch itself is valid until the next one. */
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
  /** Sequence of item `index`: a batch may span sequences that have one item each. */
  sequenceAt(index: number): number;
  toArray(): Item[];
}

/** A loop over a journal, and how it is ended from outside. */
export class ReadLoop {
  /** Rings when there is more, while the loop waits. */
  doorbell: Doorbell | undefined;
  private isLeft = false;
  private reason: unknown;

  /** Whoever reads wants no more. */
  leave(): void {
    this.isLeft = true;
    this.doorbell?.ring();
  }

  /** Nothing more will come: what is committed is still read, and then this is thrown. */
  endWith(reason: unknown): void {
    this.reason = reason;
    this.doorbell?.ring();
  }

  /** To be looked at before the store is: what to do when that has no more. */
  look(): { readonly isLeft: boolean; readonly reason: unknown } {
    return { isLeft: this.isLeft, reason: this.reason };
  }
}

/** Chunks fetched in one look at the store: about a mebibyte. */
const CHUNKS_AT_ONCE = 16;

/** Reads a journal, also while another process writes it. */
export class JournalReader<Item = unknown> implements AsyncDisposable {
  readonly dir: string;
  readonly kind: JournalKind;
  readonly schema: Schema;
  readonly codec: Codec<Item, never>;
  private readonly database: Database;
  private readonly doorbells = new Set<Doorbell>();
  private isClosed = false;

  constructor(dir: string, header: JournalHeader) {
    this.dir = dir;
    this.kind = header.kind;
    this.schema = header.schema;
    this.codec = codecFromSchema(header.schema) as Codec<Item, never>;
    this.database = openDatabase(dir, 'always');
  }

  /** How far the journal has come: where a flow resumes. */
  position(): Progress {
    this.expectOpen();
    this.database.resetReadTxn();
    return readPosition(this.database);
  }

  /** The sequence below which it was trimmed. */
  begin(): number {
    this.expectOpen();
    this.database.resetReadTxn();
    return readTrimmed(this.database);
  }

  /** Items one by one. */
  items(options: ReadOptions = {}): AsyncGenerator<Item, void, undefined> {
    const loop = new ReadLoop();
    return leavable(this.readItems(options, loop), () => loop.leave());
  }

  /** Items in batches: faster, and each says where it stands. */
  batches(options: ReadOptions = {}): AsyncGenerator<JournalBatch<Item>, void, undefined> {
    const loop = new ReadLoop();
    return leavable(this.readBatches(options, loop), () => loop.leave());
  }

  /** @internal The same as `items`, for a loop that somebody else may end. */
  async *readItems(options: ReadOptions, loop: ReadLoop): AsyncGenerator<Item, void, undefined> {
    for await (const batch of this.readBatches(options, loop)) yield* batch;
  }

  private async *readBatches(
    options: ReadOptions,
    loop: ReadLoop,
  ): AsyncGenerator<JournalBatch<Item>, void, undefined> {
    const { follow = false, signal } = options;
    signal?.throwIfAborted();
    let at = positionOf(options.from ?? this.begin());
    const end = follow ? undefined : this.position();
    const doorbell = follow ? this.listen() : undefined;
    loop.doorbell = doorbell;
    try {
      for (;;) {
        doorbell?.listen();
        const { isLeft, reason } = loop.look();
        if (isLeft) return;
        for (;;) {
          const chunks = this.fetch(at);
          for (const chunk of chunks) {
            for (const batch of this.batchesOf(chunk, at)) {
              if (end !== undefined && !isBefore({ sequence: batch.sequence, items: batch.first }, end)) return;
              at = batch.end;
              yield batch;
              signal?.throwIfAborted();
            }
          }
          if (chunks.length < CHUNKS_AT_ONCE) break;
        }
        if (doorbell === undefined) return;
        if (reason !== undefined) throw reason;
        await doorbell.wait(signal);
        this.expectOpen();
      }
    } finally {
      if (doorbell !== undefined) {
        this.doorbells.delete(doorbell);
        doorbell.close();
      }
    }
  }

  /** Gives the store back. A loop that waits for more then throws CLOSED. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const doorbell of this.doorbells) doorbell.ring();
    await this.database.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private listen(): Doorbell {
    const doorbell = new Doorbell(this.dir);
    this.doorbells.add(doorbell);
    return doorbell;
  }

  /** The chunks from a position on, a bounded number of them, as they are at this moment. */
  private fetch(at: Progress): Buffer[] {
    this.expectOpen();
    const { database } = this;
    database.resetReadTxn();
    const trimmed = readTrimmed(database);
    if (at.sequence < trimmed) {
      throw new JournalError(
        'TRIMMED',
        `sequence ${at.sequence} of the journal ${this.dir} is gone: it was trimmed below ${trimmed}. Read from there on, or trim later`,
      );
    }
    const start = chunkKeyAt(database, at) ?? chunkKey(at);
    const chunks = [...database.getRange({ start, end: CHUNKS_END, limit: CHUNKS_AT_ONCE })].map(({ value }) => value);
    // An old snapshot that is kept would keep its pages from being used again.
    database.resetReadTxn();
    return chunks;
  }

  private *batchesOf(chunk: Buffer, from: Progress): Generator<JournalBatch<Item>> {
    const fault = chunkFault(chunk);
    if (fault !== undefined) {
      throw new JournalError(
        'TORN_STORE',
        `a chunk of the journal ${this.dir} ${fault}: restore the folder from a copy, or move it away and start a new journal`,
      );
    }
    const memory = privateMemory(chunk.length);
    memory.u8.set(chunk);
    for (const record of recordsOf(memory, from)) yield new ReaderBatch(memory, this.codec, record, record.skip);
  }

  private expectOpen(): void {
    if (this.isClosed)
      throw new JournalError('CLOSED', `the reader of the journal ${this.dir} was closed: open another one`);
  }
}

class ReaderBatch<Item> implements JournalBatch<Item> {
  readonly sequence: number;
  readonly first: number;
  readonly length: number;
  readonly last: boolean;
  readonly end: Progress;
  private readonly each: boolean;
  private readonly skip: number;
  private readonly reader: ItemReader<Item>;

  constructor(memory: Memory, codec: Codec<Item, never>, record: RecordView, skip: number) {
    const { sequence, first, items, last, each } = record;
    this.reader = new ItemReader(memory, codec, record.offset);
    this.skip = skip;
    this.each = each;
    this.sequence = each ? sequence + skip : sequence;
    this.first = each ? 0 : first + skip;
    this.length = items - skip;
    this.last = last;
    const next = sequence + (each ? items : 1);
    this.end = last ? { sequence: next, items: 0 } : { sequence, items: first + items };
  }

  at(index: number): Item {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(`item ${index} of a batch of ${this.length}: give an index from 0 to ${this.length - 1}`);
    }
    return this.reader.read(this.skip + index);
  }

  sequenceAt(index: number): number {
    return this.each ? this.sequence + index : this.sequence;
  }

  toArray(): Item[] {
    return Array.from({ length: this.length }, (_, i) => this.at(i));
  }

  *[Symbol.iterator](): Iterator<Item> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }
}

function positionOf(from: Position): Progress {
  const { sequence, items = 0 } = typeof from === 'number' ? { sequence: from } : from;
  for (const value of [sequence, items]) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new JournalError(
        'BAD_OPTIONS',
        `from is ${String(value)}; give a sequence, an integer from 0 on, or { sequence, items }`,
      );
    }
  }
  return { sequence, items };
}

/** Opens a journal for reading, in any process. `Item` is what the caller knows of its records; the schema stands in the journal. */
export function openJournal<Item = unknown>(dir: string): JournalReader<Item> {
  const path = resolve(dir);
  const header = inspect(path);
  if (header === 'absent') {
    throw new JournalError('NO_JOURNAL', `there is no journal at ${path}: give the folder that a writer has opened`);
  }
  return new JournalReader<Item>(path, header);
}

/** Where a flow that writes this journal resumes; the start when there is none yet. */
export async function journalPosition(dir: string): Promise<Progress> {
  if (inspect(resolve(dir)) === 'absent') return { sequence: 0, items: 0 };
  await using reader = openJournal(dir);
  return reader.position();
}
