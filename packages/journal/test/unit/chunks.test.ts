import { bytes as bytesCodec, type Codec, f64, privateMemory, u16 } from '@millrace/codec';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchRest } from '../../src/format/batch-rest.ts';
import { CHUNK, CHUNK_TARGET_BYTES } from '../../src/format/chunk-descriptor.ts';
import { chunkLength, ItemReader, itemsBelow, partsOf, readChunk } from '../../src/format/chunk-reader.ts';
import { CHUNK_MAGIC_2 } from '../../src/format/chunk-version-2.ts';
import { ChunkWriter } from '../../src/format/chunk-writer.ts';
import { IndexWriter } from '../../src/format/index-writer.ts';
import { RunIndex } from '../../src/format/run-index.ts';
import { isBefore, type Progress, START } from '../../src/progress.ts';
import { blockOf, type Run } from '../fixtures/flow.mjs';

type AnyCodec = Codec<unknown, never>;

interface Written {
  readonly sequence: number;
  readonly index: number;
  readonly value: unknown;
}

/** A sequence: how many without items are in front of it, its items, and into how many each of its runs is cut. */
interface Shape {
  readonly gap: number;
  readonly items: number;
  readonly cut: number;
}

const shapes = fc.array(
  fc.record({
    gap: fc.oneof(fc.constant(0), fc.nat(2), fc.nat(1_000_000)),
    items: fc.oneof(fc.constant(1), fc.nat(5), fc.nat(3000)),
    cut: fc.integer({ min: 1, max: 900 }),
  }),
  { maxLength: 40 },
);

function runsOf(given: readonly Shape[], valueOf: (n: number) => unknown): { runs: Run[]; end: number } {
  const runs: Run[] = [];
  let sequence = 0;
  for (const { gap, items, cut } of given) {
    sequence += gap;
    for (let first = 0; first < items; first += cut) {
      const values = Array.from({ length: Math.min(cut, items - first) }, (_, i) => valueOf(sequence * 7 + first + i));
      runs.push({ sequence, first, items: values as never, last: first + values.length === items });
    }
    sequence++;
  }
  return { runs, end: sequence };
}

const writtenOf = (runs: readonly Run[]): Written[] =>
  runs.flatMap(({ sequence, first, items }) => items.map((value, i) => ({ sequence, index: first + i, value })));

/** Writes runs, so many in a batch, into regions of so many bytes. Returns the chunks of all regions. */
function write(
  codec: AnyCodec,
  runs: readonly Run[],
  end: number,
  perBatch: number,
  regionBytes = 1024 * 1024,
): Buffer {
  const memory = privateMemory(regionBytes + 16);
  const chunks = new ChunkWriter(memory);
  const rest = new BatchRest(codec.kind === 'fixed' ? codec.size : 0);
  const images: Uint8Array[] = [];
  const send = (position: Progress): void => {
    images.push(memory.u8.slice(8, 8 + chunks.finish(position)));
    chunks.reset(8, regionBytes + 8, position);
  };
  chunks.reset(8, regionBytes + 8, START);
  for (let from = 0; from < runs.length; from += perBatch) {
    const some = runs.slice(from, from + perBatch);
    rest.begin(blockOf(codec as never, some, some.length >> 1) as never);
    while (!chunks.append(rest)) {
      expect(chunks.isEmpty()).toBe(false);
      send(chunks.position);
    }
  }
  send({ sequence: end, items: 0 });
  return Buffer.concat(images);
}

function read(codec: AnyCodec, image: Buffer, from: Progress): Written[] {
  const items: Written[] = [];
  const memory = privateMemory(image.length);
  memory.u8.set(image);
  let reached = START;
  for (let at = 0; at < image.length; ) {
    const length = chunkLength(image, at)!;
    const span = readChunk(image.subarray(at, at + length));
    expect(span).toMatchObject({ begin: reached });
    reached = (span as { end: Progress }).end;
    for (const part of partsOf(memory, at)) {
      const { index, first, offset } = part;
      const reader = new ItemReader(memory, codec, offset);
      for (let i = itemsBelow(part, from); i < index.items; i++) {
        const run = index.runOf(i);
        const before = i - index.beginOf(run) + (run === 0 ? first : 0);
        items.push({ sequence: index.sequenceOf(run), index: before, value: reader.read(i) });
      }
      expect(part.last).toBe(index.sequenceOf(index.runs - 1) < reached.sequence);
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
    const perBatches = fc.constantFrom(1, 7, 1000);
    fc.assert(
      fc.property(shapes, perBatches, fc.nat(80), fc.nat(3000), (given, perBatch, sequence, items) => {
        const { runs, end } = runsOf(given, valueOf);
        const written = writtenOf(runs);
        // The smaller one is full again and again.
        for (const regionBytes of [1024 * 1024, 16 * 1024]) {
          const image = write(codec as never, runs, end, perBatch, regionBytes);
          expect(read(codec as never, image, START)).toEqual(written);
          const from = { sequence, items };
          const wanted = written.filter((one) => !isBefore({ sequence: one.sequence, items: one.index }, from));
          expect(read(codec as never, image, from)).toEqual(wanted);
        }
      }),
      { numRuns: 20 },
    );
  });
});

