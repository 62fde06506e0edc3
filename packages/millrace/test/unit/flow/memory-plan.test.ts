import { bytes, i32, sequences } from 'millrace';
import { describe, expect, test } from 'vitest';
import { planMemory } from '../../../src/flow/memory-plan.ts';
import { compileOptions } from '../../../src/flow/options.ts';
import { toRing } from '../../../src/flow/to-ring.ts';

const planOf = (output: typeof i32 | ReturnType<typeof bytes>, options: Parameters<typeof toRing>[0]) => {
  const given = { pipeline: { source: sequences(5) }, module: 'file:///none.js', process: { threads: 1 } };
  const compiled = compileOptions({ ...given, destination: toRing(options), write: undefined });
  return planMemory(compiled, { input: undefined, output: output.schema, writerInput: undefined });
};

describe('what has to be free of a destination ring', () => {
  test('is the next item, where nothing is said', () => {
    expect(planOf(i32, {}).readyAt).toBeUndefined();
    expect(planOf(i32, { readyAt: 1 }).readyAt).toBeUndefined();
  });

  test('is a number of items', () => {
    expect(planOf(i32, { capacity: 100, readyAt: 128 }).readyAt).toEqual({ records: 128, bytes: 0 });
    expect(planOf(bytes(), { capacity: 100, readyAt: 2 }).readyAt).toEqual({ records: 2, bytes: 0 });
  });

  test('is a part of the items, and of the bytes where they vary in length, as both are rounded up', () => {
    expect(planOf(i32, { capacity: 100, readyAt: 0.25 }).readyAt).toEqual({ records: 32, bytes: 0 });
    expect(planOf(i32, { capacity: 2, readyAt: 0.001 }).readyAt).toEqual({ records: 1, bytes: 0 });
    const plan = planOf(bytes(), { capacity: 100, dataBytes: 1_000, readyAt: 0.999 });
    expect(plan.readyAt).toEqual({ records: 128, bytes: 1_023 });
  });
});
