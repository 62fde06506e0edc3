import type { Codec } from '@millrace/codec';
import { JournalError } from '../errors.ts';
import { privateMemory } from '../format/chunk-reader.ts';
import { ChunkWriter, type EncodedRun } from '../format/chunk-writer.ts';
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
  /** Everything below was given to this recorder, or is in the store. */
  private reached: Progress;
  private sent: Progress;
  private committing: Promise<void> | undefined;
  private isClosed = false;

  private constructor(store: Store, codec: Codec<unknown, never>, stagingBytes: number) {
    const memory = privateMemory(2 * stagingBytes);
    this.store = store;
    this.dir = store.dir;
    this.bytes = memory.u8;
    this.halfBytes = stagingBytes;
    this.chunks = new ChunkWriter(memory, codec.kind === 'variable');
    this.reached = store.position;
    this.sent = store.position;
    this.reset();
  }

  /** Opens the store for this thread. */
  static async open(options: RecorderOptions, codec: Codec<unknown, never>): Promise<Recorder> {
    expectSchema(options.dir, options.schema);
    const store = await Store.open({ ...options, owner: thisThread() });
    return new Recorder(store, codec, options.stagingBytes);
  }

  get position(): Progress {
    return this.reached;
  }

  /** Copies a batch in. False when it has to wait for room: `send`, and try again. */
  append(batch: EncodedRun): boolean {
    const { sequence, first, length, last } = batch;
    const { reached } = this;
    if (sequence < reached.sequence || first !== (sequence === reached.sequence ? reached.items : 0)) {
      throw new JournalError(
        'OUT_OF_ORDER',
        `item ${first} of sequence ${sequence} does not follow what the journal ${this.dir} has: everything below sequence ` +
          `${reached.sequence}, and ${reached.items} items of it. Start the flow at the journal's position`,
      );
    }
    if (!this.chunks.append(batch)) {
      if (!this.chunks.isEmpty()) return false;
      throw new JournalError(
        'RECORD_TOO_LARGE',
        `${batch.bytes} bytes of sequence ${sequence} are more than the ${this.chunks.capacity} that the journal ${this.dir} takes at one time: ` +
          'raise stagingBytes, or lower batchBytes',
      );
    }
    this.reached = last ? { sequence: sequence + 1, items: 0 } : { sequence, items: first + length };
    return true;
  }

  /** Has what is gathered committed when the commit before is done, and goes on gathering in the other half. */
  async send(): Promise<void> {
    await this.settled();
    // Others may have waited for the same.
    if (this.committing === undefined) this.start(this.reached);
  }

  /** Commits what is gathered, and `progress` with it. */
  async commit(progress: Progress): Promise<void> {
    for (;;) {
      await this.settled();
      if (this.committing !== undefined) continue;
      if (!isBefore(this.sent, progress)) return;
      this.start(isBefore(this.reached, progress) ? progress : this.reached);
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
    this.reached = progress;
    this.sent = progress;
    this.half = 1 - this.half;
    this.reset();
    const committing = this.store.commit(this.bytes.subarray(begin, begin + length), progress);
    this.committing = committing.then(() => {
      this.committing = undefined;
    });
    // Who waits for it next is told.
    this.committing.catch(() => undefined);
  }

  private reset(): void {
    const begin = this.half * this.halfBytes;
    this.chunks.reset(begin, begin + this.halfBytes, this.reached);
  }
}
