import { type Codec, privateMemory } from '@millrace/codec';
import { JournalError } from '../errors.ts';
import { BatchRest, type EncodedBatch } from '../format/batch-rest.ts';
import { ChunkWriter } from '../format/chunk-writer.ts';
import { expectSchema } from '../format/header.ts';
import { isBefore, type Progress } from '../progress.ts';
import { thisThread } from './owner.ts';
import { Store, type StoreOptions } from './store.ts';

export interface RecorderOptions extends Omit<StoreOptions, 'owner'> {
  /** Bytes of one half of the memory. */
  readonly stagingBytes: number;
}

/**
 * Gathers batches in one half of its memory while the store commits the other. Memory is bounded: when both are full, the caller
 * waits.
 */
export class Recorder {
  private readonly store: Store;
  private readonly dir: string;
  private readonly bytes: Uint8Array;
  private readonly halfBytes: number;
  private readonly chunks: ChunkWriter;
  private half = 0;
  /** Of the batch that is being appended. */
  private readonly rest: BatchRest;
  private sent: Progress;
  private committing: Promise<void> | undefined;
  private isClosed = false;

  private constructor(store: Store, codec: Codec<unknown, never>, stagingBytes: number) {
    const memory = privateMemory(2 * stagingBytes);
    this.store = store;
    this.dir = store.dir;
    this.bytes = memory.u8;
    this.halfBytes = stagingBytes;
    this.chunks = new ChunkWriter(memory);
    this.rest = new BatchRest(codec.kind === 'fixed' ? codec.size : 0);
    this.sent = store.position;
    this.reset(store.position);
  }

  /** Opens the store for this thread. */
  static async open(options: RecorderOptions, codec: Codec<unknown, never>): Promise<Recorder> {
    expectSchema(options.dir, options.schema);
    const store = await Store.open({ ...options, owner: thisThread() });
    return new Recorder(store, codec, options.stagingBytes);
  }

  /** Everything below was given to this recorder, or is in the store. */
  get position(): Progress {
    return this.chunks.position;
  }

  /** Copies a batch in. False where a part of it has to wait for room: `send`, and then `appendRest`. */
  append(batch: EncodedBatch): boolean {
    this.expectNext(batch);
    this.rest.begin(batch);
    return this.appendRest();
  }

  /** The same for what is left of the batch. */
  appendRest(): boolean {
    const { chunks, rest } = this;
    if (chunks.append(rest)) return true;
    if (chunks.isEmpty()) throw this.tooLarge(rest.batch!.runSequence(rest.run), rest.runBytes());
    return false;
  }

  /** Copies in the one item of the next sequence. False when it has to wait for room: `send`, and try again. */
  appendItem(source: Uint8Array, bytes: number): boolean {
    if (this.chunks.appendItem(source, bytes)) return true;
    if (this.chunks.isEmpty()) throw this.tooLarge(this.position.sequence, bytes);
    return false;
  }

  /** Has what is gathered committed when the commit before is done, and goes on gathering in the other half. */
  async send(): Promise<void> {
    await this.settled();
    // Others may have waited for the same.
    if (this.committing === undefined) this.start(this.position);
  }

  /** Commits what is gathered, and `progress` with it. */
  async commit(progress: Progress): Promise<void> {
    for (;;) {
      await this.settled();
      if (this.committing !== undefined) continue;
      if (!isBefore(this.sent, progress)) return;
      const { position } = this;
      this.start(isBefore(position, progress) ? progress : position);
    }
  }

  /** Also after a commit that was refused: that may be why. */
  async trim(below: number): Promise<void> {
    await this.settled().catch(() => undefined);
    await this.store.trim(below);
  }

  /** Gives the journal free. What is gathered and not committed is not recorded. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.settled().catch(() => undefined);
    await this.store.close();
  }

  /** The commit that runs is done; throws what it failed with. */
  private async settled(): Promise<void> {
    await this.committing;
  }

  private start(progress: Progress): void {
    // A batch that waited for room goes on when the commit before is done, as the store's end does.
    if (this.isClosed) throw new JournalError('CLOSED', `the journal ${this.dir} was closed: open it again`);
    const begin = this.half * this.halfBytes;
    const length = this.chunks.finish(progress);
    this.sent = progress;
    this.half = 1 - this.half;
    this.reset(progress);
    const committing = this.store.commit(this.bytes.subarray(begin, begin + length), progress);
    this.committing = committing.then(() => {
      this.committing = undefined;
    });
    // Who waits for it next is told.
    this.committing.catch(() => undefined);
  }

  private expectNext(batch: EncodedBatch): void {
    const { sequence, first, runs } = batch;
    const { position } = this;
    let isNext = sequence >= position.sequence && first === (sequence === position.sequence ? position.items : 0);
    for (let run = 1, before = sequence; run < runs; run++) {
      const of = batch.runSequence(run);
      isNext &&= of >= before;
      before = of;
    }
    if (isNext) return;
    throw new JournalError(
      'OUT_OF_ORDER',
      `item ${first} of sequence ${sequence}, with what is behind it, does not follow what the journal ${this.dir} has: everything ` +
        `below sequence ${position.sequence}, and ${position.items} items of it. Start the flow at the journal's position`,
    );
  }

  private tooLarge(sequence: number, bytes: number): JournalError {
    return new JournalError(
      'RECORD_TOO_LARGE',
      `${bytes} bytes of sequence ${sequence} are more than the ${this.chunks.capacity} that the journal ${this.dir} takes at one time: ` +
        'raise stagingBytes, or lower batchBytes',
    );
  }

  private reset(position: Progress): void {
    const begin = this.half * this.halfBytes;
    this.chunks.reset(begin, begin + this.halfBytes, position);
  }
}
