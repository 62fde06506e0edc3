import { bytes as bytesCodec, type Codec, f64, u16 } from '@millrace/codec';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK, RECORD } from '../../src/format/chunk-descriptor.ts';
import { chunkLength, ItemReader, privateMemory, readChunk, recordsOf } from '../../src/format/chunk-reader.ts';
import { ChunkWriter } from '../../src/format/chunk-writer.ts';
import { isBefore, type Progress, START } from '../../src/progress.ts';
import { batchOf } from '../fixtures/flow.mjs';

const REGION = 1024 * 1024;

/** Lengths of the outputs of some sequences, and how each is cut into batches. */
const outputs = fc.array(
  fc.record({
    gap: fc.nat(2),
    items: fc.oneof(fc.constant(1), fc.nat(5), fc.nat(3000)),
    cut: fc.integer({ min: 1, max: 900 }),
  }),
  { maxLength: 40 },
);

interface Written {
  readonly sequence: number;
  readonly index: number;
  readonly value: unknown;
}

function write(
  codec: Codec<unknown, never>,
  shapes: readonly { gap: number; items: number; cut: number }[],
  valueOf: (n: number) => unknown,
) {
  const memory = privateMemory(REGION + 16);
  const chunks = new ChunkWriter(memory, codec.kind === 'variable');
  chunks.reset(8, REGION + 8, START);
  const written: Written[] = [];
  let sequence = 0;
  for (const { gap, items, cut } of shapes) {
    sequence += gap;
    for (let first = 0; first < items; first += cut) {
      const length = Math.min(cut, items - first);
      const values = Array.from({ length }, (_, i) => valueOf(sequence * 7 + first + i));
      const last = first + length === items;
      const { segments, bytes } = batchOf(codec as never, sequence, first, values as never, last);
      const source = segments[0].bytes();
      expect(chunks.append({ sequence, first, length, last, source, offset: 0, bytes })).toBe(true);
      for (const [i, value] of values.entries()) written.push({ sequence, index: first + i, value });
    }
    sequence++;
  }
  const used = chunks.finish({ sequence, items: 0 });
  return { written, image: Buffer.from(memory.u8.slice(8, 8 + used)) };
}

function read(codec: Codec<unknown, never>, image: Buffer, from: Progress): Written[] {
  const items: Written[] = [];
  const memory = privateMemory(image.length);
  memory.u8.set(image);
  for (let at = 0; at < image.length; ) {
    const length = image.readUInt32LE(at + CHUNK.bytes);
    for (const record of recordsOf(memory, at, from)) {
      const reader = new ItemReader(memory, codec, record.offset);
      for (let i = record.skip; i < record.items; i++) {
        const [sequence, index] = record.each ? [record.sequence + i, 0] : [record.sequence, record.first + i];
        items.push({ sequence, index, value: reader.read(i) });
      }
    }
    at += length;
  }
  return items;
}

describe.each([
  ['u16', u16, (n: number) => n & 0xffff],
  ['f64', f64, (n: number) => n / 3],
  ['bytes', bytesCodec(), (n: number) => Uint8Array.from({ length: n % 9 }, (_, i) => n + i)],
] as const)('chunks of %s', (_, codec, valueOf) => {
  it('give back every item, from every position', () => {
    fc.assert(
      fc.property(outputs, fc.nat(80), fc.nat(3000), (shapes, sequence, items) => {
        const { written, image } = write(codec as never, shapes, valueOf);
        expect(read(codec as never, image, { sequence: 0, items: 0 })).toEqual(written);
        const from = { sequence, items };
        const wanted = written.filter((one) => !isBefore({ sequence: one.sequence, items: one.index }, from));
        expect(read(codec as never, image, from)).toEqual(wanted);
      }),
      { numRuns: 40 },
    );
  });
});

it('items of one each take no header', () => {
  const shapes = Array.from({ length: 1000 }, () => ({ gap: 0, items: 1, cut: 1 }));
  expect(write(f64 as never, shapes, (n) => n).image.length).toBe(1000 * 8 + CHUNK.records + RECORD.payload);
});

it('a chunk that is damaged anywhere is known', () => {
  const { image } = write(f64 as never, [{ gap: 0, items: 20, cut: 7 }], (n) => n);
  const isWhole = (chunk: Buffer): boolean =>
    chunkLength(chunk, 0) === chunk.length && typeof readChunk(chunk) !== 'string';
  expect(isWhole(image)).toBe(true);
  expect(readChunk(image)).toEqual({ begin: START, end: { sequence: 1, items: 0 } });
  for (let at = 0; at < image.length; at++) {
    const damaged = Buffer.from(image);
    damaged[at] ^= 0x10;
    expect(isWhole(damaged)).toBe(false);
  }
});
