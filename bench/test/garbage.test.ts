import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { HeapWatch, openWatches, readWatches } from '../dist/garbage/heap-watch.js';
import { expectedSum } from '../dist/garbage/setting.js';
import { collectionsOf, mayBeBetween } from '../dist/garbage/trace.js';

describe('a watch of the heap', () => {
  const ARRAYS = 2_000;
  const WORDS = 100;

  it('tells the bytes allocated between two positions, collected or not', () => {
    const table = openWatches();
    const watch = new HeapWatch(table, 'reader', 10, 10 + ARRAYS);
    const kept: number[][] = [];
    for (let position = 0; position < 20 + ARRAYS; position++) {
      watch.at(position);
      kept[position & 7] = new Array<number>(WORDS).fill(position);
    }
    const [use, ...more] = readWatches(table);
    expect(more).toEqual([]);
    expect(use!.role).toBe('reader');
    // An element takes a word of 8 bytes, or 4 where pointers are compressed.
    expect(use!.bytes).toBeGreaterThan(ARRAYS * WORDS * 4);
    expect(use!.bytes).toBeLessThan(ARRAYS * WORDS * 8 * 2);
    expect(use!.endedMs).toBeGreaterThan(use!.beganMs);
  });

  it('says nothing when its end never came', () => {
    const table = openWatches();
    const watch = new HeapWatch(table, 'writer', 0, 100);
    watch.at(0);
    watch.at(99);
    expect(readWatches(table)).toEqual([]);
  });
});

describe('the trace of collections', () => {
  const OUTPUT = [
    'something else',
    '[77:0x7f01]      31 ms: Scavenge 3.3 (4.5) -> 2.9 (5.2) MB, 0.66 / 0.00 ms  (average mu = 1.000) allocation failure;',
    '[77:0x7f02:1]      500 ms: Mark-Compact 9.3 (14.5) -> 2.9 (15.2) MB, 0.66 / 0.00 ms',
  ].join('\n');

  it('is read line by line', () => {
    expect(collectionsOf(OUTPUT)).toEqual([
      { isolate: '0x7f01', atMs: 31, kind: 'Scavenge' },
      { isolate: '0x7f02', atMs: 500, kind: 'Mark-Compact' },
    ]);
  });

  it('counts what may have been in between, whenever its thread began', () => {
    const all = collectionsOf(OUTPUT);
    expect(mayBeBetween(all, 400, 600, 50)).toHaveLength(1);
    expect(mayBeBetween(all, 540, 600, 50)).toHaveLength(1);
    expect(mayBeBetween(all, 560, 600, 50)).toHaveLength(0);
    expect(mayBeBetween(all, 0, 600, 50)).toHaveLength(2);
  });

  it('is what this Node prints', () => {
    const script = 'let a; for (let i = 0; i < 3e6; i++) a = [i]; console.log(a.length);';
    const output = execFileSync(process.execPath, ['--trace-gc', '--eval', script], { encoding: 'utf8' });
    expect(collectionsOf(output).length).toBeGreaterThan(0);
  });
});

it.each(['ring', 'module', 'flyweight-module'])(
  'a flow of structs into a %s delivers all, and its threads tell what they allocated',
  (kind) => {
    const child = fileURLToPath(new URL('../dist/garbage/garbage-child.js', import.meta.url));
    const output = execFileSync(process.execPath, [child, kind, '500', '5000', '20000'], { encoding: 'utf8' });
    const { threads } = JSON.parse(output) as { threads: { role: string; bytes: number }[] };
    const roles = threads.map((one) => one.role);
    expect(roles).toContain('producer');
    expect(roles).toContain('processor');
    expect(roles).toContain(kind === 'ring' ? 'reader' : 'writer');
  },
);

it('the sum that a run has to answer wraps as the threads wrap it', () => {
  expect(expectedSum(5)).toBe(10);
});
