import { crc32 } from 'node:zlib';
import type { Codec, Memory } from '@millrace/codec';
import { isBefore, type Progress } from '../progress.ts';
import { CHUNK, CHUNK_HEAD_BYTES, CHUNK_MAGIC, LENGTH_BYTES, pad4 } from './chunk-descriptor.ts';
import { CHUNK_MAGIC_2, recordsOf } from './chunk-version-2.ts';
import { type ChunkPart, RunIndex } from './run-index.ts';

/** Positions between which a chunk lies. */
export interface ChunkSpan {
  readonly begin: Progress;
  readonly end: Progress;
}

/** Length of the chunk that begins at `at`, of which at least `CHUNK.beginSequence` bytes are there; undefined for what is no chunk. */
export function chunkLength(bytes: Buffer, at: number): number | undefined {
  const magic = bytes.readUInt32LE(at + CHUNK.magic);
  const length = bytes.readUInt32LE(at + CHUNK.bytes);
  const isChunk = magic === CHUNK_MAGIC || magic === CHUNK_MAGIC_2;
  return isChunk && length >= CHUNK_HEAD_BYTES && length % 8 === 0 ? length : undefined;
}

/** Where a whole chunk lies, or what is wrong with it. */
export function readChunk(chunk: Buffer): ChunkSpan | string {
  const start = chunk.readUInt32LE(CHUNK.magic) === CHUNK_MAGIC ? CHUNK_MAGIC : 0;
  if (chunk.readUInt32LE(CHUNK.crc) !== crc32(chunk.subarray(CHUNK.bytes), start)) return 'does not match its checksum';
  return {
    begin: { sequence: chunk.readDoubleLE(CHUNK.beginSequence), items: chunk.readDoubleLE(CHUNK.beginItems) },
    end: { sequence: chunk.readDoubleLE(CHUNK.endSequence), items: chunk.readDoubleLE(CHUNK.endItems) },
  };
}

/** The items of the chunk that begins at offset `begin` of `memory`. */
export function partsOf(memory: Memory, begin: number): Iterable<ChunkPart> {
  const { u8, u32, f64 } = memory;
  const bytes = u32[(begin + CHUNK.bytes) >> 2];
  if (u32[(begin + CHUNK.magic) >> 2] === CHUNK_MAGIC_2) return recordsOf(memory, begin, begin + bytes);
  if (u32[(begin + CHUNK.items) >> 2] === 0) return [];
  const offset = begin + CHUNK.payload;
  const entries = u32[(begin + CHUNK.entries) >> 2];
  const sequence = f64[(begin + CHUNK.beginSequence) >> 3];
  const index = RunIndex.read(u8, offset + u32[(begin + CHUNK.itemBytes) >> 2], entries, sequence);
  return [
    {
      index,
      first: index.sequenceOf(0) === sequence ? f64[(begin + CHUNK.beginItems) >> 3] : 0,
      last: index.sequenceOf(index.runs - 1) < f64[(begin + CHUNK.endSequence) >> 3],
      offset,
    },
  ];
}

/** How many of the items of a part lie before a position. */
export function itemsBelow({ index, first }: ChunkPart, from: Progress): number {
  if (!isBefore({ sequence: index.sequenceOf(0), items: first }, from)) return 0;
  const { sequence, items } = from;
  const run = index.runFrom(sequence);
  const begin = index.beginOf(run);
  if (run === index.runs || index.sequenceOf(run) > sequence) return begin;
  const before = items - (run === 0 ? first : 0);
  return Math.min(begin + Math.max(0, before), index.beginOf(run + 1));
}

/** Items of a part, read through their codec; each stands on its own. */
export class ItemReader<Item> {
  private readonly memory: Memory;
  private readonly codec: Codec<Item, never>;
  private at: number;
  private index = 0;
  private readonly begin: number;

  constructor(memory: Memory, codec: Codec<Item, never>, offset: number) {
    this.memory = memory;
    this.codec = codec;
    this.begin = offset;
    this.at = offset;
  }

  read(index: number): Item {
    const { codec, memory } = this;
    if (codec.kind === 'fixed') return codec.read(memory, this.begin + index * codec.size);
    if (index < this.index) {
      this.index = 0;
      this.at = this.begin;
    }
    for (; this.index < index; this.index++) this.at += LENGTH_BYTES + pad4(memory.i32[this.at >> 2]);
    return codec.read(memory, this.at + LENGTH_BYTES, memory.i32[this.at >> 2]);
  }
}
