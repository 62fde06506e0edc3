import type { Codec, Schema } from '@millrace/codec';
import type { ChannelClient } from './channel.ts';
import { ChunkWriter, type EncodedBatch } from './chunk-writer.ts';
import type { Durability } from './durability.ts';
import { JournalError } from './errors.ts';
import type { JournalKind } from './files.ts';
import { thisThread } from './owner.ts';
import { isBefore, type Progress, START } from './progress.ts';
import type { StoreOptions } from './store.ts';

export interface RecorderOptions {
  readonly dir: string;
  readonly kind: JournalKind;
  readonly schema: Schema;
  readonly durability: Durability;
  readonly maxBytes: number;
}

/**
 * Gathers batches in one half of the channel's memory while the store commits the other. Memory is bounded: when both are
 * full, the caller waits.
 */
export class Recorder {
  private readonly client: ChannelClient;
  private readonly chunks: ChunkWriter;
  private readonly dir: string;
  private half = 0;
  /** Everything below was given to this recorder, or is in the store. */
  private reached: Progress = START;
  private sent: Progress = START;

  constructor(client: ChannelClient, dir: string, codec: Codec<unknown, never>) {
    this.client = client;
    this.chunks = new ChunkWriter(client.memory, codec.kind === 'variable');
    this.dir = dir;
  }

  get position(): Progress {
    return this.reached;
  }

  /** Takes the channel, opens the store, and returns where it stands. */
  async open(options: RecorderOptions): Promise<Progress> {
    const { client } = this;
    client.attach();
    // Of a client before this one, whose thread is gone, an answer may be due.
    await client.settleAsync().catch(() => undefined);
    client.open({ ...options, owner: thisThread() } satisfies StoreOptions);
    try {
      this.reached = await client.settleAsync();
    } catch (error) {
      client.detach();
      throw error;
    }
    this.sent = this.reached;
    this.reset();
    return this.reached;
  }

  /** Copies a batch in. False when it has to wait for room: send, and try again. */
  append(batch: EncodedBatch): boolean {
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

  /** Whether a commit of `progress` has something to do. */
  isBehind(progress: Progress): boolean {
    return !this.chunks.isEmpty() || isBefore(this.sent, progress);
  }

  /** Has what is gathered committed, and `progress` with it. The answer to the commit before has to be settled. */
  send(progress: Progress): void {
    if (isBefore(this.reached, progress)) this.reached = progress;
    this.sent = this.reached;
    this.client.commit(this.half, this.chunks.finish(), this.sent);
    this.half = 1 - this.half;
    this.reset();
  }

  private reset(): void {
    const { begin, end } = this.client.regionOf(this.half);
    this.chunks.reset(begin, end);
  }
}
