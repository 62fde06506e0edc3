import { crc32 } from 'node:zlib';
import type { Codec, Memory } from '@millrace/codec';
import { isBefore, type Progress } from '../progress.ts';
import { CHUNK, CHUNK_MAGIC, FLAG, pad4, pad8, RECORD } from './chunk-descriptor.ts';

/** Typed views over private memory, for codecs to read from. */
export function privateMemory(byteLength: number): Memory {
  const buffer = new ArrayBuffer(byteLength);
  return {
    i8: new Int8Array(buffer),
    u8: new Uint8Array(buffer),
    i16: new Int16Array(buffer),
    u16: new Uint16Array(buffer),
    i32: new Int32Array(buffer),
    u32: new Uint32Array(buffer),
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
    i64: new BigInt64Array(buffer),
    u64: new BigUint64Array(buffer),
    byteLength,
  };
}

/** Positions between which a chunk lies. */
export interface ChunkSpan {
  readonly begin: Progress;
  readonly end: Progress;
}

/** Length of the chunk that begins at `at`, of which at least `CHUNK.beginSequence` bytes are there; undefined for what is no chunk. */
export function chunkLength(bytes: Buffer, at: number): number | undefined {
  const length = bytes.readUInt32LE(at + CHUNK.bytes);
  return bytes.readUInt32LE(at + CHUNK.magic) === CHUNK_MAGIC && length >= CHUNK.records && length % 8 === 0
    ? length
    : undefined;
}

/** Where a whole chunk lies, or what is wrong with it. */
export function readChunk(chunk: Buffer): ChunkSpan | string {
  if (chunk.readUInt32LE(CHUNK.crc) !== crc32(chunk.subarray(CHUNK.bytes))) return 'does not match its checksum';
  return {
    begin: { sequence: chunk.readDoubleLE(CHUNK.beginSequence), items: chunk.readDoubleLE(CHUNK.beginItems) },
    end: { sequence: chunk.readDoubleLE(CHUNK.endSequence), items: chunk.readDoubleLE(CHUNK.endItems) },
  };
}

/** A record of a chunk, of which `skip` items are not wanted. */
export interface RecordView {
  readonly sequence: number;
  readonly first: number;
  readonly items: number;
  readonly last: boolean;
  /** One item each of as many sequences. */
  readonly each: boolean;
  /** Where item 0 of the record lies in the memory. */
  readonly offset: number;
}

/** Walks the records of the chunk that begins at offset `begin` of `memory`, from position `from` on. */
export function* recordsOf(
  memory: Memory,
  begin: number,
  from: Progress,
): Generator<RecordView & { readonly skip: number }> {
  const end = begin + memory.u32[(begin + CHUNK.bytes) >> 2];
  for (let at = begin + CHUNK.records; at < end; ) {
    const { u32, f64 } = memory;
    const flags = u32[(at + RECORD.flags) >> 2];
    const record = {
      sequence: f64[(at + RECORD.sequence) >> 3],
      first: f64[(at + RECORD.first) >> 3],
      items: u32[(at + RECORD.items) >> 2],
      last: (flags & FLAG.last) !== 0,
      each: (flags & FLAG.each) !== 0,
      offset: at + RECORD.payload,
    };
    at = pad8(at + RECORD.payload + u32[(at + RECORD.bytes) >> 2]);
    const skip = itemsBelow(record, from);
    if (skip < record.items) yield { ...record, skip };
  }
}

function itemsBelow(record: RecordView, from: Progress): number {
  const { sequence, first, items, each } = record;
  if (!isBefore({ sequence, items: first }, from)) return 0;
  if (each) return Math.min(items, from.sequence - sequence + (from.items > 0 ? 1 : 0));
  return from.sequence > sequence ? items : Math.min(items, from.items - first);
}

/** Items of a record, read through their codec; each stands on its own. */
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
    for (; this.index < index; this.index++) this.at += 4 + pad4(memory.i32[this.at >> 2]);
    return codec.read(memory, this.at + 4, memory.i32[this.at >> 2]);
  }
}