const alike = (count: number, shape: Omit<Shape, 'cut'>): Shape[] =>
  Array.from({ length: count }, () => ({ ...shape, cut: 4_096 }));

it.each([
  ['one an event', alike(1_000, { gap: 0, items: 1 })],
  ['eight an event', alike(125, { gap: 0, items: 8 })],
  ['one in ten events', alike(1_000, { gap: 9, items: 1 })],
  ['of one sequence', alike(1, { gap: 0, items: 1_000 })],
])('a thousand items, %s, take no bytes but their own', (_, given) => {
  const { runs, end } = runsOf(given, (n) => n);
  for (const perBatch of [1, 64, 1_000]) {
    const { length } = write(f64 as never, runs, end, perBatch);
    expect(length).toBe(CHUNK.payload + 1_000 * 8 + 8);
  }
});

it('a chunk is closed when it is large, and a large segment has one of its own', () => {
  const lengthsOf = (items: number, count: number, perBatch: number): number[] => {
    const { runs, end } = runsOf(alike(count, { gap: 0, items }), (n) => n);
    const image = write(f64 as never, runs, end, perBatch);
    const lengths: number[] = [];
    for (let at = 0; at < image.length; at += lengths.at(-1)!) lengths.push(chunkLength(image, at)!);
    return lengths;
  };
  expect(lengthsOf(512, 33, 1)).toHaveLength(3);
  for (const length of lengthsOf(512, 33, 1)) expect(length).toBeLessThanOrEqual(CHUNK_TARGET_BYTES + 512);
  expect(lengthsOf(512, 33, 33)).toHaveLength(2);
});

it('an index gives back runs of any sequences and sizes', () => {
  const number = fc.oneof(fc.nat(3), fc.nat(200), fc.nat(2 ** 31 - 1));
  const gap = fc.oneof(
    fc.nat(3),
    fc.nat(200),
    fc.maxSafeNat().map((n) => n / 1_000),
  );
  fc.assert(
    fc.property(fc.nat(1_000), fc.array(fc.tuple(gap, number), { minLength: 1, maxLength: 60 }), (begin, given) => {
      const writer = new IndexWriter();
      writer.begin(begin);
      const runs: { sequence: number; begin: number; items: number }[] = [];
      let sequence = begin - 1;
      let item = 0;
      for (const [skipped, more] of given) {
        sequence += 1 + Math.floor(skipped);
        runs.push({ sequence, begin: item, items: more + 1 });
        // In two pieces at times.
        if (more > 1) writer.add(sequence, 1);
        writer.add(sequence, more > 1 ? more : more + 1);
        item += more + 1;
      }
      writer.finish();
      const index = RunIndex.read(writer.bytes, 0, writer.entries, begin);
      expect([index.runs, index.items]).toEqual([runs.length, item]);
      for (const [run, one] of runs.entries()) {
        expect([index.sequenceOf(run), index.beginOf(run)]).toEqual([one.sequence, one.begin]);
        expect([index.runOf(one.begin), index.runOf(one.begin + one.items - 1)]).toEqual([run, run]);
        expect([index.runFrom(one.sequence), index.runFrom(one.sequence + 0.5)]).toEqual([run, run + 1]);
      }
    }),
  );
});

it('a chunk that is damaged anywhere is known', () => {
  const { runs, end } = runsOf(alike(4, { gap: 1, items: 5 }), (n) => n);
  const image = write(f64 as never, runs, end, 1);
  const isWhole = (chunk: Buffer): boolean =>
    chunkLength(chunk, 0) === chunk.length && typeof readChunk(chunk) !== 'string';
  expect(isWhole(image)).toBe(true);
  expect(readChunk(image)).toEqual({ begin: START, end: { sequence: 8, items: 0 } });
  for (let at = 0; at < image.length; at++) {
    const damaged = Buffer.from(image);
    damaged[at] ^= 0x10;
    expect(isWhole(damaged)).toBe(false);
  }
  const older = Buffer.from(image);
  older.writeUInt32LE(CHUNK_MAGIC_2, CHUNK.magic);
  expect(isWhole(older)).toBe(false);
});
