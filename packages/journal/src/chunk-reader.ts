import { crc32 } from 'node:zlib';
import type { Codec, Memory } from '@millrace/codec';
import { CHUNK, CHUNK_MAGIC, FLAG, pad4, pad8, RECORD } from './chunk-descriptor.ts';
import { isBefore, type Progress } from './progress.ts';

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

/** What is wrong with a chunk; undefined when it is whole. */
export function chunkFault(value: Buffer): string | undefined {
  if (value.length < CHUNK.records) return `is ${value.length} bytes long`;
  if (value.readUInt32LE(CHUNK.magic) !== CHUNK_MAGIC) return 'is not a chunk';
  const bytes = value.readUInt32LE(CHUNK.bytes);
  if (bytes !== value.length) return `has ${value.length} of its ${bytes} bytes`;
  return value.readUInt32LE(CHUNK.crc) === crc32(value.subarray(CHUNK.bytes))
    ? undefined
    : 'does not match its checksum';
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

/** Walks the records of a chunk that lies at the start of `memory`, from position `from` on. */
export function* recordsOf(memory: Memory, from: Progress): Generator<RecordView & { readonly skip: number }> {
  const end = memory.u32[CHUNK.bytes >> 2];
  for (let at: number = CHUNK.records; at < end; ) {
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
