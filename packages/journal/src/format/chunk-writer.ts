import { crc32 } from 'node:zlib';
import type { Memory } from '@millrace/codec';
import { copyBytes } from '#atomics';
import { isBefore, type Progress, START } from '../progress.ts';
import type { BatchRest } from './batch-rest.ts';
import { CHUNK, CHUNK_MAGIC, CHUNK_TARGET_BYTES, pad8 } from './chunk-descriptor.ts';
import { IndexWriter, MOST_ENTRY_BYTES } from './index-writer.ts';

/** Paddings of a chunk at most. */
const PADDING_BYTES = 8;

/** Lays items out as chunks, back to back in a region of memory: each segment of a batch by one copy. */
export class ChunkWriter {
  private readonly memory: Memory;
  private readonly index = new IndexWriter();
  private begin = 0;
  private end = 0;
  /** Where the open chunk begins, or minus one; and how far the region is filled. */
  private chunk = -1;
  private at = 0;
  private chunkItems = 0;
  private chunkBegin: Progress = START;
  /** What the items so far have reached. */
  private sequence = 0;
  private items = 0;

  constructor(memory: Memory) {
    this.memory = memory;
  }

  /** Starts over in the region `[begin, end)`, both multiples of 8, at a position. */
  reset(begin: number, end: number, position: Progress): void {
    this.begin = begin;
    this.end = end;
    this.at = begin;
    this.chunk = -1;
    this.reach(position);
  }

  get position(): Progress {
    return { sequence: this.sequence, items: this.items };
  }

  isEmpty(): boolean {
    return this.at === this.begin;
  }

  /** Bytes that a run may have at most in an empty region. */
  get capacity(): number {
    return this.end - this.begin - mostBytes(0, 1);
  }

  /** Copies a batch in, run by run where not all of it has room. False where some runs are left. */
  append(rest: BatchRest): boolean {
    while (rest.batch !== undefined) {
      const { source, offset, run, end } = rest;
      const bytes = source.length - offset;
      if (this.makeRoom(bytes, end - run)) {
        this.take(rest, end, bytes);
        continue;
      }
      const runBytes = rest.runBytes();
      if (!this.makeRoom(runBytes, 1)) return false;
      this.take(rest, run + 1, runBytes);
    }
    return true;
  }

  /** Copies the one item of the next sequence in. False where it has no room. */
  appendItem(source: Uint8Array, bytes: number): boolean {
    if (!this.makeRoom(bytes, 1)) return false;
    this.index.add(this.sequence, 1);
    this.copy(source, 0, bytes, 1);
    this.sequence++;
    return true;
  }

  /** Closes what is open at a position, which may lie behind the last items. Returns the bytes in the region. */
  finish(position: Progress): number {
    if (isBefore(this.position, position)) {
      if (this.chunk < 0) this.openChunk();
      this.reach(position);
    }
    if (this.chunk >= 0) this.closeChunk();
    return this.at - this.begin;
  }

  private reach({ sequence, items }: Progress): void {
    this.sequence = sequence;
    this.items = items;
  }

  /** Opens a chunk for so many bytes and runs. False where the region has no room for them. */
  private makeRoom(bytes: number, runs: number): boolean {
    const isOpen = this.chunk >= 0;
    const has = isOpen ? this.at - this.chunk + this.index.length : 0;
    const needed = mostBytes(bytes, runs) + (isOpen ? this.index.length + MOST_ENTRY_BYTES + PADDING_BYTES : 0);
    if (this.at + needed > this.end) return false;
    if (isOpen && has + bytes > CHUNK_TARGET_BYTES) this.closeChunk();
    if (this.chunk < 0) this.openChunk();
    return true;
  }

  /** Takes the next runs up to `until`, which have so many bytes. */
  private take(rest: BatchRest, until: number, bytes: number): void {
    const { index } = this;
    const batch = rest.batch!;
    const begin = batch.runBegin(rest.run);
    let { sequence, items } = this;
    let at = begin;
    for (let run = rest.run; run < until; run++) {
      const of = batch.runSequence(run);
      const end = batch.runEnd(run);
      index.add(of, end - at);
      items = of === sequence ? items + end - at : end - at;
      sequence = of;
      at = end;
    }
    this.copy(rest.source, rest.offset, bytes, at - begin);
    const isLast = batch.runEnds(until - 1);
    this.sequence = isLast ? sequence + 1 : sequence;
    this.items = isLast ? 0 : items;
    rest.pass(until, bytes);
  }

  private copy(source: Uint8Array, offset: number, bytes: number, items: number): void {
    copyBytes(this.memory.u8, this.at, source, offset, bytes);
    this.at += bytes;
    this.chunkItems += items;
  }

  private openChunk(): void {
    this.chunk = this.at;
    this.chunkBegin = this.position;
    this.chunkItems = 0;
    this.index.begin(this.sequence);
    this.at += CHUNK.payload;
  }

  private closeChunk(): void {
    const { chunk, chunkBegin, index, memory } = this;
    const { u8, u32, f64 } = memory;
    index.finish();
    u32[(chunk + CHUNK.magic) >> 2] = CHUNK_MAGIC;
    u32[(chunk + CHUNK.itemBytes) >> 2] = this.at - chunk - CHUNK.payload;
    u32[(chunk + CHUNK.items) >> 2] = this.chunkItems;
    u32[(chunk + CHUNK.entries) >> 2] = index.entries;
    copyBytes(u8, this.at, index.bytes, 0, index.length);
    this.at += index.length;
    u8.fill(0, this.at, pad8(this.at));
    this.at = pad8(this.at);
    u32[(chunk + CHUNK.bytes) >> 2] = this.at - chunk;
    f64[(chunk + CHUNK.beginSequence) >> 3] = chunkBegin.sequence;
    f64[(chunk + CHUNK.beginItems) >> 3] = chunkBegin.items;
    f64[(chunk + CHUNK.endSequence) >> 3] = this.sequence;
    f64[(chunk + CHUNK.endItems) >> 3] = this.items;
    u32[(chunk + CHUNK.crc) >> 2] = crc32(u8.subarray(chunk + CHUNK.bytes, this.at), CHUNK_MAGIC);
    this.chunk = -1;
  }
}

/** Bytes that a chunk of its own takes at most. */
const mostBytes = (bytes: number, runs: number): number =>
  CHUNK.payload + bytes + runs * MOST_ENTRY_BYTES + PADDING_BYTES;
