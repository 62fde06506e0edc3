import { crc32 } from 'node:zlib';
import type { Memory } from '@millrace/codec';
import { copyBytes } from '#atomics';
import { isBefore, type Progress, START } from '../progress.ts';
import { CHUNK, CHUNK_MAGIC, CHUNK_TARGET_BYTES, FLAG, pad4, pad8, RECORD } from './chunk-descriptor.ts';

/** Items of one sequence, as they lie in memory. */
export interface EncodedRun {
  readonly sequence: number;
  readonly first: number;
  readonly length: number;
  readonly last: boolean;
  readonly source: Uint8Array;
  readonly offset: number;
  readonly bytes: number;
}

/**
 * Lays batches out as chunks, back to back in a region of memory. What continues the record before it is joined to it, so
 * that a sequence of one item costs its bytes and no header.
 */
export class ChunkWriter {
  private readonly memory: Memory;
  /** Items of varying length: each begins at a multiple of four. */
  private readonly variable: boolean;
  private begin = 0;
  private end = 0;
  /** Where the open chunk begins, and how far the region is filled. */
  private chunk = 0;
  private at = 0;
  /** The open record; minus one when there is none. */
  private record = -1;
  private recordSequence = 0;
  private recordNext = 0;
  private recordItems = 0;
  private recordFlags = 0;
  private recordBytes = 0;
  /** Where the open chunk begins, as a position, and what was reached by the batches so far. */
  private chunkBegin: Progress = START;
  private reached: Progress = START;

  constructor(memory: Memory, variable: boolean) {
    this.memory = memory;
    this.variable = variable;
  }

  /** Starts over in the region `[begin, end)`, both multiples of 8, at a position. */
  reset(begin: number, end: number, position: Progress): void {
    this.reached = position;
    this.begin = begin;
    this.end = end;
    this.at = begin;
    this.chunk = -1;
    this.record = -1;
  }

  isEmpty(): boolean {
    return this.at === this.begin;
  }

  /** Bytes that a batch may have at most in an empty region. */
  get capacity(): number {
    return this.end - this.begin - CHUNK.records - RECORD.payload - 8;
  }

  /** Copies a batch in; false when the region has no room left. */
  append(batch: EncodedRun): boolean {
    const bytes = this.variable ? pad4(batch.bytes) : batch.bytes;
    if (this.at + bytes + CHUNK.records + RECORD.payload + 8 > this.end) return false;
    if (this.chunk >= 0 && this.at - this.chunk + bytes + RECORD.payload > CHUNK_TARGET_BYTES) this.closeChunk();
    if (this.chunk < 0) this.openChunk();
    const joint = this.jointFlags(batch);
    if (joint < 0) this.openRecord(batch);
    else {
      this.recordItems += batch.length;
      this.recordFlags = joint;
    }
    copyBytes(this.memory.u8, this.at, batch.source, batch.offset, batch.bytes);
    this.at += bytes;
    this.recordBytes += bytes;
    this.recordNext = batch.first + batch.length;
    this.reached = batch.last
      ? { sequence: batch.sequence + 1, items: 0 }
      : { sequence: batch.sequence, items: this.recordNext };
    return true;
  }

  /** Closes what is open at a position, which may lie behind the last batch. Returns the bytes in the region. */
  finish(position: Progress): number {
    if (isBefore(this.reached, position)) {
      if (this.chunk < 0) this.openChunk();
      this.reached = position;
    }
    if (this.chunk >= 0) this.closeChunk();
    return this.at - this.begin;
  }

  /** Flags of the open record once the batch has joined it, or minus one. */
  private jointFlags({ sequence, first, length, last }: EncodedRun): number {
    if (this.record < 0) return -1;
    const each = (this.recordFlags & FLAG.each) !== 0;
    if (!each && sequence === this.recordSequence && first === this.recordNext) return last ? FLAG.last : 0;
    const one = length === 1 && first === 0 && last && sequence === this.recordSequence + this.recordItems;
    const wasOne = each || (this.recordItems === 1 && this.recordFlags === FLAG.last && this.recordNext === 1);
    return one && wasOne ? FLAG.each | FLAG.last : -1;
  }

  private openChunk(): void {
    const { u32 } = this.memory;
    this.chunk = this.at;
    this.chunkBegin = this.reached;
    u32[(this.at + CHUNK.magic) >> 2] = CHUNK_MAGIC;
    u32[((this.at + CHUNK.bytes) >> 2) + 1] = 0;
    this.at += CHUNK.records;
  }

  private openRecord({ sequence, first, length, last }: EncodedRun): void {
    this.closeRecord();
    const { f64 } = this.memory;
    this.record = this.at;
    f64[(this.at + RECORD.sequence) >> 3] = sequence;
    f64[(this.at + RECORD.first) >> 3] = first;
    this.at += RECORD.payload;
    this.recordSequence = sequence;
    this.recordItems = length;
    this.recordFlags = last ? FLAG.last : 0;
    this.recordBytes = 0;
  }

  private closeRecord(): void {
    if (this.record < 0) return;
    const { u32 } = this.memory;
    u32[(this.record + RECORD.items) >> 2] = this.recordItems;
    u32[(this.record + RECORD.flags) >> 2] = this.recordFlags;
    u32[(this.record + RECORD.bytes) >> 2] = this.recordBytes;
    u32[((this.record + RECORD.bytes) >> 2) + 1] = 0;
    const end = pad8(this.at);
    this.memory.u8.fill(0, this.at, end);
    this.at = end;
    this.record = -1;
  }

  private closeChunk(): void {
    this.closeRecord();
    const { chunk, chunkBegin, reached } = this;
    const { u8, u32, f64 } = this.memory;
    u32[(chunk + CHUNK.bytes) >> 2] = this.at - chunk;
    f64[(chunk + CHUNK.beginSequence) >> 3] = chunkBegin.sequence;
    f64[(chunk + CHUNK.beginItems) >> 3] = chunkBegin.items;
    f64[(chunk + CHUNK.endSequence) >> 3] = reached.sequence;
    f64[(chunk + CHUNK.endItems) >> 3] = reached.items;
    u32[(chunk + CHUNK.crc) >> 2] = crc32(u8.subarray(chunk + CHUNK.bytes, this.at));
    this.chunk = -1;
  }
}
