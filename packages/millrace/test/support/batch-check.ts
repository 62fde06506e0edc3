/** Batches, looked at in every way that a writer has. */
import type { Codec } from '@millrace/codec';
import { Memory } from 'native-free-rings';
import { expect } from 'vitest';
import type { Batch, BatchRuns, Segment } from '../../src/writer/batch.ts';

/** Of an item: its sequence, and its index in that sequence's output. */
export type ItemPlace = [sequence: number, index: number];

/** The places of a batch's items, by its runs. Throws where they are not one behind the other. */
export function placesOf(batch: BatchRuns & { readonly length: number }): ItemPlace[] {
  const places: ItemPlace[] = [];
  for (let run = 0; run < batch.runs; run++) {
    if (batch.runBegin(run) !== places.length) throw new Error(`run ${run} begins at item ${batch.runBegin(run)}`);
    const [sequence, first, begin] = [batch.runSequence(run), batch.runFirst(run), batch.runBegin(run)];
    for (let i = begin; i < batch.runEnd(run); i++) places.push([sequence, first + i - begin]);
  }
  if (places.length !== batch.length) throw new Error(`${places.length} items in runs, of ${batch.length}`);
  return places;
}

/** The items of each segment, as a loop over its typed array reads them; undefined where the codec has none. */
function arrayItems(batch: Batch<unknown>): unknown[] | undefined {
  const segments = batch.segments as readonly (Segment & { readonly items?: ArrayLike<unknown> })[];
  if (segments[0]!.items === undefined) return undefined;
  return segments.flatMap(({ items, begin, end }) =>
    Array.from({ length: end - begin }, (_, i): unknown => items![begin + i]),
  );
}

/** The items of a segment's bytes. */
export function bytesItems(segment: Segment, codec: Codec<unknown, never>, copy: boolean): unknown[] {
  const bytes = segment.bytes({ copy });
  expect(bytes.buffer instanceof SharedArrayBuffer).toBe(!copy);
  const memory = memoryOf(bytes);
  const items: unknown[] = [];
  if (codec.kind === 'fixed') {
    for (let at = 0; at < bytes.length; at += codec.size) items.push(codec.read(memory, at));
    return items;
  }
  for (let at = 0; at < bytes.length; ) {
    const length = memory.i32[at >> 2]!;
    items.push(codec.read(memory, at + 4, length));
    at += 4 + ((length + 3) & ~3);
  }
  return items;
}

function memoryOf(bytes: Uint8Array): Memory {
  const size = Math.max(8, Math.ceil(bytes.length / 8) * 8);
  const memory = new Memory(new SharedArrayBuffer(size), 0, size);
  memory.u8.set(bytes);
  return memory;
}

/** Checks that all ways to read a batch give these items, which have these places. */
export function expectBatch(
  batch: Batch<unknown>,
  codec: Codec<unknown, never>,
  items: readonly unknown[],
  places: readonly ItemPlace[],
): void {
  expect(batch.length).toBe(items.length);
  expect(batch.toArray()).toEqual(items);
  expect([...batch]).toEqual(items);
  const plain = (item: unknown): unknown => JSON.parse(JSON.stringify(item, showBig));
  expect(Array.from(batch.views(), plain)).toEqual(items.map(plain));
  // In any order.
  for (let i = 0; i < items.length; i++) {
    const at = (i * 7919) % items.length;
    expect(plain(batch.at(at))).toEqual(plain(items[at]));
  }
  for (const index of [-1, items.length, 0.5, Number.NaN]) {
    for (const read of ['at', 'bytesAt', 'sequenceAt'] as const) {
      expect(() => batch[read](index)).toThrow(
        `item ${index} of a batch of ${items.length}: give an index from 0 to ${items.length - 1}`,
      );
    }
  }
  expectPlaces(batch, places);
  expectSegments(batch, codec, items);
}

function expectPlaces(batch: Batch<unknown>, places: readonly ItemPlace[]): void {
  expect(placesOf(batch)).toEqual(places);
  expect([batch.sequence, batch.first]).toEqual(places[0]);
  expect(places.map((_, i) => batch.sequenceAt(i))).toEqual(places.map(([sequence]) => sequence));
  const back = places.map((_, i) => places.length - 1 - i);
  expect(back.map((i) => batch.sequenceAt(i))).toEqual(back.map((i) => places[i]![0]));
  const { runs } = batch;
  for (let run = 0; run + 1 < runs; run++) {
    expect(batch.runEnd(run)).toBe(batch.runBegin(run + 1));
    expect(batch.runEnds(run)).toBe(batch.runSequence(run) !== batch.runSequence(run + 1));
  }
  expect(batch.runEnds(runs - 1)).toBe(batch.last);
  for (const run of [-1, runs, 0.5, Number.NaN]) {
    for (const what of ['runSequence', 'runBegin', 'runEnd', 'runFirst', 'runEnds'] as const) {
      expect(() => batch[what](run)).toThrow(`run ${run} of the runs of a batch of ${runs}`);
    }
  }
}

function expectSegments(batch: Batch<unknown>, codec: Codec<unknown, never>, items: readonly unknown[]): void {
  const { segments } = batch;
  const inArrays = arrayItems(batch);
  if (inArrays !== undefined) expect(inArrays).toEqual(items);
  for (const copy of [false, true]) {
    expect(segments.flatMap((segment) => bytesItems(segment, codec, copy))).toEqual(items);
  }
  expect(segments.reduce((sum, segment) => sum + segment.bytes().length, 0)).toBe(batch.bytes);
  let item = 0;
  let run = 0;
  for (const segment of segments) {
    expect([segment.firstItem, segment.firstRun]).toEqual([item, run]);
    expect(batch.runBegin(run)).toBe(item);
    item += segment.end - segment.begin;
    run += segment.runs;
  }
  expect([item, run]).toEqual([batch.length, batch.runs]);
  const bytesAt = items.map((_, i) => batch.bytesAt(i));
  for (const [i, bytes] of bytesAt.entries()) {
    const memory = memoryOf(bytes);
    const read = codec.kind === 'fixed' ? codec.read(memory, 0) : codec.read(memory, 0, bytes.length);
    expect(read).toEqual(items[i]);
    if (codec.kind === 'fixed') expect(bytes.length).toBe(codec.size);
  }
}

/** Big integers as JSON. */
const showBig = (_key: string, given: unknown): unknown => (typeof given === 'bigint' ? `${given}n` : given);
