import fs from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Memory, privateMemory } from '@millrace/codec';
import { JournalError } from '../errors.ts';
import type { Chain, Segment } from '../format/chain.ts';
import { CHUNK_HEAD_BYTES } from '../format/chunk-descriptor.ts';
import { chunkLength, readChunk } from '../format/chunk-reader.ts';
import { torn } from '../format/look.ts';
import { segmentName } from '../format/names.ts';
import { type End, PAGE_BYTES } from '../format/page.ts';
import { isBefore, type Progress } from '../progress.ts';

/** A chunk that was checked, at an offset of some memory. */
export interface ChunkView {
  readonly memory: Memory;
  readonly offset: number;
}

/** So much is read at one time, or the whole of a chunk that is longer. */
const WINDOW_BYTES: number = 1024 * 1024;

/**
 * The chunks of a journal, one after the other. Each is checked: that it matches its checksum, that it begins where the last one
 * ended, and that the last one ends where the journal does. What does not is TORN_STORE.
 */
export class ChunkStream {
  private readonly dir: string;
  private fd: number | undefined;
  /** The read that is under way: a file that is being read is not closed. */
  private reading: Promise<unknown> | undefined;
  /** The segment that is being read, and how far it was. */
  private generation = 0;
  private at: End = { byte: 0, sequence: 0, items: 0 };

  constructor(dir: string) {
    this.dir = dir;
  }

  /**
   * The chunks that hold anything from `from` on, up to the end of the chain. Called again with a later chain, it goes on where it
   * stopped. `onMissing` may say why a segment has gone.
   */
  async *read(chain: Chain, from: Progress, onMissing: () => void): AsyncGenerator<ChunkView, void, undefined> {
    const { segments } = chain;
    const last = segments.findLastIndex(({ begin }) => !isBefore(from, begin));
    const own = segments.findIndex(({ generation }) => generation === this.generation);
    for (const segment of segments.slice(own >= 0 ? own : Math.max(0, last))) {
      if (segment.generation !== this.generation) await this.open(segment, onMissing);
      yield* this.readSegment(segment, from);
    }
  }

  async close(): Promise<void> {
    await this.reading?.catch(() => undefined);
    const { fd } = this;
    this.fd = undefined;
    if (fd !== undefined) await promisify(fs.close)(fd);
  }

  private async open({ generation, begin }: Segment, onMissing: () => void): Promise<void> {
    await this.close();
    const name = segmentName(generation);
    try {
      this.fd = await promisify(fs.open)(join(this.dir, name), 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw this.failed(name, error);
      onMissing();
      throw torn(this.dir, name, 'is missing');
    }
    this.generation = generation;
    this.at = { byte: PAGE_BYTES, ...begin };
  }

  private async *readSegment({ generation, end }: Segment, from: Progress): AsyncGenerator<ChunkView, void, undefined> {
    const name = segmentName(generation);
    let most = WINDOW_BYTES;
    while (this.at.byte < end.byte) {
      const start = this.at.byte;
      const memory = await this.window(name, start, Math.min(most, end.byte - start));
      const bytes = Buffer.from(memory.u8.buffer as ArrayBuffer);
      most = WINDOW_BYTES;
      for (let at = 0; at < bytes.length; ) {
        const length = bytes.length - at < CHUNK_HEAD_BYTES ? CHUNK_HEAD_BYTES : chunkLength(bytes, at);
        if (length === undefined || start + at + length > end.byte)
          throw torn(this.dir, name, `has no chunk at byte ${start + at}`);
        if (at + length > bytes.length) {
          most = Math.max(length, WINDOW_BYTES);
          break;
        }
        const isWanted = isBefore(from, this.check(name, bytes.subarray(at, at + length)));
        if (isWanted) yield { memory, offset: at };
        at += length;
      }
    }
    if (isBefore(this.at, end) || isBefore(end, this.at))
      throw torn(this.dir, name, 'does not end where the journal does');
  }

  /** Goes on behind a chunk; returns where that is. */
  private check(name: string, chunk: Buffer): Progress {
    const span = readChunk(chunk);
    const { byte, sequence, items } = this.at;
    const isNext = typeof span !== 'string' && span.begin.sequence === sequence && span.begin.items === items;
    if (!isNext) {
      const fault = typeof span === 'string' ? span : 'does not begin where the last one ended';
      throw torn(this.dir, name, `has a chunk at byte ${byte} that ${fault}`);
    }
    this.at = { byte: byte + chunk.length, ...span.end };
    return span.end;
  }

  private async window(name: string, position: number, length: number): Promise<Memory> {
    const memory = privateMemory(length);
    for (let at = 0; at < length; ) {
      const reading = promisify(fs.read)(this.fd!, memory.u8, at, length - at, position + at);
      this.reading = reading;
      const { bytesRead } = await reading.catch((error: unknown) => {
        throw this.failed(name, error);
      });
      if (bytesRead === 0) throw torn(this.dir, name, `is cut off at byte ${position + at}`);
      at += bytesRead;
    }
    return memory;
  }

  private failed(name: string, cause: unknown): JournalError {
    return new JournalError('STORE_FAILED', `${join(this.dir, name)} cannot be read: see the cause`, { cause });
  }
}
